"""
`python -m benchmarks.top_six`: how often a round's first six are the true first six, and what rank sets and shares are worth.

19 townships with true scores from a normal distribution; a round adds a normal error of the standard error of this design. The
standard deviation of the true scores is that of the demo county (3 points), and others beside it; the standard error 2.1 is that of
110 respondents whose totals vary by 18 points.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis import rank_probabilities, rank_sets

TOWNSHIPS, PRIZES = 19, 6
SEED, ROUNDS = 20261124, 1000


@dataclass(frozen=True)
class Figures:
    """What came out of many rounds."""

    all_right: float
    right: float
    covered: float
    width: float
    sure: float
    stated: float
    met: float


def figures(spread: float, error: float, *, rounds: int = ROUNDS, seed: int = SEED) -> Figures:
    """
    Play rounds.

    Parameters
    ----------
    spread : float
        Standard deviation of true scores, in points of 100.
    error : float
        Standard error of a township's score.

    Returns
    -------
    Figures
        Share of rounds with all six right; mean number right; share of true ranks covered by 95 % marginal sets and mean ranks in
        a set; mean number of townships whose set lies within the first six; mean stated share of those with a share of the
        first six of 0.5 to 0.9, and how many of them truly belong.
    """
    rng = np.random.default_rng(seed)
    rows = []
    for _ in range(rounds):
        truth = spread * rng.standard_normal(TOWNSHIPS)
        seen = truth + error * rng.standard_normal(TOWNSHIPS)
        true_rank, rank = (1 + (-values).argsort().argsort() for values in (truth, seen))
        sets = rank_sets(seen, [error] * TOWNSHIPS, rng=rng, replicates=1000)
        low, high = np.array(sets.low), np.array(sets.high)
        shares = rank_probabilities(seen, [error] * TOWNSHIPS, tops=(PRIZES,), rng=rng, replicates=1000)
        stated = shares.table().iloc[:, 0].to_numpy()
        likely = (stated >= 0.5) & (stated <= 0.9)
        right = int(((true_rank <= PRIZES) & (rank <= PRIZES)).sum())
        rows.append(
            (
                right == PRIZES,
                right,
                ((low <= true_rank) & (true_rank <= high)).mean(),
                (high - low + 1).mean(),
                (high <= PRIZES).sum(),
                stated[likely].sum(),
                (true_rank[likely] <= PRIZES).sum(),
                likely.sum(),
            )
        )
    means = np.mean(rows, axis=0)
    return Figures(*means[:5].tolist(), *(means[5:7] / means[7]).tolist())


def main() -> None:
    """Print the table of docs/method-ranks.md."""
    print("sd true  se   all six right  right of 6  covered  ranks in set  surely first six  stated  met")
    for spread, error in ((3, 2.1), (5, 2.1), (8, 2.1), (8, 1), (3, 0.5)):
        found = figures(spread, error)
        print(
            f"{spread:7} {error:4} {found.all_right:14.2f} {found.right:11.2f} {found.covered:8.3f} {found.width:13.1f} "
            f"{found.sure:17.2f} {found.stated:7.2f} {found.met:5.2f}"
        )


if __name__ == "__main__":
    main()
