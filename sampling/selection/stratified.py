"""
A stratified sample without frame, design and files: for a notebook, at the speed of arrays.

select_in_strata(strata, n, seed=…)   → StrataSample: row positions and their probabilities
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import ArrayLike, NDArray

from sampling.frames.coded import run_starts
from sampling.frames.tables import arrow_texts
from sampling.methods import METHODS
from sampling.seed import check_seed
from sampling.selection.lists import Lists
from sampling.selection.many import units_of_lists
from sampling.starts import Numbers, Start, hashed, label, numbers

Ints = NDArray[np.int64]

GROUP = "strata"
"""What stands in the labels where a draw has a group."""


class StrataSample(NamedTuple):
    """
    A stratified sample.

    Attributes
    ----------
    rows : ndarray of int64, shape (n_selected,)
        Row positions, increasing, counted from 0.
    probability : ndarray of float64, shape (n_selected,)
        min(n, N)/N of each one's stratum, above 0 and at most 1, rounded once; the weight is its reciprocal.
    """

    rows: Ints
    probability: NDArray[np.float64]


class _Strata(NamedTuple):
    """The strata of some rows: their names in ascending order, and the rows of each as a list."""

    names: list[Any]
    lists: Lists


def select_in_strata(
    strata: ArrayLike | pd.Series,
    n: int | Mapping[Any, int],
    *,
    method: str = "equal_interval",
    seed: str | None = None,
    start: Start | Mapping[Any, Start] | None = None,
) -> StrataSample:
    """
    Select from every stratum by itself.

    Parameters
    ----------
    strata : array of int or str, shape (n_rows,)
        The stratum of each row: an array, a list, a pandas Series (whole numbers, texts, categories). Rows of a
        stratum are its list in the order in which they stand, together or apart.
    n : int or mapping
        How many to select of each stratum, or of every stratum by its name; all are taken where it holds no more.
    method : str
        A key of ``METHODS`` that needs no sizes.
    seed : str, optional
        A stratum's random numbers are the hashes of its own labels (``starts.label``, with the stratum's name as
        township and ``strata`` as group): they do not change with the other strata.
    start : int, sequence, function or mapping, optional
        Random numbers given by hand instead, as of every method; a mapping gives them by stratum.

    Returns
    -------
    StrataSample

    Raises
    ------
    ValueError
        If neither or both of seed and start are given, the method needs sizes, a stratum has no n or start, a name
        in a mapping is no stratum, n is negative, a start is out of range, or a stratum is missing (NaN, None).
    SeedError
        If the seed cannot be used.

    Notes
    -----
    Rows that stand together are not sorted; others by a counting sort. Särndal, Swensson and Wretman (1992), Model
    Assisted Survey Sampling, sections 3.4 and 3.7.

    Examples
    --------
    >>> found = select_in_strata(["a", "a", "a", "b", "b"], 1, start=1)
    >>> found.rows.tolist(), found.probability.tolist()
    ([1, 4], [0.3333333333333333, 0.5])
    >>> select_in_strata([7, 8, 7, 8], {7: 2, 8: 0}, seed="2026").rows.tolist()
    [0, 2]
    """
    if method not in METHODS or METHODS[method].by_size:
        known = ", ".join(name for name, own in METHODS.items() if not own.by_size)
        raise ValueError(f"expected a method without sizes ({known}), got {method!r}")
    found = _strata(strata)
    wanted = _wanted(found.names, n)
    positions, owner = units_of_lists(method, found.lists.size, wanted, _draws(found.names, seed, start))
    rows = found.lists.frame_rows(owner, positions)
    chances = np.minimum(wanted, found.lists.size) / found.lists.size
    if len(rows) and not bool((rows[1:] > rows[:-1]).all()):
        order = np.argsort(rows)
        rows, owner = rows[order], owner[order]
    return StrataSample(rows, chances[owner])


def _strata(strata: ArrayLike | pd.Series) -> _Strata:
    """The rows of each stratum, as they stand where those of every stratum stand together."""
    together = _runs_of_numbers(strata)
    if together is not None:
        return together
    codes, names = _numbered(strata)
    if not len(codes):
        return _Strata([], Lists(None, np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)))
    starts = run_starts(len(codes), [codes])
    if len(starts) == len(names):
        return _standing_together(codes[starts], names, starts, len(codes))
    size = np.bincount(codes, minlength=len(names)).astype(np.int64)
    return _Strata(names, Lists(_counting_sort(codes, len(names)), np.cumsum(size) - size, size))


def _standing_together(own: NDArray[Any], names: list[Any], starts: Ints, n_rows: int) -> _Strata:
    """Strata of which each is one run of rows: ``own`` is the number of the stratum that each run is."""
    first, size = np.empty(len(names), dtype=np.int64), np.empty(len(names), dtype=np.int64)
    first[own], size[own] = starts, np.diff(starts, append=n_rows)
    return _Strata(names, Lists(None, first, size))


def _runs_of_numbers(strata: ArrayLike | pd.Series) -> _Strata | None:
    """Strata by whole numbers whose rows stand together; None where they do not."""
    values = strata.to_numpy() if isinstance(strata, pd.Series) and isinstance(strata.dtype, np.dtype) else strata
    if not isinstance(values, np.ndarray) or values.ndim != 1 or not np.issubdtype(values.dtype, np.integer):
        return None
    starts = run_starts(len(values), [values])
    if not len(values) or 4 * len(starts) > len(values):
        return None
    own, names = _whole_numbers(values[starts])
    return _standing_together(own, names, starts, len(values)) if len(names) == len(starts) else None


def _counting_sort(codes: NDArray[Any], span: int) -> Ints:
    """The order that sorts codes below ``span`` and leaves equal ones as they stand; linear in their number."""
    order = np.argsort(codes.astype(np.uint16), kind="stable")  # of 16 bits numpy sorts by counting
    if span > 2**16:
        order = order[np.argsort((codes >> 16).astype(np.uint16)[order], kind="stable")]
    return order.astype(np.int64, copy=False)


def _numbered(strata: ArrayLike | pd.Series) -> tuple[NDArray[Any], list[Any]]:
    """For each row the number of its stratum, and the strata's names in ascending order."""
    values = strata if isinstance(strata, pd.Series | pd.Categorical | pd.Index) else np.asarray(strata)
    if values.ndim != 1:
        raise ValueError(f"expected one stratum for each row, got an array of {values.ndim} dimensions")
    if isinstance(values.dtype, pd.CategoricalDtype):
        return _ordered(*pd.factorize(values))
    if isinstance(values.dtype, np.dtype) and np.issubdtype(values.dtype, np.integer):
        return _whole_numbers(np.asarray(values))
    texts = _arrow(values)
    if texts is None:
        return _ordered(*pd.factorize(values))
    return _ordered(texts.indices.to_numpy(), texts.dictionary.to_pylist())


