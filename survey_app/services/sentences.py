"""Sentences on a round's results with the names that people know: places, groups, other readings of the rules."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from survey_app.models import Round
from survey_app.services.fieldwork import psu_names
from survey_app.services.rounds import township_names

if TYPE_CHECKING:
    from analysis import Quality, Sensitivity
    from analysis.labels import Label

PlaceWords = Callable[[str, str, str], "Label"]


def group_words(round_: Round) -> dict[str, Label]:
    """Return the groups of the round's design by code, in both languages."""
    from analysis.labels import Label

    return {group["group"]: Label(group["label"]["zh"], group["label"]["en"]) for group in round_.design["groups"]}


def place_words(session: Session, round_: Round) -> PlaceWords:
    """Return what names a place of the sample: township, group and PSU, or joined PSUs."""
    from analysis.labels import Label

    townships = township_names(session, round_.county_id)
    groups, psus = group_words(round_), psu_names(session, round_.id)

    def words(township: str, group: str, psu: str) -> Label:
        first, kind = townships.get(township, township), groups.get(group, Label(group, group))
        parts = [psus.get(part) or part for part in psu.split("+") if part]
        return Label(
            first + kind.zh + (f"（{'、'.join(parts)}）" if parts else ""),
            f"{first}, {kind.en.lower()}" + (f" ({', '.join(parts)})" if parts else ""),
        )

    return words


def flagged(table: Any) -> list[dict[str, Any]]:
    """Return the rows of a table of signals that are flagged."""
    rows: list[dict[str, Any]] = table[table["flagged"].fillna(False).astype(bool)].to_dict("records")
    return rows


def flag_sentences(quality: Quality, places: PlaceWords) -> list[tuple[dict[str, Any], Label]]:
    """Return each flag's figures with its sentence, places before investigators."""
    from analysis.labels import Label
    from analysis.quality_words import flag_sentence

    drawn = quality.simulated.replicates
    found = [
        (row, flag_sentence(places(row["township_code"], row["group"], row["psu_code"]), row, drawn))
        for row in flagged(quality.psus)
    ]
    for row in flagged(quality.investigators):
        name = row["investigator"]
        found.append((row, flag_sentence(Label(f"调查员{name}", f"Investigator {name}"), row, drawn)))
    return found


def icc_sentences(quality: Quality, groups: Mapping[str, Label]) -> list[Label]:
    """Return what is said of the answers' likeness within villages and within investigators, by group."""
    from analysis.labels import Label
    from analysis.quality_words import icc_sentence

    found = []
    rows: list[dict[str, Any]] = quality.icc.to_dict("records")  # type: ignore[assignment]
    for row in rows:
        found.append(icc_sentence(row, groups.get(row["group"], Label(row["group"], row["group"]))))
    return found


def quality_sentences(quality: Quality, places: PlaceWords, groups: Mapping[str, Label]) -> tuple[Label, ...]:
    """Return what the report says of the fieldwork's quality."""
    from analysis.labels import Label

    flags = [sentence for _row, sentence in flag_sentences(quality, places)]
    if not flags:
        flags = [
            Label(
                "逐处检查未发现超出阈值的情况。",
                "Looked at place by place, nothing went beyond its threshold.",
            )
        ]
    notes = [Label(note.zh, note.en) for note in quality.notes]
    return (*flags, *icc_sentences(quality, groups), *notes)


def sensitivity_sentences(found: Sensitivity) -> tuple[Label, ...]:
    """Return what the report says of other rules: each reading and weight that moves a rank, the items as one."""
    from analysis.labels import Label

    told = [each.sentence for each in found.scenarios if each.kind != "item" and (each.changed or not each.possible)]
    still = sum(each.kind != "item" and each.possible and not each.changed for each in found.scenarios)
    if still:
        told.append(
            Label(
                f"另有 {still} 种读法或权重变动不改变任何位次。",
                f"{still} other readings and changes of weight move no rank.",
            )
        )
    items = [each for each in found.scenarios if each.kind == "item"]
    if items:
        moving = sum(bool(each.changed) for each in items)
        first = sum(bool(each.entering or each.leaving) for each in items)
        most = max(each.largest for each in items)
        told.append(
            Label(
                f"逐一剔除 {len(items)} 道题：{moving} 道会使位次变动，最多变动 {most} 位；{first} 道会改变前 {found.top} 名。",
                f"Of {len(items)} items left out one at a time {moving} would move ranks, by at most {most}; {first} would change "
                f"the first {found.top}.",
            )
        )
    return tuple(told)


def in_language(labels: Iterable[Label], language: str) -> list[str]:
    """Return the sentences in one language."""
    return [label.en if language == "en" else label.zh for label in labels]
