"""
What there is to write: the scores, and whatever else is known of the round.

ExportSource    scores, answers, changes, sentences on quality, settings
needed          the answers, for formats that cannot do without
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from analysis.errors import ExportError
from analysis.labels import Label
from analysis.results import Scores

if TYPE_CHECKING:
    import pandas as pd

    from analysis.itemlists import ItemList
    from analysis.responses import Responses

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")


@dataclass(frozen=True)
class ExportSource:
    """
    What the exports are made of. Only ``scores`` must be there; what is missing is left out of the files.

    Attributes
    ----------
    scores : Scores
    responses : Responses or None
        The answers behind the scores; needed by the formats that hold rows.
    changes : DataFrame or None
        This wave against the last: ``township_code, now, before, change, se, ci_low, ci_high, verdict``, one row a
        township; ``verdict`` is ``rose``, ``fell``, ``not_told_apart`` or ``not_known``.
    quality, sensitivity : tuple of Label
        Sentences on the quality of the fieldwork, and on what other readings of the rules would change.
    settings : tuple of (Label, str)
        More for the notes: the seed and fingerprint of the draw, the method of standard errors.
    language : "zh" or "en"
        Of files that speak one language: the report.
    title : str
        What the report calls the round; its name if empty.
    is_demo : bool
        Whether the answers are simulated; each page of the report then says so.
    """

    scores: Scores
    responses: Responses | None = None
    changes: pd.DataFrame | None = None
    quality: tuple[Label, ...] = ()
    sensitivity: tuple[Label, ...] = ()
    settings: tuple[tuple[Label, str], ...] = ()
    language: Language = "zh"
    title: str = ""
    is_demo: bool = False

    @property
    def item_lists(self) -> Mapping[str, ItemList]:
        """By group, the items of its questionnaire; empty without the answers."""
        return {} if self.responses is None else self.responses.item_lists

    def say(self, zh: str, en: str) -> str:
        """The sentence in the language of the files."""
        return en if self.language == "en" else zh

    def word(self, label: Label) -> str:
        """The label in the language of the files."""
        return self.say(label.zh, label.en)


def as_source(given: Scores | ExportSource) -> ExportSource:
    """Scores alone, or already with what else is known."""
    return given if isinstance(given, ExportSource) else ExportSource(given)


def needed(source: ExportSource, format_name: str) -> Responses:
    """
    The answers.

    Raises
    ------
    ExportError
        If the scores came without them.
    """
    if source.responses is None:
        raise ExportError(
            f"format {format_name}: expected the answers beside the scores, found scores alone; "
            "give ExportSource(scores, responses).",
            f"格式 {format_name}：除得分外还需要答卷，实只有得分，请提供 ExportSource(scores, responses)。",
        )
    return source.responses
