"""
What a design and a frame have against each other, said in both languages.

Problem     one of them: where, what, and what to do
ListCheck   the list that is looked at: one group in one township
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sampling.designs.design_groups import GroupDesign
from sampling.errors import Sentence
from sampling.selection.group_draw import GroupSource

SHOWN = 5
"""So many clusters are named in one problem; the rest are counted."""

IN_LIST, COMPLETE = Sentence("the list has", "名单有"), Sentence("complete the list", "补全名单")
WITHIN_MAXIMA = Sentence("and the strata can give, within their maxima,", "各层在其上限之内只能给出")
RAISE = Sentence("raise the strata's maximum", "提高分层的 maximum")


@dataclass(frozen=True)
class Problem:
    """
    One problem of a design with a frame.

    Attributes
    ----------
    township_code, group, stage : str
        Where; empty where it concerns all.
    stops : bool
        Whether a draw is refused, or only should know.
    what, remedy : Sentence
        In both languages.
    """

    township_code: str
    group: str
    stage: str
    stops: bool
    what: Sentence
    remedy: Sentence

    @property
    def en(self) -> str:
        """The whole in one sentence."""
        return f"{self._place}: {self.what.en}; {self.remedy.en}."

    @property
    def zh(self) -> str:
        """The whole in one sentence."""
        return f"{self._place}：{self.what.zh}；{self.remedy.zh}。"

    @property
    def _place(self) -> str:
        return " ".join(part for part in (self.township_code, self.group, self.stage) if part)


class ListCheck(NamedTuple):
    """The list of one group in one township."""

    township_code: str
    group: GroupDesign
    source: GroupSource

    def problem(self, stage: str, stops: bool, what: Sentence, remedy: Sentence) -> Problem:
        return Problem(self.township_code, self.group.group, stage, stops, what, remedy)

    def short(self, stage: str, wanted: int, has: int, *, stratum: str = "", maxima: bool = False) -> Problem:
        """Fewer than the design takes: a reason not to draw, or something to know."""
        stops = self.group.too_short == "refuse"
        source, mend = (WITHIN_MAXIMA, RAISE) if maxima else (IN_LIST, COMPLETE)
        what = Sentence(f"the design takes {wanted}, {source.en} {has}", f"设计需抽 {wanted} 个，{source.zh} {has} 个")
        remedy = Sentence(mend.en, f"请{mend.zh}")
        if not stops:
            remedy = Sentence(
                f"fewer are taken and the shortfall is reported; to take all, {mend.en}",
                f"将少抽并报告不足；若要抽足，请{mend.zh}",
            )
        return self.problem(stage, stops, within(stratum, what), remedy)


def within(stratum: str, what: Sentence) -> Sentence:
    """A sentence led by the stratum of which it is said."""
    if not stratum:
        return what
    return Sentence(f"in the stratum {stratum!r}, {what.en}", f"层“{stratum}”中，{what.zh}")


def named(texts: Sequence[str]) -> str:
    """The first few of some names, and how many there are."""
    more = f" … {len(texts)}" if len(texts) > SHOWN else ""
    return ", ".join(texts[:SHOWN]) + more
