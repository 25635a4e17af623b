"""What people said, how sure the ranks are and on what they hang, and how the fieldwork went."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from survey_app.access import for_roles, get_shell, me
from survey_app.languages import page_language
from survey_app.languages import translate as _
from survey_app.models.people import ROLE_OFFICE
from survey_app.models.rounds import STATE_CLOSED
from survey_app.office import blueprint
from survey_app.office.drawn import drawn, number, percent, result_pages, whole
from survey_app.office.framing import group_labels
from survey_app.office.results import sure_sentences, township_rows
from survey_app.office.steps import round_view, steps
from survey_app.services import assignments, rounds, sentences
from survey_app.services import results as service
from survey_app.services.small_groups import small_groups, without_small_groups

if TYPE_CHECKING:
    from analysis import PlaceNames, Quality, Scores, Sensitivity
    from analysis.itemlists import ItemList

ANSWERS = ("satisfied", "basic", "unsatisfied", "unknown")
KINDS = ("reading", "group_weight", "item")


@blueprint.get("/rounds/<int:round_id>/results/opinions")
@for_roles(ROLE_OFFICE)
def opinions(round_id: int) -> ResponseReturnValue:
    """Show the county's answers item by item, and the dimensions by township."""
    from analysis.charts import dimension_chart, item_chart

    shell, language = get_shell(), page_language()
    with shell.database.reading() as session:
        round_ = rounds.get_round(session, me().county_id, round_id)
        rounds.require_state(round_, STATE_CLOSED, **service.ACT)
        view, row, labels = round_view(round_), steps(round_), group_labels(round_)
        forms = service.item_texts(session, round_id)
    found = service.round_results(shell, me().actor, round_id)
    scores, lists = without_small_groups(found.scores), found.responses.item_lists
    return render_template(
        "office/opinions.html",
        round=view,
        steps=row,
        pages=result_pages(round_id, "opinions"),
        left_out=len(small_groups(found.scores)),
        dimension_chart=drawn(dimension_chart(scores, lists, language=language)),
        dimensions=dimension_table(scores, lists),
        groups=[
            {
                "code": code,
                "label": label,
                "chart": drawn(item_chart(scores, code, lists, language=language), code),
                "items": item_shares(scores, code, forms[code]),
            }
            for code, label in labels
        ],
    )


@blueprint.get("/rounds/<int:round_id>/results/sureness")
@for_roles(ROLE_OFFICE)
def sureness(round_id: int) -> ResponseReturnValue:
    """Show which ranks are firm, and which would be others under other readings, items and weights."""
    from analysis import sensitivity_sentences
    from analysis.charts import pair_chart

    shell = get_shell()
    with shell.database.reading() as session:
        round_ = rounds.get_round(session, me().county_id, round_id)
        rounds.require_state(round_, STATE_CLOSED, **service.ACT)
        view, row = round_view(round_), steps(round_)
        names = rounds.township_names(session, round_.county_id)
    found = service.round_results(shell, me().actor, round_id)
    townships = township_rows(round_id, found.scores, {})
    spans, neighbours, sensitivity = found.rank_spans(), found.neighbours(), found.sensitivity()
    for township in townships:
        township["spans"] = [spans.get((township["code"], kind)) for kind in KINDS]
    return render_template(
        "office/sureness.html",
        round=view,
        steps=row,
        pages=result_pages(round_id, "sureness"),
        townships=townships,
        sure=sure_sentences(townships, neighbours),
        neighbours=neighbours,
        pair_chart=drawn(pair_chart(found.scores, language=page_language())),
        likes=found.likes(),
        kinds=[
            (title, scenario_rows(sensitivity, kind, names))
            for kind, title in zip(KINDS, (_("换一种读法"), _("某一类的权重增减一成"), _("剔除一道题")), strict=True)
        ],
        told=sentences.in_language(sensitivity_sentences(sensitivity), page_language()),
    )


@blueprint.get("/rounds/<int:round_id>/results/quality")
@for_roles(ROLE_OFFICE)
def quality(round_id: int) -> ResponseReturnValue:
    """Show the signals of the fieldwork by place and by investigator, never those of a person."""
    from analysis.quality_words import flags_in_words, likeness_in_words

    shell, language = get_shell(), page_language()
    with shell.database.reading() as session:
        round_ = rounds.get_round(session, me().county_id, round_id)
        rounds.require_state(round_, STATE_CLOSED, **service.ACT)
        view, row = round_view(round_), steps(round_)
        names = sentences.place_names(session, round_)
        theirs = assignments.wholly_theirs(session, round_)
    found = service.round_results(shell, me().actor, round_id).quality(theirs)
    signals = signal_rows(found)
    return render_template(
        "office/quality.html",
        round=view,
        steps=row,
        pages=result_pages(round_id, "quality"),
        signals=signals,
        flags=[
            figures(record) | {"sentence": sentence.en if language == "en" else sentence.zh}
            for record, sentence in flags_in_words(found, names)
        ],
        expected=sum(signal["expected"] for signal in signals),
        most=percent(found.false_alarms),
        investigators=investigator_rows(found),
        likeness=sentences.in_language(likeness_in_words(found, names), language),
        places=place_rows(found, names),
        notes=[note.en if language == "en" else note.zh for note in found.notes],
        drawn_with=found.simulated,
        progress_href=url_for("office.progress", round_id=round_id),
    )


