"""
The same selections by svy and samplics, where they can be imported; None where they cannot.

They are no dependencies of the project: install them into an environment of their own beside it, and run the benchmark
there. Versions tried: svy 0.35.0, samplics 0.6.1.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

Call = Callable[[], object]
Ints = NDArray[np.int64]


def _module(name: str) -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return import_module(name)
    except ImportError:
        return None


def samplics_pps(sizes: Ints, n: int) -> Call | None:
    """Systematic selection in proportion to size."""
    samplics = _module("samplics")
    if samplics is None:
        return None
    units = np.arange(len(sizes))
    selection = _samplics_selection(samplics, "pps_sys")
    return lambda: selection().select(units, n, mos=sizes)


def samplics_stratified(codes: Ints, n: int) -> Call | None:
    """Systematic selection within strata."""
    samplics = _module("samplics")
    if samplics is None:
        return None
    units, sizes = np.arange(len(codes)), {int(code): n for code in np.unique(codes)}
    selection = _samplics_selection(samplics, "sys", strat=True)
    return lambda: selection().select(units, sizes, stratum=codes)


def _samplics_selection(samplics: Any, method: str, **options: Any) -> Callable[[], Any]:
    own = getattr(samplics.SelectMethod, method)
    return lambda: import_module("samplics.sampling").SampleSelection(method=own, wr=False, **options)


def svy_pps(sizes: Ints, n: int) -> Call | None:
    """Systematic selection in proportion to size."""
    return _svy({"size": sizes}, {"mos": "size"}, lambda sample: sample.sampling.pps_sys(n, rstate=1))


def svy_stratified(codes: Ints, n: int) -> Call | None:
    """Simple random selection within strata."""
    return _svy(
        {"stratum": codes}, {"stratum": "stratum"}, lambda sample: sample.sampling.srs(n, by="stratum", rstate=1)
    )


def svy_villages(codes: tuple[Ints, Ints, Ints], hits: int) -> Call | None:
    """Villages in proportion to their households within townships: the first stage of the group rural."""
    townships, groups, psus = codes
    rural = groups == 2  # delegates, enterprise, rural, urban
    found, size = np.unique(psus[rural], return_counts=True)
    owner = np.empty(int(psus.max()) + 1, dtype=np.int64)
    owner[psus[rural]] = townships[rural]
    return _svy(
        {"township": owner[found], "village": found, "size": size},
        {"stratum": "township", "mos": "size"},
        lambda sample: sample.sampling.pps_sys(hits, by="township", rstate=1),
    )


def _svy(columns: dict[str, Ints], design: dict[str, str], select: Callable[[Any], object]) -> Call | None:
    svy, polars = _module("svy"), _module("polars")
    if svy is None or polars is None:
        return None
    data = polars.DataFrame(columns)
    return lambda: select(svy.Sample(data, svy.Design(**design)))
