"""
The sample as it was used: each main unit, or the reserve that came to stand for it.

used_sample(sample, releases)   → UsedSample
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

import pandas as pd

from sampling.errors import Fault, SamplingError
from sampling.fieldwork.release_reasons import REASONS
from sampling.fieldwork.releases import Release, ReserveBook, Unit

WARN_ABOVE = Fraction(1, 5)
"""A larger share of replaced main units is warned of."""

TRIED_COLUMNS = ("township_code", "group", "psu_code", "unit_code", "role", "main", "reason", "aapor", "eligible")


@dataclass(frozen=True, eq=False)
class UsedSample:
    """
    A sample after its fieldwork.

    Attributes
    ----------
    table : DataFrame
        One row per main unit whose place is not empty, in its order: the columns of the sample for the unit that
        stands for it, and ``stands_for``, the code of the main unit where that is another. ``pi`` and ``weight`` are
        the main unit's.
    tried : DataFrame
        One row per unit that was ever issued, main or released, with the reason why it was given up and whether it
        is eligible (``yes``, ``unknown``, ``no``; ``yes`` where it was not given up): what response rates count.
    shares : DataFrame
        By township and group: ``main``, ``replaced``, ``share`` (replaced ÷ main).
    replaced, main : int
        Over all: main units for which a reserve was released (also where that failed in the end), and all.
    share : Fraction
        replaced ÷ main, 0 where there is no main unit.
    warnings : tuple of Fault
        Where the share is above 20 %: over all, and by township and group.
    empty : tuple of Unit
        Main units whose place is empty: it was given up, no reserve being left.
    """

    table: pd.DataFrame
    tried: pd.DataFrame
    shares: pd.DataFrame
    replaced: int
    main: int
    share: Fraction
    warnings: tuple[Fault, ...]
    empty: tuple[Unit, ...] = ()


def used_sample(sample: pd.DataFrame, releases: Iterable[Release]) -> UsedSample:
    """
    The final sample, replacements in the place of the main units they stand for.

    Parameters
    ----------
    sample : DataFrame
        ``Draw.sample``, or ``sample.csv`` read as text.
    releases : iterable of Release
        In their order, as ``ReserveBook.releases`` or ``read_releases(…).releases`` give them.

    Returns
    -------
    UsedSample

    Raises
    ------
    SamplingError
        If a release does not follow from the sample and those before it.

    Notes
    -----
    A replacement keeps the design weight of its main unit. The estimate is then unbiased only if, within the list
    from which both were drawn, whether a unit can be interviewed has nothing to do with its answers (response
    ignorable within the cluster). Replacement hides nonresponse but does not mend it: the replaced unit stays in the
    denominator of the response rate, unless it is not eligible (Vehovar 1999; AAPOR, Standard Definitions, on
    substitution).

    Examples
    --------
    >>> columns = ["township_code", "group", "psu_code", "unit_code", "role", "sequence", "reserve_for", "weight"]
    >>> rows = [("1", "rural", "2", "A", "main", 1, "", 7.5), ("1", "rural", "2", "B", "reserve", 1, "A", 7.5)]
    >>> sample = pd.DataFrame(rows, columns=columns)
    >>> book = ReserveBook(sample)
    >>> release = book.release("1", "rural", "A", reason="refused")
    >>> used = used_sample(sample, book.releases)
    >>> used.table[["unit_code", "stands_for", "weight"]].to_numpy().tolist(), used.share
    ([['B', 'A', 7.5]], Fraction(1, 1))
    """
    book = _replay(sample, tuple(releases))
    keys = list(map(Unit._make, zip(*(sample[c] for c in Unit._fields), strict=True)))
    place = {key: k for k, key in enumerate(keys)}
    standing = {main: book.standing(*main) for main in book.mains}
    filled = {main: place[unit] for main, unit in standing.items() if unit.unit_code}
    table = sample.iloc[list(filled.values())].copy()
    standing_for = [main.unit_code if keys[k] != main else "" for main, k in filled.items()]
    table["stands_for"] = pd.array(standing_for, dtype=object)
    shares = _shares(book)
    replaced, main = int(shares["replaced"].sum()), len(book.mains)
    share = Fraction(replaced, main) if main else Fraction(0)
    empty = tuple(main for main in standing if main not in filled)
    return UsedSample(table, _tried(book), shares, replaced, main, share, _warnings(shares, replaced, main), empty)


def _replay(sample: pd.DataFrame, releases: tuple[Release, ...]) -> ReserveBook:
    """The book after the releases; one that does not follow is refused."""
    book = ReserveBook(sample)
    for release in releases:
        if not isinstance(release, Release):
            raise SamplingError(
                f"Expected releases as ReserveBook.releases or read_releases give them, got {str(release)[:60]!r}; give these.",
                f"启用记录应取自 ReserveBook.releases 或 read_releases，实为“{str(release)[:60]}”；请按此提供。",
            )
        again = book.repeat(
            *release.failed,
            released=release.released.unit_code,
            reason=release.reason,
            visits=release.visits,
            date=release.date,
            approved_by=release.approved_by,
        )
        if again != release:
            raise SamplingError(
                f"The release number {release.number} of {release.released.unit_code!r} contradicts the sample or the "
                f"order of releases, expected number {again.number} for {again.main.unit_code!r}; give all releases in order.",
                f"第 {release.number} 次启用（“{release.released.unit_code}”）与样本或启用顺序不符，"
                f"应为“{again.main.unit_code}”的第 {again.number} 次；请按顺序提供全部启用记录。",
            )
    return book


def _tried(book: ReserveBook) -> pd.DataFrame:
    reasons = {release.failed: release.reason for release in book.releases}
    psus = book.psus
    units = [(main, main, "main") for main in book.mains]
    units += [(release.released, release.main, "reserve") for release in book.releases if not release.empty]
    rows = []
    for unit, main, role in units:
        reason = REASONS.get(reasons.get(unit, ""))
        said = (reason.code, reason.aapor, reason.eligible) if reason else ("", "", "yes")
        rows.append((*unit[:2], psus[main], unit.unit_code, role, main.unit_code, *said))
    return pd.DataFrame.from_records(rows, columns=list(TRIED_COLUMNS))


def _shares(book: ReserveBook) -> pd.DataFrame:
    counts: dict[tuple[str, str], list[int]] = {}
    replaced = {release.main for release in book.releases if not release.empty}
    for main in book.mains:
        count = counts.setdefault(main[:2], [0, 0])
        count[0] += 1
        count[1] += main in replaced
    rows = [(*key, main, gone, gone / main) for key, (main, gone) in counts.items()]
    return pd.DataFrame.from_records(rows, columns=["township_code", "group", "main", "replaced", "share"])


def _warnings(shares: pd.DataFrame, replaced: int, main: int) -> tuple[Fault, ...]:
    found = [_warning("Over all", "总计", replaced, main)] if replaced * 5 > main else []
    columns = ("township_code", "group", "replaced", "main")
    for township, group, gone, of in zip(*(shares[c].tolist() for c in columns), strict=True):
        if Fraction(gone, of) > WARN_ABOVE:
            found.append(_warning(f"{township}, {group}", f"{township}“{group}”", gone, of))
    return tuple(found)


def _warning(where_en: str, where_zh: str, replaced: int, main: int) -> Fault:
    share = f"{100 * replaced / main:.0f} %"
    return Fault(
        f"{where_en}: {replaced} of {main} main units ({share}) were replaced, more than 20 %; find out why, and "
        "report the response rate beside the results.",
        f"{where_zh}：{main} 个正式样本单位中有 {replaced} 个（{share}）被替换，超过 20 %；请查明原因，并随结果公布应答率。",
    )
