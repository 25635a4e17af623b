"""Standard errors, intervals, design effects and weighted scores of a round."""

from __future__ import annotations

import numpy as np

from analysis.responses import Responses
from analysis.scheme import Scheme, load_scheme
from analysis.scoring import exact_scores
from analysis.standard_errors.estimates import estimate_errors, estimates_of
from analysis.standard_errors.methods import METHODS
from analysis.standard_errors.options import (
    DEFAULT_LONELY_PSU,
    DEFAULT_REPLICATES,
    LONELY_PSU,
    Options,
    checked_name,
    checked_numbers,
    seed_of,
)
from analysis.standard_errors.results import Precision


def precision(
    responses: Responses,
    scheme: Scheme | None = None,
    *,
    method: str = "linearised",
    fpc: bool = True,
    lonely_psu: str = DEFAULT_LONELY_PSU,
    confidence: float = 0.95,
    rng: int | np.random.Generator | None = None,
    replicates: int = DEFAULT_REPLICATES,
) -> Precision:
    """
    How sure the scores are, from the design of the sample.

    Variances are of ratios, on the answers of those who judged, with the items' covariance and no respondent left out; PSUs
    are clusters, each respondent of a one-stage group is one. ``docs/method-precision.md`` has the formulas and their
    sources (Woodruff 1971; Särndal, Swensson and Wretman 1992; Rao and Wu 1988; Wolter 2007).

    Parameters
    ----------
    responses : Responses
        The rows; counts alone do not tell which answers belong to one person.
    scheme : Scheme, optional
        The county plan if not given.
    method : {"linearised", "jackknife", "bootstrap", "linearised_bootstrap", "successive_differences"}
    fpc : bool
        Whether to correct for finite populations by samples.csv.
    lonely_psu : {"fail", "remove", "certainty", "adjust", "average"}
        What a stratum with a single PSU adds.
    confidence : float
        Of the intervals, between 0 and 1.
    rng : int or numpy Generator
        Where the bootstrap's random numbers start; the other methods need none.
    replicates : int
        Of the bootstrap, 2 or more.

    Returns
    -------
    Precision

    Raises
    ------
    AnalysisError
        If a name is unknown, a group is not the scheme's, or a stratum has a single PSU and the policy is ``fail``.
    ValueError
        If ``confidence``, ``replicates`` or ``rng`` cannot be used.

    Examples
    --------
    Four people: satisfied twice, basically satisfied, unsatisfied. Their mean is 13/4 and its standard error
    √(Σ(x − 13/4)²/3/4) = √(67/48), of the total 20 times as much.

    >>> import pandas as pd
    >>> from analysis import responses_from_tables
    >>> row = {"round": "2026", "wave": 1, "township_code": "359900101000", "group": "rural", "psu_code": "", "weight": 1,
    ...        "mode": "", "minutes": ""}
    >>> rows = pd.DataFrame([{**row, "R01": answer} for answer in ("satisfied", "satisfied", "basic", "unsatisfied")])
    >>> townships = pd.DataFrame({"township_code": ["359900101000"], "township": ["甲镇"], "last_rank": [1]})
    >>> found = precision(responses_from_tables({"rural": rows}, townships)).townships.iloc[0]
    >>> float(found["est"]), round(float(found["se"]), 4), float(found["df"])
    (65.0, 23.6291, 3.0)
    """
    scheme = scheme or load_scheme()
    checked_name("method", "方法", method, tuple(METHODS))
    checked_name("lonely_psu", "单一初级单元的处理方式", lonely_psu, tuple(LONELY_PSU))
    checked_numbers(confidence, replicates)
    seed = seed_of(rng) if METHODS[method].is_random else None
    options = Options(method, fpc, lonely_psu, confidence, replicates, seed)
    return estimate_errors(responses, scheme, estimates_of(responses, exact_scores(responses, scheme)), options)
