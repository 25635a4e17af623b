"""What may stand in an address: a number there is one of a row, so one beyond every row's leads to no page."""

from __future__ import annotations

from werkzeug.routing import IntegerConverter, Map

LARGEST = 2**31 - 1
"""The largest number that a row can have, on every database."""
DIGITS = len(str(LARGEST))


class RowNumber(IntegerConverter):
    """``<int:…>`` of this app: from 0 to the largest number of a row."""

    regex = rf"\d{{1,{DIGITS}}}"

    def __init__(self, map: Map) -> None:
        super().__init__(map, max=LARGEST)
