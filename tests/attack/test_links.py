"""After the closing: nothing that is stored leads from a unit to its row better than chance among its township, group and PSU."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from survey_app.models import Base
from tests.attack.chance import SURE, hits, most_hits, sureness
from tests.attack.copies import gaps, heap_rows
from tests.attack.orders import HIDDEN, Order, answers_of, owners_of_rows, row_orders, unit_orders
from tests.attack.staged import Stage

BOX = ("responses", "comments", "receipts")


def linked(units: Order, rows: Order) -> float:
    both = sorted(units.keys() & rows.keys())
    return sureness([units[unit] for unit in both], [rows[unit] for unit in both])


def test_the_statistics_find_a_link_where_there_is_one(stage: Stage) -> None:
    arrivals, cells = stage.arrivals(), stage.cells()
    assert linked(arrivals, {unit: 3 * place for unit, place in arrivals.items()}) > 2 * SURE
    noise = random.Random(1)
    roughly = {unit: place + noise.uniform(-90, 90) for unit, place in arrivals.items()}
    assert linked(arrivals, roughly) > SURE
    shuffled = list(arrivals.values())
    noise.shuffle(shuffled)
    assert abs(linked(arrivals, dict(zip(arrivals, shuffled, strict=True)))) < SURE
    right, sizes = hits(cells, arrivals, arrivals, backwards=False)
    assert right == len(arrivals) > most_hits(sizes) + 50
    most = {unit: place if unit % 3 else noise.random() * 200 for unit, place in arrivals.items()}
    assert linked(arrivals, most) > SURE


def test_the_thresholds_are_those_of_chance() -> None:
    assert most_hits([2]) == 2
    assert most_hits([1] * 5) == 5
    assert 35 < most_hits([10] * 14 + [30, 30, 10, 10]) < 56  # 18 cells: 18 right guesses on average
    noise = random.Random(2)
    most = 0
    for _ in range(2000):
        order = list(range(30))
        noise.shuffle(order)
        most = max(most, sum(place == one for place, one in enumerate(order)))
    assert most < most_hits([30]) <= 16


def test_no_order_of_units_goes_with_any_order_of_rows(stage: Stage) -> None:
    units, rows = unit_orders(stage), row_orders(stage)
    assert len(units) >= 8
    assert len(rows) >= 9
    suspicious = {
        (one, other): found
        for one, known in units.items()
        for other, stored in rows.items()
        if abs(found := linked(known, stored)) > SURE
    }
    assert suspicious == {}


def test_guessing_by_any_order_hits_no_more_rows_than_chance_does(stage: Stage) -> None:
    cells, rows = stage.cells(), row_orders(stage)
    better = {}
    for one, known in unit_orders(stage).items():
        for other, stored in rows.items():
            for backwards in (False, True):
                right, sizes = hits(cells, known, stored, backwards=backwards)
                if right > most_hits(sizes):
                    better[one, other, backwards] = (right, most_hits(sizes))
    assert better == {}


def test_comments_and_receipts_lie_in_no_order_of_the_answers(stage: Stage) -> None:
    orders = row_orders(stage)
    answers = [name for name in orders if name.startswith("responses")]
    others = [name for name in orders if not name.startswith("responses")]
    assert len(answers) >= 3
    assert len(others) >= 6
    assert {
        pair: z for pair in _pairs(answers, others) if abs(z := linked(orders[pair[0]], orders[pair[1]])) > SURE
    } == {}


def _pairs(some: list[str], others: list[str]) -> list[tuple[str, str]]:
    return [(one, other) for one in some for other in others]


def test_after_the_closing_nothing_beside_the_rows_tells_in_which_order_units_answered(stage: Stage) -> None:
    arrivals = stage.arrivals()
    open_anyway = {"visits after by _place"}  # a visit tells its time; who visited when is no secret of the box
    told = {
        name: z
        for name, order in unit_orders(stage).items()
        if " after by " in name and name not in open_anyway and abs(z := linked(arrivals, order)) > SURE
    }
    assert told == {}


def test_no_value_of_a_copy_made_before_is_found_in_the_rows_after(stage: Stage) -> None:
    before, after = stage.copies["before"], stage.copies["after"]
    known = {bytes(row["key"]) for row in before.rows["ballots"]} | {bytes(row["key"]) for row in before.rows["visits"]}
    known |= {bytes(row["token_hash"]) for row in before.rows["cards"]}
    new = [bytes(row["key"]) for table in BOX for row in after.rows[table]]
    assert len(new) == len(set(new)) > 400
    assert known.isdisjoint(new)


def test_rows_hold_no_more_than_the_contract_lets_them(stage: Stage) -> None:
    columns = {table: set(stage.copies["after"].rows[table][0]) - set(HIDDEN) for table in BOX}
    assert columns["responses"] == {
        "key", "round_id", "township_code", "group", "psu_code", "mode", "minutes", "answers",
    }  # fmt: skip
    assert columns["comments"] == {"key", "round_id", "township_code", "text"}
    assert columns["receipts"] == {"key", "round_id", "code"}


def test_the_way_of_answering_singles_out_no_row(stage: Stage) -> None:
    """A copy made before knows whose slip waited and who was visited; so a way that few share must not stand beside a row."""
    rows = stage.copies["after"].rows["responses"]
    for name in ("mode", "minutes"):
        counts = Counter((row["township_code"], row["group"], row["psu_code"], row[name]) for row in rows)
        places = Counter(place[:3] for place in counts)
        rare = [
            value for value, number in counts.items() if number < 5 and not (places[value[:3]] == 1 and not value[3])
        ]
        assert rare == []


def test_all_rows_are_written_alike_whichever_way_they_came(stage: Stage) -> None:
    """A phone of an investigator's could mark a unit by the order in which it writes the answers down."""
    for row in stage.copies["after"].rows["responses"]:
        assert list(answers_of(row)) == sorted(answers_of(row))
    texts = {bytes(row["key"]): row["answers"] for row in stage.copies["after"].rows["responses"]}
    if stage.shell.database.is_sqlite:
        ways = {stage.answered[unit].way: texts[key] for key, unit in owners_of_rows(stage).items()}
        assert set(ways) == {"self", "assisted", "paper"}
        assert len({text.replace(" ", "")[:7] == text[:7] for text in ways.values()}) == 1


