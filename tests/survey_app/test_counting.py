"""The database's own counts are those of the exported rows, on SQLite and on PostgreSQL; damaged rows are refused in words."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import delete, insert, select, update

import analysis
from survey_app.errors import DamagedData
from survey_app.models import Ballot, Response, Round
from survey_app.services import casting, closing, counting, results
from survey_app.services.rounds import Actor
from survey_app.shell import Shell, no_progress
from tests.factories import answers, item_ids, make_county, make_open_round, tokens_of

CODES = ("satisfied", "basic", "unsatisfied", "unknown", "")


def closed_round(shell: Shell) -> tuple[Actor, int]:
    """A closed round with skipped items, don't-knows and villages of fewer than five answers."""
    county = make_county(shell)
    round_id = make_open_round(shell, county)
    for group in ("delegates", "enterprise", "urban", "rural"):
        tokens = tokens_of(shell, round_id, group=group)
        for number, token in enumerate(tokens):
            if group != "rural" or number % 10 < 3 or number > 60:  # three answers in most villages
                given = {item: CODES[(number * (k + 1) // 3) % 5] for k, item in enumerate(item_ids(group))}
                casting.cast(shell, token, {item: code for item, code in given.items() if code}, minutes="2-5")
    closing.close_round(shell, county.office, round_id, no_progress)
    return county.office, round_id


def stored_counts(shell: Shell, round_id: int) -> pd.DataFrame:
    with shell.database.reading() as session:
        items = {group: item_ids(group) for group in ("delegates", "enterprise", "urban", "rural")}
        return counting.answer_counts(session, session.get_one(Round, round_id), items)


def test_the_counts_of_the_database_are_those_of_the_exported_rows(shell: Shell, tmp_path: Path) -> None:
    office, round_id = closed_round(shell)
    results.write_export(shell, office, round_id, tmp_path / "responses")
    exported = analysis.count_answers(analysis.read_responses(tmp_path / "responses"))
    assert exported["psu_code"].str.contains("+", regex=False).any(), "no small villages were joined"
    pd.testing.assert_frame_equal(
        analysis.join_small_counts(stored_counts(shell, round_id)), exported, check_exact=True
    )


def test_the_counts_before_joining_are_those_of_the_stored_rows(shell: Shell) -> None:
    _, round_id = closed_round(shell)
    counts = stored_counts(shell, round_id)
    with shell.database.reading() as session:
        rows = session.scalars(select(Response).where(Response.round_id == round_id, Response.group == "rural")).all()
    cell = counts[(counts["group"] == "rural") & (counts["item"] == "R05")].set_index(["township_code", "psu_code"])
    for (township, psu), line in cell.iterrows():
        told = [
            row.answers.get("R05", "skipped") for row in rows if (row.township_code, row.psu_code) == (township, psu)
        ]
        assert [line[name] for name in (*CODES[:4], "skipped")] == [
            told.count(name) for name in (*CODES[:4], "skipped")
        ]


def change_one(shell: Shell, round_id: int, **values: object) -> None:
    with shell.database.transaction() as session:
        key = session.scalars(
            select(Response.key).where(Response.round_id == round_id, Response.group == "rural").limit(1)
        ).one()
        session.execute(update(Response).where(Response.key == key).values(**values))


DAMAGE: dict[str, Callable[[Shell, int], None]] = {
    "an item of another questionnaire": lambda shell, round_id: change_one(
        shell, round_id, answers=answers("rural") | {"U01": "basic"}
    ),
    "a group that is not asked": lambda shell, round_id: change_one(shell, round_id, group="visitors"),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_answers_that_an_export_would_drop_without_a_word_are_refused(
    damage: str, shell: Shell, tmp_path: Path
) -> None:
    office, round_id = closed_round(shell)
    DAMAGE[damage](shell, round_id)
    with pytest.raises(DamagedData, match="questionnaires do not know") as refusal:
        results.score_round(shell, office, round_id)
    assert "问卷所没有" in refusal.value.zh
    with pytest.raises(DamagedData):
        results.write_export(shell, office, round_id, tmp_path / "responses")
    assert not (tmp_path / "responses").exists()


def test_rows_that_are_not_the_stored_ones_are_refused_with_the_cell_named(shell: Shell, tmp_path: Path) -> None:
    office, round_id = closed_round(shell)
    results.write_export(shell, office, round_id, tmp_path / "responses")
    responses = analysis.read_responses(tmp_path / "responses")
    rural = responses.groups["rural"].copy()
    place = rural.iloc[0]
    old = place["R07"] if isinstance(place["R07"], str) else None
    rural.loc[rural.index[0], "R07"] = "basic" if old != "basic" else "satisfied"
    responses.groups["rural"] = rural  # type: ignore[index]
    with shell.database.reading() as session, pytest.raises(DamagedData) as refusal:
        counting.refuse_other(session, session.get_one(Round, round_id), responses)
    assert f"{place['township_code']} rural {place['psu_code']} R07" in refusal.value.en
    assert "Restore the database from a backup" in refusal.value.en
    assert "请从备份恢复数据库" in refusal.value.zh


def test_a_closing_that_stores_other_answers_keeps_the_box_and_stores_nothing(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    county = make_county(shell)
    round_id = make_open_round(shell, county)
    for token in tokens_of(shell, round_id, group="enterprise"):
        casting.cast(shell, token, answers("enterprise"), minutes="2-5")
    store = closing._store_shuffled

    def forget_one(session, *rest):  # type: ignore[no-untyped-def]
        details = store(session, *rest)
        key = session.scalars(select(Response.key).limit(1)).one()
        session.execute(delete(Response).where(Response.key == key))
        return details

    monkeypatch.setattr(closing, "_store_shuffled", forget_one)
    with pytest.raises(DamagedData, match="not those that came out of the box"):
        closing.close_round(shell, county.office, round_id, no_progress)
    monkeypatch.undo()
    with shell.database.reading() as session:
        assert session.get_one(Round, round_id).state == "open"
        assert len(session.scalars(select(Ballot)).all()) == 20
        assert session.scalars(select(Response)).first() is None
    assert closing.close_round(shell, county.office, round_id, no_progress) == 20


def test_rows_of_another_round_are_not_counted(shell: Shell) -> None:
    _, round_id = closed_round(shell)
    before = stored_counts(shell, round_id)
    with shell.database.transaction() as session:
        other = session.scalars(select(Round).where(Round.id == round_id)).one()
        session.add(
            Round(
                county_id=other.county_id, year_id=other.year_id, wave=2, code="x-2", name="x", state="closed",
                design=other.design, created_at=other.created_at,
            )
        )  # fmt: skip
        session.flush()
        second = session.scalars(select(Round.id).where(Round.code == "x-2")).one()
        row = {
            "key": b"x" * 16, "round_id": second, "township_code": "359900101000", "group": "rural", "psu_code": "359900101201",
            "mode": "self", "minutes": "2-5", "answers": answers("rural"),
        }  # fmt: skip
        session.execute(insert(Response), [row])
    pd.testing.assert_frame_equal(stored_counts(shell, round_id), before)
