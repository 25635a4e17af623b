"""Make answers in few letters: s satisfied, b basically satisfied, u unsatisfied, ? not familiar, - skipped."""

from __future__ import annotations

import pandas as pd

from analysis import Responses, responses_from_tables

WORDS = {"s": "satisfied", "b": "basic", "u": "unsatisfied", "?": "unknown", "-": ""}
A, B, C = "359900101000", "359900102000", "359900103000"


def sheet(group: str = "rural", township_code: str = A, **columns: object) -> pd.DataFrame:
    """
    Rows of one group and township.

    Capital names are items, one letter a respondent; others replace the defaults of the contract's columns.
    """
    items = {name: [WORDS[letter] for letter in str(text)] for name, text in columns.items() if name[0].isupper()}
    answers = pd.DataFrame(items)
    facts: dict[str, object] = {
        "round": "2026-end",
        "wave": 1,
        "township_code": township_code,
        "group": group,
        "psu_code": "",
        "weight": 1.0,
        "mode": "",
        "minutes": "",
    }
    facts.update({name: value for name, value in columns.items() if name in facts})
    return pd.DataFrame(facts, index=answers.index).join(answers)


def townships(*codes: str) -> pd.DataFrame:
    """A table of townships with made names."""
    return pd.DataFrame(
        {
            "township_code": list(codes),
            "township": [f"镇{number}" for number in range(1, len(codes) + 1)],
            "last_rank": list(range(1, len(codes) + 1)),
        }
    )


def responses(*sheets: pd.DataFrame, codes: tuple[str, ...] = (), samples: pd.DataFrame | None = None) -> Responses:
    """Checked responses from sheets of any groups and townships."""
    groups: dict[str, list[pd.DataFrame]] = {}
    for each in sheets:
        groups.setdefault(str(each["group"].iloc[0]), []).append(each)
    found = sorted({str(code) for each in sheets for code in each["township_code"]} | set(codes))
    joined = {group: pd.concat(parts, ignore_index=True) for group, parts in groups.items()}
    return responses_from_tables(joined, townships(*found), samples)
