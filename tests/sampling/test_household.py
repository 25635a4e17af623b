"""
Selection within the household: every table, every household size and every start by enumeration.

Kish's grid is checked against its published proportions and against the property it was built for, an equal chance of
every adult; the tables' start is worked out again with a hash and integer division alone.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from datetime import date, timedelta
from fractions import Fraction

import pandas as pd
import pytest

from sampling import (
    HouseholdError,
    SeedError,
    assign_kish,
    card_sentence,
    kish_grid,
    kish_probabilities,
    next_birthday,
    selected_adult,
)
from sampling.fieldwork.household import RULES, SLOTS

TABLES = ["A", "B1", "B2", "C", "D", "E1", "E2", "F"]


def sample_of(*lists: tuple[str, str, str, int]) -> pd.DataFrame:
    rows = [(town, group, role, k) for town, group, role, count in lists for k in range(1, count + 1)]
    return pd.DataFrame(rows, columns=["township_code", "group", "role", "sequence"])


def test_tables_stand_in_kishs_proportions() -> None:
    expected = dict(zip(TABLES, [2, 1, 1, 2, 2, 1, 1, 2], strict=True))
    assert Counter(SLOTS) == expected
    assert list(kish_grid()) == TABLES


def test_neighbouring_slots_have_different_tables_and_each_half_has_each_letter_once() -> None:
    assert all(SLOTS[k] != SLOTS[(k + 1) % 12] for k in range(12))
    for half in (SLOTS[:6], SLOTS[6:]):
        assert sorted(table[0] for table in half) == list("ABCDEF")


@pytest.mark.parametrize("adults", [1, 2, 3, 4, 6])
def test_every_adult_has_exactly_the_same_chance_in_households_of_one_to_four_and_six(adults: int) -> None:
    assert kish_probabilities(adults) == (Fraction(1, adults),) * adults


def test_chances_are_unequal_with_five_adults_and_none_beyond_the_sixth() -> None:
    sixth, quarter = Fraction(1, 6), Fraction(1, 4)
    assert kish_probabilities(5) == (sixth, sixth, quarter, sixth, quarter)
    assert kish_probabilities(7) == (sixth,) * 6 + (0,)
    assert kish_probabilities(9) == (sixth,) * 6 + (0,) * 3


@pytest.mark.parametrize("table", TABLES)
def test_every_table_names_an_adult_of_the_household_and_never_falls_with_its_size(table: str) -> None:
    chosen = [selected_adult(table, adults) for adults in range(1, 13)]
    assert all(1 <= number <= adults for adults, number in enumerate(chosen, 1))
    assert chosen == sorted(chosen)
    assert chosen[6:] == [chosen[5]] * 6


def test_over_all_starts_each_household_has_each_slot_once() -> None:
    for k in range(30):
        assert Counter(SLOTS[(start + k) % 12] for start in range(12)) == Counter(SLOTS)


def test_tables_of_a_township_come_from_one_public_sentence() -> None:
    sample = sample_of(("350722204000", "rural", "main", 50), ("350722204000", "rural", "reserve", 100))
    digest = hashlib.sha256(b"pingyi-kish/1|20261123|350722204000|rural").hexdigest()
    start = int(digest, 16) * 12 // 2**256
    expected = [SLOTS[(start + k) % 12] for k in (*range(50), *range(100))]
    tables = assign_kish(sample, "20261123")
    assert list(tables) == expected
    assert tables.name == "kish"


def test_tables_depend_on_neither_row_order_nor_other_townships() -> None:
    sample = sample_of(("1", "rural", "main", 9), ("2", "rural", "main", 9), ("2", "urban", "main", 5))
    tables = assign_kish(sample, "seed")
    shuffled = sample.sample(frac=1, random_state=3)
    pd.testing.assert_series_equal(assign_kish(shuffled, "seed").sort_index(), tables)
    alone = sample[sample["township_code"] == "2"]
    pd.testing.assert_series_equal(assign_kish(alone, "seed"), tables[alone.index])


def test_any_twelve_households_in_a_row_have_the_slots_once_each() -> None:
    tables = list(assign_kish(sample_of(("1", "rural", "main", 40)), "seed"))
    assert all(Counter(tables[k : k + 12]) == Counter(SLOTS) for k in range(29))


def test_groups_of_persons_get_no_table() -> None:
    sample = sample_of(("1", "delegates", "main", 3), ("1", "rural", "main", 3))
    tables = assign_kish(sample, "seed", groups=["rural", "urban"])
    assert list(tables.isna()) == [True] * 3 + [False] * 3


def test_a_sample_without_its_columns_or_with_a_bad_sequence_is_refused() -> None:
    sample = sample_of(("1", "rural", "main", 3))
    with pytest.raises(HouseholdError, match="but role is missing"):
        assign_kish(sample.drop(columns="role"), "seed")
    for wrong in (0, 1.5, "x", None):
        with pytest.raises(HouseholdError, match="whole numbers from 1"):
            assign_kish(sample.assign(sequence=[1, wrong, 2]), "seed")
    with pytest.raises(SeedError):
        assign_kish(sample, "a|b")


def test_no_table_and_no_adult_are_refused_in_both_languages() -> None:
    with pytest.raises(HouseholdError) as caught:
        selected_adult("G", 2)
    assert "got 'G'" in caught.value.en
    assert "'G'" in caught.value.zh
    for adults in (0, -1, 1.5):
        with pytest.raises(HouseholdError, match="at least 1 adult"):
            selected_adult("A", adults)  # type: ignore[arg-type]


def test_the_next_birthday_is_found_for_every_day_of_four_years() -> None:
    birthdays = [(1, 1), (2, 28), (3, 1), (6, 30), (12, 31)]
    day = date(2024, 1, 1)
    while day < date(2028, 1, 1):
        ahead = next(k for k in range(367) if ((day + timedelta(k)).month, (day + timedelta(k)).day) in birthdays)
        found = day + timedelta(ahead)
        assert birthdays[next_birthday(birthdays, day)] == (found.month, found.day)
        day += timedelta(1)


def test_a_birthday_today_is_the_next_and_of_equal_birthdays_the_first_in_the_list_counts() -> None:
    assert next_birthday([(11, 25), (11, 24)], date(2026, 11, 24)) == 1
    assert next_birthday([(11, 23), (11, 22)], date(2026, 11, 24)) == 1
    assert next_birthday([date(1950, 5, 1), date(1980, 5, 1)], date(2026, 11, 24)) == 0


def test_29_february_counts_as_1_march_in_years_without_it() -> None:
    leap, plain = [(2, 29), (3, 1)], date(2027, 2, 28)
    assert next_birthday(leap, plain) == 0
    assert next_birthday([(3, 1), (2, 29)], plain) == 0
    assert next_birthday([(3, 1), (2, 29)], date(2028, 2, 28)) == 1
    assert next_birthday([(3, 2), (2, 29)], date(2027, 3, 1)) == 1
    assert next_birthday([(3, 2), (2, 29)], date(2028, 3, 1)) == 0


def test_a_birthday_that_is_no_date_or_a_house_without_adults_is_refused() -> None:
    for wrong in ((2, 30), (13, 1), (0, 1), "5-1", (1,)):
        with pytest.raises(HouseholdError, match="month and a day"):
            next_birthday([wrong], date(2026, 1, 1))  # type: ignore[list-item]
    with pytest.raises(HouseholdError, match="at least one adult"):
        next_birthday([], date(2026, 1, 1))


@pytest.mark.parametrize("table", TABLES)
def test_the_card_shows_the_tables_numbers_in_both_languages(table: str) -> None:
    sentence = card_sentence("kish", table)
    for adults in range(1, 7):
        shown = f"{adults}{'+' if adults == 6 else ''}→{selected_adult(table, adults)}"
        assert shown in sentence.en
        assert shown in sentence.zh


def test_the_birthday_card_says_the_rule_and_an_unknown_rule_is_refused() -> None:
    assert card_sentence("next_birthday") == RULES["next_birthday"].card
    with pytest.raises(HouseholdError, match="got 'last_birthday'"):
        card_sentence("last_birthday")
    with pytest.raises(HouseholdError, match="got 'None'"):
        card_sentence("kish")