def test_nothing_of_the_sealed_box_is_left(stage: Stage) -> None:
    before, during, after = (stage.copies[moment] for moment in ("before", "during", "after"))
    for table in ("ballots", "slips", "online_ballots", "online_codes"):
        assert after.rows[table] == []
    left = after.without_log + after.rest
    sealed = [bytes(row["sealed"]) for table in ("ballots", "online_ballots") for row in before.rows[table]]
    sealed += [bytes(row["entry"]) for row in before.rows["slips"]]
    keys = [bytes(row["key"]) for table in ("ballots", "online_ballots") for row in before.rows[table]]
    assert len(sealed) == len(stage.answered) + 9
    assert all(ballot[100:140] in before.without_log for ballot in sealed)
    assert any(ballot[100:140] in during.without_log for ballot in sealed)
    assert not any(ballot[at : at + 40] in left for ballot in sealed for at in range(0, len(ballot) - 40, 300))
    assert not any(key in left for key in keys)


def test_the_data_folder_keeps_no_half_no_upload_no_print_and_no_temporary_file(stage: Stage) -> None:
    names = {name for name in stage.copies["after"].files if not name.startswith("pingyi.sqlite")}
    assert all(name.startswith("secrets/") for name in names), names
    assert not any("half" in name or "round" in name for name in names)


def test_jobs_and_record_tell_of_the_closing_numbers_alone(stage: Stage) -> None:
    after = stage.copies["after"].rows
    (job,) = (row for row in after["jobs"] if row["kind"] == "close")
    assert set(_object(job["parameters"])) == {"process"}
    assert _object(job["result"]) == {"answers": len(stage.answered)}
    (closed,) = (row for row in after["record_entries"] if row["action"] == "round_closed")
    assert set(_object(closed["details"])) == {
        "answers", "spoiled", "comments", "receipts", "online_answers", "slips_dropped",
    }  # fmt: skip
    assert "answered" not in {row["action"] for row in after["record_entries"]}
    slips = [_object(row["details"]) for row in after["record_entries"] if row["action"].startswith("slip_")]
    assert len(slips) == 17
    assert {tuple(sorted(told)) for told in slips} == {("group", "township")}


def _object(stored: object) -> dict[str, object]:
    import json

    found: dict[str, object] = json.loads(stored) if isinstance(stored, str) else stored  # type: ignore[assignment]
    return found


@pytest.mark.parametrize("stage", ["sqlite"], indirect=True, scope="package")
def test_sqlite_keeps_no_free_page_no_log_and_no_row_number_in_the_box(stage: Stage) -> None:
    after = stage.copies["after"]
    database = after.files["pingyi.sqlite"]
    assert database[:16] == b"SQLite format 3\0"
    assert int.from_bytes(database[36:40], "big") == 0  # free pages
    assert after.files.get("pingyi.sqlite-wal", b"") == b"" or stage.copies["during"].log[32:2000] not in after.log
    for table in ("ballots", *BOX, "online_ballots", "online_responses"):
        assert Base.metadata.tables[table].dialect_options["sqlite"]["with_rowid"] is False


@pytest.mark.parametrize("stage", ["postgresql"], indirect=True, scope="package")
def test_postgresql_keeps_no_dead_row_no_lock_mark_and_no_gap_with_old_bytes(stage: Stage) -> None:
    before, after = stage.copies["before"], stage.copies["after"]
    assert len({row.xmin for row in heap_rows(before.heaps["answered_units"])}) > 150
    assert len({row.xmax for row in heap_rows(before.heaps["sample_units"])}) > 150
    for table in ("answered_units", "sample_units", "visits", *BOX):
        stored = heap_rows(after.heaps[table])
        assert len(stored) == len(after.rows[table]) > 50, table
        assert len({row.xmin for row in stored}) == 1, table
        assert {row.xmax for row in stored} == {0}, table
    for table in ("answered_units", "sample_units", "visits", "slips", "ballots", "cards", *BOX, "pg_statistic"):
        assert set(gaps(after.heaps[table])) <= {0}, table
    assert after.heaps["ballots"] == after.heaps["slips"] == b""


@pytest.mark.parametrize("stage", ["postgresql"], indirect=True, scope="package")
def test_postgresqls_statistics_and_counters_keep_nothing_of_the_box(stage: Stage) -> None:
    before, after = (stage.copies[moment].rows for moment in ("before", "after"))
    assert {row["tablename"] for row in before["pg_stats"]} >= {"ballots", "answered_units", "slips"}
    kept = {(row["tablename"], row["attname"]) for row in after["pg_stats"]}
    sealed = {(table, name) for table, name in kept if table in ("ballots", "slips", "online_ballots", "online_codes")}
    assert {name for _table, name in sealed} <= {"round_id", "entered_by_id", "township_code", "spent"}
    assert not any(row["sequencename"].startswith((*BOX, "ballots", "answered")) for row in after["pg_sequences"])
    queries = " ".join(str(row["query"]) for row in after["pg_stat_activity"])
    assert "INSERT INTO responses" not in queries or "satisfied" not in queries
