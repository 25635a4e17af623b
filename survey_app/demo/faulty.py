"""A small frame with the hard faults, each at least once, so that a visitor can see how a frame is refused."""

from __future__ import annotations

from survey_app.demo.frame import Row, build_frame
from survey_app.demo.places import DemoCounty

FAULTY_ROWS = 600


def build_faulty_rows(county: DemoCounty) -> list[Row]:
    """Return about 600 rows of three townships with duplicate codes, a village in two townships, missing and malformed values."""
    chosen = {township.code for township in county.townships[13:16]}
    rows = [list(row) for row in build_frame(county) if row[0] in chosen]
    kept = rows[:: max(1, len(rows) // FAULTY_ROWS)]
    rural = [row for row in kept if row[2] == "农村居民"]
    rural[3][3] = rural[2][3]  # a unit's number twice
    rural[3][5:7] = rural[2][5:7]
    rural[5][0] = "35990020200"  # eleven digits
    rural[7][3] = ""  # no number
    rural[9][2] = "外来人口"  # a group that the design does not have
    rural[11][0] = "359900999000"  # a township unknown to the county
    rural[13][5] = "3599二〇二201"  # letters in a village's code
    other = next(row for row in reversed(rural) if row[0] != rural[20][0])
    other[5:7] = rural[20][5:7]  # a village under two townships
    rural[24][6] = "别名村"  # a village with two names
    rural[30][4] = "=HYPERLINK(0)"  # a formula
    return [tuple(row) for row in kept]