def _arrow(values: Any) -> pa.DictionaryArray | None:
    """Texts numbered by Arrow; None where they are no texts."""
    try:
        cells = pa.array(values, from_pandas=True)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError):
        return None
    if isinstance(cells, pa.ChunkedArray):
        cells = cells.combine_chunks()
    if not (pa.types.is_string(cells.type) or pa.types.is_large_string(cells.type)):
        return None
    if cells.null_count:
        raise ValueError(f"expected a stratum for every row, {cells.null_count} have none")
    return arrow_texts(cells, trimmed=False)


def _whole_numbers(values: NDArray[Any]) -> tuple[NDArray[Any], list[Any]]:
    """Strata by whole numbers: a table of those that occur, where they lie close together."""
    low, high = (int(values.min()), int(values.max())) if len(values) else (0, -1)
    if high - low >= max(2 * len(values), 1 << 16):
        return _ordered(*pd.factorize(values))
    codes = (values if low == 0 else values - low).astype(np.int32 if high - low < 2**31 else np.int64, copy=False)
    there = np.zeros(high - low + 1, dtype=bool)
    there[codes] = True
    if not there.all():
        codes = (np.cumsum(there) - 1).astype(np.int32)[codes]
    return codes, (np.flatnonzero(there) + low).tolist()


def _ordered(codes: NDArray[Any], found: Any) -> tuple[NDArray[Any], list[Any]]:
    """Numbers of strata as their names stand in ascending order."""
    names = found if isinstance(found, list) else found.tolist()
    if (codes < 0).any() if len(codes) else False:
        raise ValueError(f"expected a stratum for every row, {int((codes < 0).sum())} have none")
    order = sorted(range(len(names)), key=names.__getitem__)
    if order == list(range(len(names))):
        return codes, names
    place = np.empty(len(names), dtype=np.int32)
    place[order] = np.arange(len(names), dtype=np.int32)
    return place[codes], [names[k] for k in order]


def _wanted(names: Sequence[Hashable], n: int | Mapping[Any, int]) -> Ints:
    given = _by_name(names, n, "n") if isinstance(n, Mapping) else [n] * len(names)
    if any(not isinstance(count, int | np.integer) or isinstance(count, bool) or count < 0 for count in given):
        raise ValueError("expected whole numbers of at least 0 as n")
    return np.array([int(count) for count in given], dtype=np.int64)


def _draws(names: Sequence[Hashable], seed: str | None, start: Start | Mapping[Any, Start] | None) -> list[Numbers]:
    if (seed is None) == (start is None):
        raise ValueError("expected either a seed or a start")
    if seed is not None:
        check_seed(seed)
        head, tail = label(seed, "\0", GROUP, "unit").split("\0")  # a seed has no control characters
        return [hashed(f"{head}{name}{tail}") for name in names]
    if isinstance(start, Mapping):
        return [numbers(own) for own in _by_name(names, start, "start")]
    return [numbers(start)] * len(names)  # type: ignore[arg-type]


def _by_name(names: Sequence[Hashable], given: Mapping[Any, Any], what: str) -> list[Any]:
    """What a mapping gives each stratum; it names all strata and no others."""
    known = set(names)
    unknown = [name for name in given if name not in known]
    missing = [name for name in names if name not in given]
    if unknown or missing:
        raise ValueError(f"expected one {what} for each stratum; missing {missing[:5]}, no strata {unknown[:5]}")
    return [given[name] for name in names]
