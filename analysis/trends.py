"""
What changed since the last wave, and whether the change is more than chance.

change        this wave's scores against the last's: items, groups, townships, ranks
change_in     the same for plain arrays
Changes       the tables that ``change`` gives
VERDICTS      its verdicts in words
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import stdtr, stdtrit

from analysis.errors import AnalysisError
from analysis.labels import Label
from analysis.rank_pairs import adjusted
from analysis.results import Note, Scores

Floats = npt.NDArray[np.float64]

ROSE, FELL, OPEN, UNKNOWN = "rose", "fell", "not_told_apart", "not_known"
VERDICTS = {
    ROSE: Label("上升", "rose"),
    FELL: Label("下降", "fell"),
    OPEN: Label("变化未超出抽样误差", "not more than chance"),
    UNKNOWN: Label("无法判断", "cannot be judged"),
}
"""The verdicts in words."""

_MANY = 6
"""So many townships are named in a note; of more, their number."""
_KEYS = {
    "items": ("township_code", "group", "item"),
    "groups": ("township_code", "group"),
    "townships": ("township_code",),
}
_FIGURE = {"items": "score", "groups": "total", "townships": "public_appraisal"}


@dataclass(frozen=True)
class Changes:
    """
    This wave against the last.

    Attributes
    ----------
    items, groups, townships : DataFrame
        Keys, then ``now, before, change, se, df, ci_low, ci_high, p, p_adjusted, verdict``; a row for what stands in either
        wave. ``verdict`` is ``rose``, ``fell``, ``not_told_apart`` or ``not_known``. ``townships`` goes on with ``rank,
        rank_low, rank_high`` of both waves (the last's end in ``_before``), ``places_up`` and ``rank_verdict``.
    level : float
        Of the intervals; 1 − level is the error of each table's verdicts together.
    overlap : mapping of str to float
        By group, what was said of common respondents.
    notes : tuple of Note
    """

    items: pd.DataFrame
    groups: pd.DataFrame
    townships: pd.DataFrame
    level: float
    overlap: Mapping[str, float]
    notes: tuple[Note, ...]

    def table(self, name: str) -> pd.DataFrame:
        """``items``, ``groups`` or ``townships``."""
        return {"items": self.items, "groups": self.groups, "townships": self.townships}[name]


def change(
    now: Scores,
    before: Scores,
    *,
    level: float = 0.95,
    overlap: Mapping[str, float] | None = None,
    waves: tuple[int, int] | None = None,
) -> Changes:
    """
    Compare two waves.

    Parameters
    ----------
    now, before : Scores
        With their standard errors, degrees of freedom and rank sets where there are any. Differences are of the exact
        scores, rounded once.
    level : float
        Between 0 and 1.
    overlap : mapping of str to float, optional
        By group, the share of respondents who are in both samples (of the geometric mean of both sizes) times the correlation
        of one person's scores in the two waves: 0 to 1. Not given: 0, samples drawn independently. Answers are anonymous, so
        it cannot be found from them; where the same persons answer alike the standard error without it is too large, and
        the verdicts too cautious.
    waves : (int, int), optional
        Which wave of each; needed where scores hold several.

    Returns
    -------
    Changes

    Raises
    ------
    AnalysisError
        If scores hold several waves and none is chosen, or not the one that is chosen.
    ValueError
        If ``level`` or a value of ``overlap`` is out of range.

    Notes
    -----
    Var(change) = se₁² + se₂² − 2·overlap·se₁·se₂ in a group (Kish 1965, Survey Sampling, chapter 12); a township's
    covariance is the sum over groups of w₁·w₂·overlap·se₁·se₂, with w the weights of the groups in the public appraisal.
    Degrees of freedom are those of both standard errors, together by Satterthwaite (1946). Verdicts go by p-values adjusted
    within each table by Holm's method.
    """
    if not 0 < level < 1:
        raise ValueError(f"expected a level between 0 and 1, got {level}")
    common = dict(overlap or {})
    if any(not 0 <= value <= 1 for value in common.values()):
        raise ValueError(f"expected overlaps from 0 to 1, got {common}")
    chosen = waves or (_only_wave(now, "now"), _only_wave(before, "before"))
    sides = (_Side(now, chosen[0]), _Side(before, chosen[1]))
    tables = {name: _compared(sides, name, common, level) for name in _KEYS}
    tables["townships"] = _with_ranks(tables["townships"], sides)
    return Changes(**tables, level=level, overlap=common, notes=tuple(_notes(now, before, tables, common)))


def change_in(
    now: npt.ArrayLike,
    before: npt.ArrayLike,
    se_now: npt.ArrayLike,
    se_before: npt.ArrayLike,
    *,
    covariance: npt.ArrayLike = 0.0,
    df_now: npt.ArrayLike = np.inf,
    df_before: npt.ArrayLike = np.inf,
    level: float = 0.95,
) -> pd.DataFrame:
    """
    The change of figures, its standard error, interval and test.

    Parameters
    ----------
    now, before, se_now, se_before : array of float, one length
        NaN where there is none; standard errors in the figures' unit, 0 or more.
    covariance : array of float
        Of the two estimates; 0 for independent samples.
    df_now, df_before : array of float
        Degrees of freedom of the standard errors; together by Satterthwaite (1946), Biometrics Bulletin 2, 110–114.
    level : float
        Between 0 and 1.

    Returns
    -------
    DataFrame
        ``change, se, df, ci_low, ci_high, p``: two-sided by Student's t. A change known without error has p 0, none has p 1.

    Examples
    --------
    >>> change_in([83.0], [78.0], [3.0], [4.0]).round(3).to_numpy().tolist()
    [[5.0, 5.0, inf, -4.8, 14.8, 0.317]]
    """
    first, second = np.square(np.asarray(se_now, float)), np.square(np.asarray(se_before, float))
    moved = np.asarray(now, float) - np.asarray(before, float)
    # two errors that overlap wholly may leave a variance a rounding error below 0
    se = np.sqrt(np.maximum(first + second - 2 * np.asarray(covariance, float), 0.0))
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = _spread(first, df_now) + _spread(second, df_before)
        df = np.where(spread > 0, (first + second) ** 2 / spread, np.inf)
        t = np.abs(moved) / se
    p = np.where((se == 0) & (moved == 0), 1.0, 2 * stdtr(df, -t))
    half = stdtrit(df, (1 + level) / 2) * se
    return pd.DataFrame({"change": moved, "se": se, "df": df, "ci_low": moved - half, "ci_high": moved + half, "p": p})


def _spread(variance: Floats, df: npt.ArrayLike) -> Floats:
    """A variance's part of Satterthwaite's sum; a figure known without error adds nothing, whatever its degrees."""
    return np.where(variance > 0, variance**2 / np.asarray(df, float), 0.0)


@dataclass(frozen=True)
class _Side:
    """One wave's scores."""

    scores: Scores
    wave: int

    def exact(self, name: str, key: tuple[str, ...]) -> Fraction | None:
        figures: Mapping[Any, Fraction] = getattr(self.scores.exact, name)
        return figures.get((self.wave, *key))

    def table(self, name: str) -> pd.DataFrame:
        """Its rows of this wave, by their keys."""
        table = self.scores.table(name)
        return table[table["wave"] == self.wave].set_index(list(_KEYS[name]))

    def column(self, name: str, column: str, keys: pd.Index) -> Floats:
        return self.table(name)[column].reindex(keys).to_numpy(dtype=float, na_value=np.nan)

    def df(self, name: str, keys: pd.Index) -> Floats:
        """Degrees of freedom; infinite where they are not known, as with errors that came from elsewhere."""
        if name not in self.scores.degrees:
            return np.full(len(keys), np.inf)
        table = self.scores.table(name).assign(df=self.scores.degrees[name])
        own = table[table["wave"] == self.wave].set_index(list(_KEYS[name]))["df"]
        return own.reindex(keys).fillna(np.inf).to_numpy()

    def weights(self) -> pd.Series:
        """The weight of each group in its township's public appraisal, by township and group."""
        groups = self.table("groups")
        counted = groups[groups["total"].notna()]
        equal = self.scores.scheme.readings["group_weights"] == "equal"
        shares = pd.Series(1.0, counted.index) if equal else counted["respondents"].astype(float)
        return shares / shares.groupby(level="township_code").transform("sum")


def _only_wave(scores: Scores, side: str) -> int:
    waves = sorted({int(wave) for wave in scores.townships["wave"]})
    if len(waves) != 1:
        found = ", ".join(map(str, waves)) or "none"
        raise AnalysisError(
            f"{side}: expected the scores of one wave, found waves {found}; choose with waves.",
            f"{side}：应为一期的得分，实有期次 {found}，请以 waves 指定。",
        )
    return waves[0]


def _compared(sides: tuple[_Side, _Side], name: str, overlap: Mapping[str, float], level: float) -> pd.DataFrame:
    now, before = sides
    for side in sides:
        if side.table("townships").empty:
            raise AnalysisError(
                f"waves: expected a wave that the scores hold, found {side.wave}; choose another.",
                f"waves：应为得分中已有的期次，实为 {side.wave}，请另选。",
            )
    first, second = now.table(name), before.table(name)
    keys = first.index.append(second.index[~second.index.isin(first.index)])
    tuples = [key if isinstance(key, tuple) else (key,) for key in keys]
    figures = [(now.exact(name, key), before.exact(name, key)) for key in tuples]
    errors = (now.column(name, "se", keys), before.column(name, "se", keys))
    found = change_in(
        [_double(one) for one, _ in figures],
        [_double(other) for _, other in figures],
        *errors,
        covariance=_covariance(sides, name, keys, errors, overlap),
        df_now=now.df(name, keys),
        df_before=before.df(name, keys),
        level=level,
    )
    exact = pd.Series([_difference(one, other) for one, other in figures], dtype="float64")
    shift = exact - found["change"]  # the exact difference, rounded once, moves the interval with it
    found = found.assign(change=exact, ci_low=found["ci_low"] + shift, ci_high=found["ci_high"] + shift)
    found["p_adjusted"] = adjusted(found["p"].to_numpy())
    found["verdict"] = _verdicts(found, level)
    found.insert(0, "before", [_double(other) for _, other in figures])
    found.insert(0, "now", [_double(one) for one, _ in figures])
    return pd.concat([keys.to_frame(index=False), found], axis=1)


def _covariance(
    sides: tuple[_Side, _Side], name: str, keys: pd.Index, errors: tuple[Floats, Floats], overlap: Mapping[str, float]
) -> Floats:
    """The covariance that common respondents bring."""
    if not overlap:
        return np.zeros(len(keys))
    if name != "townships":
        shares = keys.get_level_values("group").map(lambda group: overlap.get(group, 0.0)).to_numpy(dtype=float)
        return np.asarray(shares * errors[0] * errors[1])
    now, before = sides
    groups = now.table("groups").index.intersection(before.table("groups").index)
    shares = groups.get_level_values("group").map(lambda group: overlap.get(group, 0.0)).to_numpy(dtype=float)
    parts = shares * now.column("groups", "se", groups) * before.column("groups", "se", groups)
    weights = now.weights().reindex(groups).to_numpy() * before.weights().reindex(groups).to_numpy()
    summed = pd.Series(np.nan_to_num(parts * weights), groups).groupby(level="township_code").sum()
    return summed.reindex(keys).fillna(0.0).to_numpy()


def _verdicts(found: pd.DataFrame, level: float) -> list[str]:
    verdicts = []
    for moved, p in zip(found["change"], found["p_adjusted"], strict=True):
        if np.isnan(p):
            verdicts.append(UNKNOWN)
        elif p > 1 - level:
            verdicts.append(OPEN)
        else:
            verdicts.append(ROSE if moved > 0 else FELL)
    return verdicts


def _with_ranks(table: pd.DataFrame, sides: tuple[_Side, _Side]) -> pd.DataFrame:
    """The ranks of both waves beside each other."""
    table = table.copy()
    keys = pd.Index(table["township_code"])
    for side, ending in zip(sides, ("", "_before"), strict=True):
        for column in ("rank", "rank_low", "rank_high"):
            table[column + ending] = side.table("townships")[column].reindex(keys).astype("Int64").to_numpy()
            table[column + ending] = table[column + ending].astype("Int64")
    table["places_up"] = table["rank_before"] - table["rank"]
    table["rank_verdict"] = [_rank_verdict(*line) for line in table[_RANKS].itertuples(index=False, name=None)]
    return table


_RANKS = ["rank_low", "rank_high", "rank_low_before", "rank_high_before"]


def _rank_verdict(low: Any, high: Any, low_before: Any, high_before: Any) -> str:
    """A rank moved beyond doubt where the two sets have no rank in common."""
    if any(value is pd.NA for value in (low, high, low_before, high_before)):
        return UNKNOWN
    if high < low_before:
        return ROSE
    return FELL if low > high_before else OPEN


def _notes(now: Scores, before: Scores, tables: Mapping[str, pd.DataFrame], overlap: Mapping[str, float]) -> list[Note]:
    notes = [_overlap_note(overlap)]
    one, other = now.scheme.to_dict(), before.scheme.to_dict()
    if any(one[part] != other[part] for part in ("full_mark", "points", "readings")):
        notes.append(
            Note(
                "schemes_differ",
                "The two waves were scored by different rules; a change may be one of the rules. Score both by one scheme.",
                "两期按不同规则计分，得分变化可能由规则不同造成；请按同一方案重新计算两期。",
            )
        )
    alone = {name: int((table["now"].isna() ^ table["before"].isna()).sum()) for name, table in tables.items()}
    if any(alone.values()):
        notes.append(
            Note(
                "in_one_wave_only",
                f"In one wave only, so without a change: {alone['townships']} townships, {alone['groups']} groups, "
                f"{alone['items']} items.",
                f"仅一期有得分、不计变化的有：乡镇 {alone['townships']} 个、类别 {alone['groups']} 个、题目 {alone['items']} 道。",
            )
        )
    notes += _other_groups(now, tables)
    return notes


def _other_groups(now: Scores, tables: Mapping[str, pd.DataFrame]) -> list[Note]:
    """Townships whose public appraisal is the mean of other groups than in the last wave."""
    groups, townships = tables["groups"], tables["townships"]
    changed = set(groups.loc[groups["now"].isna() ^ groups["before"].isna(), "township_code"])
    known = townships.loc[townships["now"].notna() & townships["before"].notna(), "township_code"]
    names = dict(zip(now.townships["township_code"], now.townships["township"], strict=True))
    found = [f"{names.get(code, '')} ({code})".strip() for code in known if code in changed]
    if not found:
        return []
    many = len(found) > _MANY
    return [
        Note(
            "groups_differ",
            f"{f'{len(found)} townships' if many else ', '.join(found)}: not the same groups have a total in both waves; a change "
            "of the public appraisal may be one of the groups.",
            f"{f'{len(found)} 个乡镇' if many else '、'.join(found)}：两期有合计分值的类别不同，公众评议总分的变化可能由类别不同造成。",
        )
    ]


def _overlap_note(overlap: Mapping[str, float]) -> Note:
    if not any(overlap.values()):
        return Note(
            "samples_independent",
            "The two samples are taken as independent; persons who are in both make the errors of the changes too large.",
            "两期样本按相互独立处理；若有人两期均被抽中，变化的标准误会偏大。",
        )
    named = ", ".join(f"{group} {value:g}" for group, value in sorted(overlap.items()))
    return Note(
        "samples_overlap",
        f"The errors of the changes allow for persons who are in both samples (share × correlation: {named}).",
        f"变化的标准误已计入两期均被抽中者（重合比例×相关系数：{named}）。",
    )


def _double(value: Fraction | None) -> float:
    return np.nan if value is None else float(value)


def _difference(one: Fraction | None, other: Fraction | None) -> float:
    return np.nan if one is None or other is None else float(one - other)
