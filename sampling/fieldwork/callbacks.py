"""
Which places of the sample are asked again whether they were visited: one in ten, by equal interval, from a public sentence.

callback_label(seed, round_code)            the sentence
callback_positions(seed, round_code, size)  positions in the list of main units

The tenth is fixed by the draw's seed before the first visit, and a unit is asked again once it has answered: so each completed unit has
the same chance, a reserve that of the main unit it stands in for, and nobody's choice or pace of work can change it.
"""

from __future__ import annotations

from sampling.errors import SamplingError
from sampling.methods.equal_interval import equal_interval
from sampling.seed import check_seed
from sampling.starts import hashed

PROTOCOL = "pingyi-callback/1"
ONE_IN = 10


def callback_label(seed: str, round_code: str) -> str:
    """
    The public sentence from which the start comes.

    Parameters
    ----------
    seed : str
        The seed of the draw in force.
    round_code : str
        The round's code.

    Examples
    --------
    >>> callback_label("2026", "359900-2026-1")
    'pingyi-callback/1|2026|359900-2026-1'
    """
    return "|".join((PROTOCOL, check_seed(seed), round_code))


def callback_positions(seed: str, round_code: str, size: int) -> list[int]:
    """
    The positions, counted from 0, in the list of all main units in the order of the sample.

    Parameters
    ----------
    seed, round_code : str
        As in ``callback_label``.
    size : int
        N, how many main units there are; n = N/10, rounded up, are chosen, each with probability n/N.

    Raises
    ------
    SamplingError
        If the size is negative.

    Examples
    --------
    >>> len(callback_positions("2026", "359900-2026-1", 2090))
    209
    """
    if size < 0:
        raise SamplingError(
            f"Expected a number of main units of 0 or more, got {size}; give the length of the sample.",
            f"正式样本单位数应不小于 0，实为 {size}；请给出样本的单位数。",
        )
    chosen: list[int] = equal_interval(
        size, -(-size // ONE_IN), start=hashed(callback_label(seed, round_code))
    ).tolist()
    return chosen
