"""
What hangs on the scores of a closed round, each part worked out when first asked for.

RoundResults    answers, scores, then neighbours, sensitivity, quality of the fieldwork
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from survey_app.kept import Kept

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from analysis import Quality, Responses, Scores, Sensitivity
    from survey_app.services.assignments import Place

QUALITY_SEED = 1
LEVEL = 0.95


@dataclass(frozen=True)
class Neighbours:
    """Two townships next to each other by score, and whether their order is more than chance."""

    above: str
    below: str
    rank_above: int
    rank_below: int
    difference: float
    se: float | None
    told_apart: bool


@dataclass(frozen=True)
class Likes:
    """A township and the names of those that it cannot be told apart from, by rank."""

    rank: int
    name: str
    others: tuple[str, ...]


@dataclass(frozen=True)
class RankSpan:
    """The ranks that a township takes under one kind of change of the rules: lowest number and highest."""

    best: int
    worst: int


@dataclass(frozen=True)
class RoundResults:
    """The answers of one closed round, their scores, and what is worked out from them on demand."""

    responses: Responses
    scores: Scores
    _kept: Kept = field(default_factory=Kept, repr=False, compare=False)

    def sensitivity(self) -> Sensitivity:
        """Which ranks hang on how the rules are read."""
        from analysis import sensitivity

        found: Sensitivity = self._kept.get("sensitivity", lambda: sensitivity(self.responses, self.scores.scheme))
        return found

    def quality(self, investigators: Mapping[Place, str]) -> Quality:
        """The signals of the fieldwork, with these places wholly of these investigators."""
        from analysis import fieldwork_quality

        found: Quality = self._kept.get(
            ("quality", frozenset(investigators.items())),
            lambda: fieldwork_quality(self.responses, investigators=investigators, rng=QUALITY_SEED),
        )
        return found

    def neighbours(self) -> list[Neighbours]:
        """Each two townships that follow one another by score, tested among all pairs (Holm, 5 %)."""
        rows, tests = self._pairs()
        next_to: list[dict[str, Any]] = tests[tests["second"] == tests["first"] + 1].to_dict("records")  # type: ignore[assignment]
        return [
            Neighbours(
                rows[pair["first"]]["township"],
                rows[pair["second"]]["township"],
                int(rows[pair["first"]]["rank"]),
                int(rows[pair["second"]]["rank"]),
                float(pair["difference"]),
                _known(pair["se"]),
                bool(pair["told_apart"]),
            )
            for pair in next_to
        ]

    def likes(self) -> list[Likes]:
        """For each township by rank, those that it cannot be told apart from, by the same tests."""
        rows, tests = self._pairs()
        others: dict[int, list[int]] = {place: [] for place in range(len(rows))}
        open_ = tests[~tests["told_apart"]]
        for first, second in zip(open_["first"].tolist(), open_["second"].tolist(), strict=True):
            others[first].append(second)
            others[second].append(first)
        return [
            Likes(int(row["rank"]), row["township"], tuple(rows[other]["township"] for other in sorted(others[place])))
            for place, row in enumerate(rows)
        ]

    def _pairs(self) -> tuple[list[dict[str, Any]], pd.DataFrame]:
        """The townships that have a score, by rank, and the test of every two of them."""
        found: tuple[list[dict[str, Any]], pd.DataFrame] = self._kept.get("pairs", self._tested)
        return found

    def _tested(self) -> tuple[list[dict[str, Any]], pd.DataFrame]:
        from analysis import pairs_of

        townships, pairs = pairs_of(self.scores, level=LEVEL)
        rows: list[dict[str, Any]] = townships.to_dict("records")  # type: ignore[assignment]
        return rows, pairs.tests

    def rank_spans(self) -> dict[tuple[str, str], RankSpan]:
        """By township code and kind of change, the best and the worst rank that it takes."""
        table = self.sensitivity().table.dropna(subset=["rank_then"])
        if table.empty:
            return {}
        ends = table.groupby(["township_code", "kind"])["rank_then"].agg(["min", "max"])
        return {
            (str(key[0]), str(key[1])): RankSpan(int(best), int(worst))
            for key, best, worst in zip(ends.index, ends["min"], ends["max"], strict=True)
        }


def _known(value: float | np.floating[Any] | None) -> float | None:
    return None if value is None or value != value else float(value)
