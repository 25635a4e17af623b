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
        found: list[Neighbours] = self._kept.get("neighbours", self._neighbours)
        return found

    def _neighbours(self) -> list[Neighbours]:
        from analysis import pairs_not_told_apart

        table = self.scores.townships
        rows = [row for row in table.to_dict("records") if row["public_appraisal"] == row["public_appraisal"]]
        rows.sort(key=lambda row: (row["rank"], row["township_code"]))
        if len(rows) < 2:
            return []
        exact = [self.scores.exact.townships[row["wave"], row["township_code"]] for row in rows]
        errors = [_known(row["se"]) for row in rows]
        tests = pairs_not_told_apart(exact, errors, level=LEVEL).tests
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
