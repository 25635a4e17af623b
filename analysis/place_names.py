"""
What places are called in sentences.

PlaceNames    townships, groups and villages by their codes; a code stands where there is no name
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from analysis.disclosure import split_psus
from analysis.labels import Label
from analysis.responses import Responses
from analysis.scheme import Scheme


@dataclass(frozen=True)
class PlaceNames:
    """
    Names by code.

    Attributes
    ----------
    townships : mapping of str to str
    groups : mapping of str to Label
    psus : mapping of str to str
        Villages and communities; the answers hold their codes alone.

    Examples
    --------
    >>> names = PlaceNames({"101": "甲镇"}, {"rural": Label("农村居民", "Rural residents")}, {"201": "上村"})
    >>> names.place("101", "rural", "201+202").zh
    '甲镇农村居民（上村、村（居）202）'
    >>> names.place("102", "rural", "").en
    '102, Rural residents'
    """

    townships: Mapping[str, str]
    groups: Mapping[str, Label]
    psus: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, responses: Responses, scheme: Scheme, psus: Mapping[str, str] | None = None) -> PlaceNames:
        """The names that answers and scheme hold, and those of villages where they are given."""
        townships = zip(responses.townships["township_code"], responses.townships["township"], strict=True)
        return cls(dict(townships), {group.code: group.label for group in scheme.groups}, psus or {})

    def group(self, code: str) -> Label:
        """The group's name."""
        return self.groups.get(code, Label(code, code))

    def place(self, township: str, group: str, psu: str) -> Label:
        """A place of the sample: the group of a township, with its village or the villages that were joined."""
        first, kind = self.townships.get(township) or township, self.group(group)
        codes = [code for code in split_psus(psu) if code]
        zh = "、".join(self.psus.get(code) or f"村（居）{code}" for code in codes)
        en = ", ".join(self.psus.get(code) or f"village {code}" for code in codes)
        return Label(
            f"{first}{kind.zh}" + (f"（{zh}）" if zh else ""),
            f"{first}, {kind.en}" + (f" ({en})" if en else ""),
        )