def item_shares(scores: Scores, group: str, form: Any) -> list[dict[str, Any]]:
    """Return the shares of the answers to each item over all townships, in the order of the questionnaire."""
    items = scores.items[scores.items["group"] == group]
    counts = items.groupby("item", sort=False)[[*ANSWERS, "skipped"]].sum()
    rows = []
    for item in form.items:
        if item.id not in counts.index:
            continue
        own = {answer: int(counts.loc[item.id, answer]) for answer in (*ANSWERS, "skipped")}
        told = sum(own[answer] for answer in ANSWERS)
        rows.append(
            {"id": item.id, "text": item.text.en if page_language() == "en" else item.text.zh, "told": told}
            | {answer: percent(own[answer] / told, 1) if told else "–" for answer in ANSWERS}
            | {"skipped": own["skipped"]}
        )
    return rows


def dimension_table(scored: Scores, lists: Mapping[str, ItemList]) -> dict[str, Any]:
    """Return the dimensions' scores by township, townships by rank."""
    from analysis.charts import dimension_scores

    scores = dimension_scores(scored, lists)
    labels = {label.zh: label for each in lists.values() for label in each.dimensions.values()}
    townships = scored.townships.sort_values(["rank", "township_code"], kind="stable").to_dict("records")
    return {
        "heads": [label.en if page_language() == "en" else label.zh for label in labels.values()],
        "rows": [
            {
                "name": row["township"],
                "figures": [
                    f"{float(scores[row['township_code'], name]):.1f}"
                    if (row["township_code"], name) in scores
                    else "–"
                    for name in labels
                ],
            }
            for row in townships
        ],
    }


def scenario_rows(sensitivity: Sensitivity, kind: str, names: dict[str, str]) -> list[dict[str, Any]]:
    """Return the changes of one kind, those that change the first six before those that move a rank, then the rest."""
    language = page_language()
    between = _("、")
    rows = [
        {
            "label": getattr(each.label, language),
            "possible": each.possible,
            "sentence": getattr(each.sentence, language),
            "changed": each.changed,
            "largest": each.largest,
            "entering": between.join(names.get(code, code) for code in each.entering),
            "leaving": between.join(names.get(code, code) for code in each.leaving),
        }
        for each in sensitivity.scenarios
        if each.kind == kind
    ]
    return sorted(rows, key=lambda row: (not (row["entering"] or row["leaving"]), -row["changed"]))


def signal_rows(found: Quality) -> list[dict[str, Any]]:
    """Return for each signal how many places were looked at, how many are flagged and how many would be by chance."""
    from analysis import SIGNALS

    rows = []
    for name in SIGNALS:
        own = found.psus[found.psus["signal"] == name]
        if len(own):
            base = int(own["base"].sum())
            rows.append(
                {
                    "label": signal_name(name),
                    "places": len(own),
                    "share": percent(int(own["count"].sum()) / base if base else None, 1),
                    "flagged": int(own["flagged"].fillna(False).astype(bool).sum()),
                    "expected": float(own["false_alarm"].sum()),
                }
            )
    return rows


def signal_name(name: str) -> str:
    """Return what a signal is called at the head of a row or column."""
    from analysis import SIGNALS

    label: str = getattr(SIGNALS[name].label, page_language())
    return label[:1].upper() + label[1:]


def figures(record: Mapping[Any, Any]) -> dict[str, Any]:
    """Return one signal's figures as the page shows them."""
    return {
        "signal": signal_name(record["signal"]),
        "count": whole(record["count"]),
        "base": whole(record["base"]),
        "threshold": whole(record["threshold"]) if record["threshold"] == record["threshold"] else None,
        "false_alarm": percent(record["false_alarm"], 2),
    }


def investigator_rows(found: Quality) -> list[dict[str, Any]]:
    """Return the signals of each investigator over the places wholly theirs; one row without figures for too few."""
    table = found.investigators.astype(object).where(found.investigators.notna(), None)
    return [
        {"name": record["investigator"], "psus": record["psus"], "estimable": bool(record["estimable"])}
        | (
            figures(record) | {"flagged": bool(record["flagged"]), "share": percent(record["share"], 1)}
            if record["signal"]
            else {}
        )
        for record in table.to_dict("records")
    ]


def place_rows(found: Quality, names: PlaceNames) -> dict[str, Any]:
    """Return every place with its shares, a signal a column."""
    from analysis import SIGNALS

    present = [name for name in SIGNALS if name in set(found.psus["signal"])]
    rows: dict[tuple[str, str, str], dict[str, Any]] = {}
    for record in found.psus.to_dict("records"):
        key = (record["township_code"], record["group"], record["psu_code"])
        row = rows.setdefault(
            key,
            {"name": getattr(names.place(*key), page_language()), "respondents": record["respondents"], "signals": {}},
        )
        row["signals"][record["signal"]] = (percent(number(record["share"]), 0), bool(record["flagged"]))
    return {
        "heads": [(name, signal_name(name)) for name in present],
        "rows": list(rows.values()),
    }
