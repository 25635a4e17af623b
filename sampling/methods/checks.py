"""What every method asks of its input, and where int64 is wide enough."""

from __future__ import annotations

_INT64_LIMIT = 2**63


def fits_int64(bound: int) -> bool:
    """Whether all values below ``bound`` can be worked out in int64 without overflow."""
    return bound < _INT64_LIMIT


def check_counts(n_units: int, n: int, start: int) -> None:
    """
    Refuse negative counts and a start that the list does not have.

    Raises
    ------
    ValueError
        These are a caller's mistakes, not bad data: frames and designs are checked before.
    """
    if n_units < 0 or n < 0:
        raise ValueError(f"expected counts of at least 0, got N = {n_units}, n = {n}")
    if n < n_units and not 0 <= start < n_units:
        raise ValueError(f"expected a start from 0 to {n_units - 1}, got {start}")
