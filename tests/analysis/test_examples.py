"""The examples in docstrings give what they say."""

from __future__ import annotations

import doctest
from importlib import import_module

import pytest

MODULES = (
    "first_places",
    "quality_icc",
    "quality_signals",
    "quality_words",
    "rank_intervals",
    "rank_pairs",
    "ranking",
    "rescoring",
    "simulated",
    "trends",
)


@pytest.mark.parametrize("name", MODULES)
def test_examples_of_docstrings_hold(name):
    found = doctest.testmod(import_module(f"analysis.{name}"))
    assert found.attempted > 0
    assert found.failed == 0
