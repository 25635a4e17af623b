"""
A made round of a county's size: 19 townships with invented names, the shipped questionnaires, answers from a fixed seed.

``made_responses`` gives the answers; ``made_source`` scores them and fills standard errors, intervals, rank sets and changes
with made values, as the parts that compute them would: they only stand there to be written and read back.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd

from analysis import Responses, Scores, responses_from_tables, score
from analysis.exports.source import ExportSource
from analysis.labels import Label
from questionnaires import load_questionnaires

NAMES = [
    "云溪街道", "石桥街道", "白鹭镇", "长岭镇", "东坪镇", "枫林镇", "古田镇",
    "河口镇", "锦屏镇", "临湖镇", "马鞍镇", "南山乡", "平川乡", "清水乡",
    "沙洲乡", "桐岭乡", "望江乡", "新圩乡", "竹园乡",
]  # fmt: skip
CODES = [f"359900{number:03d}000" for number in [1, 2, *range(101, 110), *range(200, 208)]]
SIZES = {"delegates": 30, "enterprise": 10, "urban": 20, "rural": 50}
STAGES = {"urban": (2, 10), "rural": (5, 10)}
ANSWERS = np.array(["satisfied", "basic", "unsatisfied", "unknown", ""])


@cache
def made_responses(townships: int = 19, seed: int = 20261123) -> Responses:
    """Answers of up to 19 townships; a few persons of each group did not answer."""
    rng = np.random.default_rng(seed)
    forms = load_questionnaires()
    codes = CODES[:townships]
    level = dict(zip(codes, rng.normal(0, 0.12, len(codes)), strict=True))
    tables, samples = {}, []
    for group in SIZES:
        parts = []
        for code in codes:
            rows, issued = _township(rng, group, code, level[code], forms[group].item_ids)
            parts.append(rows)
            samples += issued
        tables[group] = pd.concat(parts, ignore_index=True)
    names = pd.DataFrame({"township_code": codes, "township": NAMES[:townships]})
    names["last_rank"] = pd.array(list(rng.permutation(np.arange(1, len(codes) + 1))), dtype="Int64")
    return responses_from_tables(tables, names, pd.DataFrame(samples), forms)


def _township(
    rng: np.random.Generator, group: str, code: str, level: float, items: tuple[str, ...]
) -> tuple[pd.DataFrame, list[dict[str, object]]]:
    psus, take = STAGES.get(group, (1, SIZES[group]))
    parts, issued = [], []
    for number in range(psus):
        psu = f"{code[:9]}{201 + number}" if group in STAGES else ""
        answered = take - int(rng.integers(0, 3))
        person = rng.normal(level + rng.normal(0, 0.1), 0.7, answered)
        latent = person[:, None] + rng.normal(rng.normal(0, 0.25, len(items)), 0.8, (answered, len(items)))
        cells = np.select([latent > -0.25, latent > -1.35], [0, 1], 2)
        chance = rng.random(cells.shape)
        cells = np.where(chance < 0.05, 3, np.where(chance < 0.06, 4, cells))
        rows = pd.DataFrame(ANSWERS[cells], columns=list(items))
        facts = {
            "round": "2026-end", "wave": 1, "township_code": code, "group": group, "psu_code": psu,
            "weight": 12.5 if group == "rural" else 4.0, "mode": "self", "minutes": "2-5",
        }  # fmt: skip
        parts.append(pd.DataFrame(facts, index=rows.index).join(rows))
        listed = {"delegates": 60, "enterprise": 18}.get(group, 40 + 5 * number)
        issued.append(
            {
                "township_code": code, "group": group, "psu_code": psu, "size": listed if psu else pd.NA, "listed": listed,
                "hits": 1 if psu else pd.NA, "pi_1": (0.25 + 0.05 * number) if psu else None, "issued": take,
                "released": 1, "eligible": take, "answered": answered,
            }
        )  # fmt: skip
    return pd.concat(parts, ignore_index=True), issued


def with_precision(scores: Scores) -> Scores:
    """Made standard errors, intervals and rank sets."""
    townships = scores.townships.copy()
    townships["se"] = 1.5 + 0.05 * np.arange(len(townships))
    townships["ci_low"] = townships["public_appraisal"] - 2 * townships["se"]
    townships["ci_high"] = townships["public_appraisal"] + 2 * townships["se"]
    last = int(townships["rank"].max())
    townships["rank_low"] = (townships["rank"] - 4).clip(lower=1).astype("Int64")
    townships["rank_high"] = (townships["rank"] + 4).clip(upper=last).astype("Int64")
    townships["p_top6"] = np.round(1 / (1 + np.exp((townships["rank"].astype(float) - 6.5) / 2)), 4)
    groups = scores.groups.copy()
    groups["se"] = 2.5
    groups["ci_low"], groups["ci_high"] = groups["total"] - 5.0, groups["total"] + 5.0
    items = scores.items.assign(se=0.25)
    return replace(scores, townships=townships, groups=groups, items=items)


def made_changes(scores: Scores) -> pd.DataFrame:
    """A last wave that differs by a made amount in each township."""
    table = scores.townships[["township_code", "public_appraisal"]].rename(columns={"public_appraisal": "now"})
    change = np.linspace(-4.25, 6.5, len(table))
    verdict = np.where(change > 5, "rose", np.where(change < -4, "fell", "not_told_apart"))
    return table.assign(before=table["now"] - change, change=change, se=2.5, verdict=verdict)


@cache
def made_source(townships: int = 19, language: str = "zh") -> ExportSource:
    """All that the exports can be given."""
    responses = made_responses(townships)
    scores = with_precision(replace(score(responses), engine="pingyi (golden)"))
    return ExportSource(
        scores=scores,
        responses=responses,
        changes=made_changes(scores),
        quality=(Label("各村回答时间均在正常范围内。", "Answering times were in the usual range in every village."),),
        sensitivity=(
            Label("改按全县平均分计“不了解”，位次不变。", "With don't-knows at the county's mean no rank changes."),
        ),
        settings=((Label("抽样随机种子", "Seed of the draw"), "2026-11-23 lottery 071215"),),
        language="en" if language == "en" else "zh",
        title="云溪县2026年年终公众评议" if language == "zh" else "Yunxi County, year-end public appraisal 2026",
    )
