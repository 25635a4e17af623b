"""
Make rounds in which everybody answers for himself or herself, by a generator of its own.

A person's mood is a normal number; an answer is that mood, the township's and noise, cut at two bounds. Whether an item is known
goes by another normal number of the person. Nothing of `analysis` is used but to check the tables.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis import Responses, responses_from_tables

ANSWERS = np.array(["satisfied", "basic", "unsatisfied", "unknown", ""])
LAYOUT = {"delegates": (1, 30, "D"), "enterprise": (1, 10, "E"), "urban": (2, 10, "U"), "rural": (5, 10, "R")}
"""By group: PSUs (one: drawn in one stage), respondents in each, the letter of its items."""


def honest_round(
    seed: int, *, townships: int = 19, items: int = 20, ticking: float = 0.0, village: float = 0.0, layout=None
) -> Responses:
    """
    A round of honest answers.

    ``ticking`` is the share of persons who give one answer throughout; ``village`` the standard deviation of the villages' moods
    (0: the model of the signals holds). One in ten of the eligible does not answer.
    """
    rng = np.random.default_rng(seed)
    codes = [f"3599{number:05}000" for number in range(1, townships + 1)]
    tables: dict[str, list[pd.DataFrame]] = {}
    samples = []
    for code in codes:
        mood = 0.15 * rng.standard_normal()
        for group, (psus, size, letter) in (layout or LAYOUT).items():
            for psu in range(psus):
                own = mood + village * rng.standard_normal()
                answers = sheets(rng, size, items, own, ticking)
                table = pd.DataFrame(ANSWERS[answers], columns=[f"{letter}{item:02}" for item in range(1, items + 1)])
                name = "" if psus == 1 else f"{code[:9]}{201 + psu}"
                facts = {"round": "honest", "wave": 1, "township_code": code, "group": group, "psu_code": name}
                tables.setdefault(group, []).append(
                    table.assign(**facts, weight=1, mode="", minutes=np.where(rng.random(size) < 0.1, "<1", "2-5"))
                )
                refusing = int(rng.negative_binomial(size, 0.9))
                samples.append((code, group, name, "", size * 9, "", "", size + refusing, size, size + refusing, size))
    columns = [
        "township_code",
        "group",
        "psu_code",
        "size",
        "listed",
        "hits",
        "pi_1",
        "issued",
        "released",
        "eligible",
        "answered",
    ]
    names = pd.DataFrame({"township_code": codes, "township": [f"镇{code[4:9]}" for code in codes], "last_rank": ""})
    groups = {group: pd.concat(parts, ignore_index=True) for group, parts in tables.items()}
    return responses_from_tables(groups, names, pd.DataFrame(samples, columns=columns))


def sheets(rng: np.random.Generator, persons: int, items: int, mood: float, ticking: float) -> np.ndarray:
    """Sheets of persons of one place, as positions in ``ANSWERS``."""
    latent = mood + 0.7 * rng.standard_normal((persons, 1)) + np.sqrt(0.51) * rng.standard_normal((persons, items))
    answers = np.where(latent > -0.4, 0, np.where(latent > -1.5, 1, 2))
    ignorance = 0.4 * rng.standard_normal((persons, 1)) + np.sqrt(0.84) * rng.standard_normal((persons, items))
    answers[ignorance > 1.6] = 3
    answers[rng.random((persons, items)) < 0.006] = 4
    tickers = rng.random(persons) < ticking
    answers[tickers] = rng.integers(0, 2, persons)[tickers, None]
    return answers
