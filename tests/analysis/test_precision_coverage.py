"""Intervals hold the truth about as often as they say; ``python -m benchmarks.coverage`` does it on 19 townships, 1,000 times."""

from __future__ import annotations

from benchmarks.coverage import coverage


def test_intervals_of_95_percent_hold_the_truth_about_so_often():
    """240 samples of six townships: the share's own standard error is 1.4 points."""
    found = coverage(townships=6, samples=40, seed=1)
    assert 0.90 <= found["covered"].mean() <= 0.99
    assert 0.85 <= (found["se"].mean() / found["spread"].mean()) <= 1.25
