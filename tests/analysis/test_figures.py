"""Numbers and texts as they stand in a CSV file; and the package loads pandas only when it is needed."""

from __future__ import annotations

import subprocess
import sys
from fractions import Fraction

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import analysis
from analysis.figures import cell, csv_bytes, neutralised, restored, shortest
from analysis.ranking import ranks
from analysis.totals import over_common

FRACTIONS = st.fractions(min_value=0, max_value=100, max_denominator=60)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_reads_back_to_the_same_double(value):
    assert float(shortest(value)) == value


@pytest.mark.parametrize(
    ("value", "text"), [(5.0, "5"), (-0.0, "0"), (0.1, "0.1"), (2 / 3, "0.6666666666666666"), (1e21, "1e+21")]
)
def test_a_number_stands_in_its_shortest_form(value, text):
    assert shortest(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (float("nan"), ""),
        (pd.NA, ""),
        (3, "3"),
        (3.0, "3"),
        ("03", "03"),
        (10**18 + 1, "1000000000000000001"),
    ],
)
def test_any_value_has_a_cell(value, text):
    assert cell(value) == text


@given(st.text("'=+-@＝a1 ", max_size=6))
def test_a_neutralised_text_starts_no_formula_and_is_restored_whole(text):
    safe = neutralised(text)
    assert safe[:1] not in tuple("=+-@＝")
    assert restored(safe) == text


def test_a_csv_file_has_a_bom_line_feeds_and_quotes_only_where_needed():
    assert csv_bytes(["a", "b"], [["1", 'x,"y"'], ["", "镇"]]).decode() == '\ufeffa,b\n1,"x,""y"""\n,镇\n'


@given(st.lists(FRACTIONS, min_size=1, max_size=12))
def test_the_sum_over_one_denominator_is_the_sum(values):
    assert Fraction(*over_common([value.as_integer_ratio() for value in values])) == sum(values, Fraction())


@given(st.lists(st.none() | FRACTIONS, max_size=12))
def test_a_rank_is_one_more_than_the_number_of_higher_values(values):
    known = [value for value in values if value is not None]
    expected = [None if value is None else 1 + sum(other > value for other in known) for value in values]
    assert ranks(values) == expected


def test_values_that_only_rounding_makes_equal_are_no_tie():
    third = Fraction(1, 3)
    near = third + Fraction(1, 10**40)
    assert float(near) == float(third)
    assert ranks([third, near]) == [2, 1]


def test_every_public_name_is_there_and_an_unknown_one_is_not():
    for name in analysis.__all__:
        assert getattr(analysis, name).__name__ if callable(getattr(analysis, name)) else getattr(analysis, name)
    with pytest.raises(AttributeError, match="no attribute 'scores'"):
        _ = analysis.scores


def test_importing_the_package_loads_no_pandas():
    code = "import analysis, sys; analysis.load_scheme(); sys.exit('pandas' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
