"""
Every order that storage offers: of units, as an attacker may know it, and of the rows after the closing.

An order of units is unit → place; an order of rows is unit → place of the row that is truly its own, which the attacker does not know.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from tests.attack.copies import Copy, Row
from tests.attack.staged import Stage

Order = dict[int, Any]
HIDDEN = ("_place", "_xmin", "_xmax", "_cmin")


def owners_of_rows(stage: Stage, moment: str = "after") -> dict[bytes, int]:
    """Return key of a response → the unit whose it truly is, known by its answers, which are like no other's."""
    by_answers = {(one.cell[:2], frozenset(one.answers.items())): unit for unit, one in stage.answered.items()}
    found = {}
    for row in stage.copies[moment].rows["responses"]:
        given = frozenset(answers_of(row).items())
        found[bytes(row["key"])] = by_answers[(row["township_code"], row["group"]), given]
    assert len(set(found.values())) == len(stage.answered)
    return found


def answers_of(row: Row) -> dict[str, str]:
    """Return the answers of a stored response."""
    stored = row["answers"]
    answers: dict[str, str] = json.loads(stored) if isinstance(stored, str) else stored
    return answers


def row_orders(stage: Stage) -> dict[str, Order]:
    """Return every order of the rows of answers, comments and receipts after the closing."""
    after = stage.copies["after"]
    orders = _orders_of(after, "responses", owners_of_rows(stage))
    by_comment = {one.comment: unit for unit, one in stage.answered.items() if one.comment}
    by_receipt = {one.receipt: unit for unit, one in stage.answered.items()}
    orders |= _orders_of(
        after, "comments", {bytes(row["key"]): by_comment[row["text"]] for row in after.rows["comments"]}
    )
    orders |= _orders_of(
        after, "receipts", {bytes(row["key"]): by_receipt[row["code"]] for row in after.rows["receipts"]}
    )
    return orders


def _orders_of(after: Copy, table: str, owners: Mapping[bytes, int]) -> dict[str, Order]:
    rows = after.rows[table]
    orders: dict[str, Order] = {
        f"{table} by key": {owners[bytes(row["key"])]: bytes(row["key"]).hex() for row in rows},
        f"{table} as read": {owners[bytes(row["key"])]: place for place, row in enumerate(rows)},
        f"{table} by place in the files": {},
    }
    for name in HIDDEN:
        if rows[0].get(name) is not None:
            orders[f"{table} by {name}"] = {owners[bytes(row["key"])]: row[name] for row in rows}
    whole = after.without_log + after.rest if after.heaps else b"\0".join(after.files.values())
    for heap, what in ((whole, "place in the files"), (after.log, "place in the write-ahead log")):
        places = {unit: heap.find(key) for key, unit in owners.items()}
        orders[f"{table} by {what}"] = {unit: place for unit, place in places.items() if place >= 0}
    return {name: order for name, order in orders.items() if order}


def unit_orders(stage: Stage) -> dict[str, Order]:
    """Return every order of units that an attacker knows, or is told: of the first copies and of the last."""
    orders: dict[str, Order] = {"arrival": stage.arrivals(), "the sample": {unit: unit for unit in stage.answered}}
    for moment in ("before", "during", "after"):
        for table, rows in stage.copies[moment].rows.items():
            if rows and (column := _names_units(table, rows[0])) is not None:
                orders |= _hidden_orders(f"{table} {moment}", rows, lambda row, column=column: row[column])  # type: ignore[misc]
    before = stage.copies["before"].rows["ballots"]
    orders |= _hidden_orders("ballots before", before, lambda row: stage.owners[bytes(row["key"])])
    orders["ballots before by key"] = {stage.owners[bytes(row["key"])]: bytes(row["key"]).hex() for row in before}
    visits = stage.copies["after"].rows["visits"]
    for name in ("visited_at", "received_at", "key"):
        orders[f"visits by {name}"] = {row["sample_unit_id"]: _comparable(row[name]) for row in visits}
    return {name: {unit: at for unit, at in order.items() if unit in stage.answered} for name, order in orders.items()}


def _names_units(table: str, row: Row) -> str | None:
    if table == "sample_units":
        return "id"
    return "sample_unit_id" if "sample_unit_id" in row else None


def _hidden_orders(name: str, rows: list[Row], unit_of: Callable[[Row], int]) -> dict[str, Order]:
    return {
        f"{name} by {hidden}": {unit_of(row): row[hidden] for row in rows}
        for hidden in HIDDEN
        if rows and rows[0].get(hidden) is not None
    }


def _comparable(value: Any) -> Any:
    return bytes(value).hex() if isinstance(value, bytes | memoryview) else value
