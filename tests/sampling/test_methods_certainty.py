"""Clusters taken with certainty: against the definition in rounds, on all small lists."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from sampling import certainty, with_certainty
from sampling.methods import METHODS, pps_equal_interval
from sampling.starts import hashed


def in_rounds(sizes: tuple[int, ...], n: int) -> list[bool]:
    """All with n'·s ≥ M' at once, then again, until there is none."""
    taken = [False] * len(sizes)
    while True:
        left = n - sum(taken)
        rest = sum(size for size, is_taken in zip(sizes, taken, strict=True) if not is_taken)
        large = [not is_taken and size > 0 and left * size >= rest for size, is_taken in zip(sizes, taken, strict=True)]
        if not any(large):
            return taken
        taken = [a or b for a, b in zip(taken, large, strict=True)]


SMALL = [sizes for count in range(5) for sizes in product((0, 1, 2, 3, 7, 20), repeat=count)]


def test_every_small_list_is_taken_as_the_definition_says() -> None:
    for sizes, n in product(SMALL, range(6)):
        mask = certainty(sizes, n)
        assert mask.dtype == np.bool_
        assert mask.tolist() == in_rounds(sizes, n), (sizes, n)
        assert mask.sum() <= n


def test_no_more_positive_clusters_than_n_are_all_taken() -> None:
    for sizes in SMALL:
        positive = [size > 0 for size in sizes]
        for n in range(sum(positive), 6):
            assert certainty(sizes, n).tolist() == positive


def test_what_is_left_is_below_the_interval() -> None:
    for sizes, n in product(SMALL, range(6)):
        mask = certainty(sizes, n)
        left = np.array(sizes, dtype=int)[~mask]
        assert all((n - mask.sum()) * size < left.sum() for size in left if size)


@pytest.mark.parametrize("method", [key for key, entry in METHODS.items() if entry.by_size])
def test_with_certainty_takes_n_distinct_clusters_by_every_method(method: str) -> None:
    for sizes, n in product(SMALL[::7], range(6)):
        mask = certainty(sizes, n)
        hits = with_certainty(METHODS[method].hits, sizes, n, start=hashed(f"{sizes}{n}"))
        assert hits.sum() == min(n, sum(size > 0 for size in sizes))
        assert set(hits.tolist()) <= {0, 1}
        assert (hits[mask] == 1).all()


def test_the_rest_is_drawn_from_its_own_list() -> None:
    for start in range(50):
        hits = with_certainty(pps_equal_interval, [20, 50, 10, 10, 10], 3, start=start).tolist()
        rest = pps_equal_interval([20, 10, 10, 10], 2, start=start).tolist()
        assert hits == [rest[0], 1, *rest[1:]]


def test_sizes_beyond_int64_are_compared_exactly() -> None:
    unit = 2**70
    assert certainty([2 * unit, unit, unit], 2).tolist() == [True, False, False]
    assert certainty([2 * unit - 1, unit, unit], 2).tolist() == [False, False, False]


def test_negative_sizes_and_counts_are_refused() -> None:
    for sizes, n in (([1, -1], 1), ([1, 2], -1)):
        with pytest.raises(ValueError, match="at least 0"):
            certainty(sizes, n)
