"""Starts against an independent computation, and seeds that may not stand in a label."""

from __future__ import annotations

import hashlib
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from sampling import SeedError, check_seed, label, start
from sampling.figures import figure
from sampling.methods import METHODS
from sampling.selection.probabilities import Chain, equal_probability, pps_probability, take_probability
from sampling.starts import numbers


def test_a_label_is_the_contracts_sentence() -> None:
    assert (
        label("种子 1", "350722204000", "rural", "unit", "350722204201/3", "reserve")
        == "pingyi-draw/1|种子 1|350722204000|rural|unit|350722204201/3|reserve"
    )


@pytest.mark.parametrize("m", [1, 2, 7, 396, 10**9, 2**63 + 5, 2**300])
def test_a_start_is_the_floor_of_hash_times_m(m: int) -> None:
    for k in range(20):
        sentence = label(f"seed-{k}", "350722204000", "rural", "psu")
        digest = hashlib.sha256(sentence.encode()).hexdigest()
        found = start(sentence, m)
        assert found == int(Fraction(int(digest, 16) * m, 2**256))
        assert 0 <= found < m


def test_a_start_needs_a_possible_value() -> None:
    with pytest.raises(ValueError, match="M = 0"):
        start("x", 0)


@pytest.mark.parametrize("seed", ["", "a|b", "a\n", "\x00", "a\x7f", "\x85", "\ud800"])
def test_a_seed_with_a_bar_or_a_control_character_is_refused(seed: str) -> None:
    with pytest.raises(SeedError) as caught:
        check_seed(seed)
    assert caught.value.en
    assert caught.value.zh


@pytest.mark.parametrize(
    ("seed", "en", "zh"),
    [
        ("\u200b", "character 1 is an invisible format character (U+200B, ZERO WIDTH SPACE)", "看不见的格式字符"),
        ("2026\u200b", "character 5 is an invisible format character", "第 5 个字符"),
        ("\ufeff2026", "U+FEFF", "U+FEFF"),
        ("1\u202e2", "RIGHT-TO-LEFT OVERRIDE", "U+202E"),
        ("👩\u200d🌾", "ZERO WIDTH JOINER", "U+200D"),
        ("\ud83c", "half of a character (a lone surrogate) (U+D83C)", "不完整的字符"),
        ("a\tb", "character 2 is a control character", "控制字符"),
        ("a\u2028b", "line separator", "分行符"),
        (" ", "only blanks", "只有空格"),
        ("\u3000\u00a0", "only blanks", "只有空格"),
    ],
)
def test_a_seed_that_cannot_be_copied_off_a_page_is_refused_and_told_why(seed: str, en: str, zh: str) -> None:
    with pytest.raises(SeedError) as caught:
        check_seed(seed)
    assert en in caught.value.en
    assert zh in caught.value.zh


@pytest.mark.parametrize("seed", ["0", " a ", "上证 3,915.27", "🎲", "a b", "２０２６"])
def test_a_seed_is_used_as_given(seed: str) -> None:
    assert check_seed(seed) == seed


@pytest.mark.parametrize("seed", [20261123, 1.5, True, b"2026"])
def test_a_seed_must_be_a_text_and_is_told_so(seed: Any) -> None:
    with pytest.raises(SeedError, match=f"A seed is a text.* got {type(seed).__name__}") as caught:
        check_seed(seed)
    assert "随机种子应为文本" in caught.value.zh
    assert "quotation marks" in caught.value.en


def test_a_seed_of_thousands_of_digits_that_is_no_text_is_refused_too() -> None:
    with pytest.raises(SeedError, match="got int"):
        check_seed(10**5000)  # type: ignore[arg-type]


@pytest.mark.parametrize("given", [1.0, True, "1", [1.0], [True, 0], np.float64(1), np.bool_(True), None])
@pytest.mark.parametrize("method", METHODS)
def test_a_start_that_is_no_whole_number_is_refused_by_every_method(method: str, given: Any) -> None:
    with pytest.raises(ValueError, match="whole number as start"):
        METHODS[method].hits([3, 4, 5, 2], 2, start=given)


def test_whole_numbers_of_any_kind_are_starts() -> None:
    assert [numbers(given)(0, 9) for given in (1, np.int64(1), [1], np.array([1, 2]), (1,))] == [1] * 5


def test_figures_are_shortest_decimals_and_whole_numbers_have_no_point() -> None:
    cases = {Fraction(1, 3): "0.3333333333333333", 2.0: "2", 112: "112", 0.1: "0.1", 1e-7: "1e-7", 1e21: "1e+21"}
    assert {value: figure(value) for value in cases} == cases


def test_probabilities_multiply_exactly_and_are_rounded_once() -> None:
    chain = Chain().then(pps_probability(5, 67, 396)).then(take_probability(10, 67, 1))
    assert chain.product.exact == Fraction(50, 396)
    assert [ratio and ratio.exact for ratio in chain.columns] == [Fraction(335, 396), Fraction(10, 67), None]
    assert Chain().then(equal_probability(10, 7)).columns == (None, None, None)


def test_a_cluster_hit_more_often_than_it_has_units_for_gives_the_unbiased_weight() -> None:
    """With h hits and all L units taken, the weight is h / expected hits."""
    chain = Chain().then(pps_probability(5, 60, 100)).then(take_probability(30, 15, 3))
    assert chain.product.inverse.exact == Fraction(3) / (Fraction(5 * 60, 100))
