"""``select_in_strata`` against ``METHODS`` called list by list, with the labels that its docstring names."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampling import METHODS, SeedError, label, select_in_strata
from sampling.starts import hashed

EQUAL = sorted(name for name, method in METHODS.items() if not method.by_size)


def naive(strata: list[Any], n: dict[Any, int], method: str, seed: str) -> tuple[list[int], list[float]]:
    found = []
    for name, count in n.items():
        rows = [row for row, own in enumerate(strata) if own == name]
        hits = METHODS[method].hits(range(len(rows)), count, start=hashed(label(seed, str(name), "strata", "unit")))
        chance = float(Fraction(min(count, len(rows)), len(rows)))
        found += [(rows[k], chance) for k in np.flatnonzero(hits)]
    return [row for row, _ in sorted(found)], [chance for _, chance in sorted(found)]


@given(st.sampled_from(EQUAL), st.lists(st.integers(-3, 4), min_size=1, max_size=40), st.data())
def test_each_stratum_is_drawn_as_its_own_list(method: str, strata: list[int], data: st.DataObject) -> None:
    if data.draw(st.booleans()):
        strata = sorted(strata)
    n = {name: data.draw(st.integers(0, 6)) for name in set(strata)}
    found = select_in_strata(strata, n, method=method, seed="2026")
    assert (found.rows.tolist(), found.probability.tolist()) == naive(strata, n, method, "2026")


@pytest.mark.parametrize("ordered", [True, False])
def test_all_kinds_of_strata_give_the_same_sample(ordered: bool) -> None:
    codes = np.random.default_rng(1).integers(0, 300, 9000) + 350722000000
    codes = np.sort(codes) if ordered else codes
    texts = [str(code) for code in codes]
    expected = select_in_strata(codes, 3, seed="s")
    assert len(expected.rows) == 900
    kinds = [
        codes.tolist(), texts, np.array(texts), np.array(texts, dtype=object), pd.Series(codes, dtype="Int64"),
        pd.Series(texts), pd.Series(texts, dtype="str"), pd.Series(texts, dtype="category"), pd.Series(codes, index=codes),
        pd.Series(codes - 350722000000).astype("category").cat.rename_categories(lambda k: str(k + 350722000000)),
    ]  # fmt: skip
    for kind in kinds:
        found = select_in_strata(kind, 3, seed="s")
        assert found.rows.tolist() == expected.rows.tolist()
        assert found.probability.tolist() == expected.probability.tolist()


def test_more_strata_than_16_bits_count_are_sorted_right() -> None:
    codes = np.random.default_rng(2).permutation(np.repeat(np.arange(70_000), 2))
    found = select_in_strata(codes, 1, start=1)
    last = {int(code): row for row, code in enumerate(codes)}
    assert found.rows.tolist() == sorted(last.values())


def test_a_stratum_does_not_change_with_the_others() -> None:
    alone = select_in_strata(["b"] * 50, 5, seed="s")
    beside = select_in_strata(["a"] * 20 + ["b"] * 50 + ["c"] * 3, 5, seed="s")
    assert [row - 20 for row in beside.rows if 20 <= row < 70] == alone.rows.tolist()


def test_starts_by_hand_and_by_stratum_are_taken() -> None:
    assert select_in_strata(list("xyxyx"), 1, start={"x": 2, "y": 0}).rows.tolist() == [1, 4]
    assert select_in_strata(list("xyxyx"), {"x": 3, "y": 1}, start=1).rows.tolist() == [0, 2, 3, 4]


def test_nothing_is_selected_of_no_rows() -> None:
    assert select_in_strata(np.array([], dtype=np.int64), 3, seed="s").rows.tolist() == []


@pytest.mark.parametrize(
    "call",
    [
        {"n": 1},
        {"n": 1, "seed": "s", "start": 0},
        {"n": -1, "seed": "s"},
        {"n": 1.5, "seed": "s"},
        {"n": {"a": 1}, "seed": "s"},
        {"n": {"a": 1, "b": 1, "c": 1}, "seed": "s"},
        {"n": 1, "start": 7},
        {"n": 1, "seed": "s", "method": "pps_equal_interval"},
        {"n": 1, "seed": "s", "method": "systematic"},
    ],
)
def test_a_wrong_call_is_a_value_error(call: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="expected"):
        select_in_strata(["a", "b", "a"], **call)


@pytest.mark.parametrize("strata", [["a", None], pd.Series(["a", None], dtype="str"), [1.5, float("nan")]])
def test_a_missing_stratum_is_a_value_error(strata: Any) -> None:
    with pytest.raises(ValueError, match="expected a stratum for every row, 1"):
        select_in_strata(strata, 1, seed="s")


def test_a_table_of_strata_and_a_bad_seed_are_refused() -> None:
    with pytest.raises(ValueError, match="one stratum for each row"):
        select_in_strata([[1, 2], [3, 4]], 1, seed="s")
    with pytest.raises(SeedError):
        select_in_strata(["a"], 1, seed="a|b")
