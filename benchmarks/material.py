"""What the benchmarks work on: the demo county's frame, simulated answers to a sample drawn from it, and cards."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import qrcode
from qrcode.constants import ERROR_CORRECT_Q

from analysis import write_responses
from analysis.checks import ANSWERS
from questionnaires import load_questionnaires
from sampling import Draw
from survey_app.demo import build_county, build_frame, simulate_answers, write_frame_csv
from survey_app.printing.card_lines import PrintedCard, SheetFacts
from survey_app.services.tokens import grouped

ANSWER_CODES = len(ANSWERS) + 1
"""The answers, and none."""


def many_answers(folder: Path, townships: int = 4000, rows: int = 50) -> tuple[Path, np.ndarray, np.ndarray]:
    """Write a Parquet file of one group's answers to 20 items; return it, its answers as numbers, each row's place as one."""
    rng = np.random.default_rng(1)
    codes = rng.choice(ANSWER_CODES, (townships * rows, 20), p=[0.6, 0.27, 0.06, 0.05, 0.02])
    township = np.repeat(np.arange(townships), rows)
    village = np.tile(np.repeat(np.arange(5), rows // 5), townships)
    words = np.array([*ANSWERS, ""], dtype=object)
    names = np.array([f"{number:012}" for number in range(townships)], dtype=object)
    table = {"round": "made", "wave": 1, "township_code": names[township], "group": "rural"}
    psu_code = names[township] + np.array(list("12345"), dtype=object)[village]
    table |= {"psu_code": psu_code, "weight": 1.0, "mode": "", "minutes": ""}
    table |= {f"R{item + 1:02}": words[codes[:, item]] for item in range(20)}
    path = folder / "rural.parquet"
    pd.DataFrame(table).to_parquet(path)
    return path, codes, township * 5 + village


def demo_frame(folder: Path) -> Path:
    """Write the demo county's frame and return its path."""
    path = folder / "frame.csv"
    write_frame_csv(path, build_frame(build_county()))
    return path


def demo_responses(folder: Path, drawn: Draw) -> Path:
    """Write a responses folder of simulated answers to a draw's main sample and return its path."""
    sample = drawn.sample[drawn.sample["role"] == "main"]
    units = [
        SimpleNamespace(
            township_code=row["township_code"], group=row["group"], psu_code=row["psu_code"], weight=row["weight"]
        )
        for row in sample.to_dict("records")
    ]
    forms = load_questionnaires()
    items = {group: list(form.item_ids) for group, form in forms.items()}
    rows: dict[str, list[Mapping[str, object]]] = {group: [] for group in forms}
    for answer in simulate_answers(units, items, seed=1):
        unit = units[answer.index]
        rows[unit.group].append(
            {
                "round": "359900-2026-1",
                "wave": 1,
                "township_code": unit.township_code,
                "group": unit.group,
                "psu_code": unit.psu_code,
                "weight": float(unit.weight),
                "mode": answer.mode,
                "minutes": answer.minutes,
                **answer.answers,
            }
        )
    townships = pd.DataFrame(
        [(code, code, "") for code in sorted(Counter(unit.township_code for unit in units))],
        columns=["township_code", "township", "last_rank"],
    )
    write_responses(
        folder / "responses",
        groups={group: pd.DataFrame(found) for group, found in rows.items()},
        townships=townships,
        samples=None,
        questionnaires={group: form.to_yaml() for group, form in forms.items()},
    )
    return folder / "responses"


def printed_cards(number: int) -> tuple[list[PrintedCard], SheetFacts]:
    """Return cards with made-up links and codes, and what their sheets share."""
    cards = []
    for sequence in range(1, number + 1):
        digest = hashlib.sha256(str(sequence).encode()).hexdigest().upper()
        cards.append(
            PrintedCard(
                link=f"https://pingyi.example.cn/r/{digest[:26]}",
                code=grouped(digest[26:39]),
                township="白鹭洲镇",
                group_zh="农村居民",
                group_en="Rural residents",
                sequence=sequence,
            )
        )
    return cards, SheetFacts("2026年公众评议", "pingyi.example.cn", is_demo=True, contact="县调查队 0599-1234567")


def plain_codes(cards: list[PrintedCard]) -> list[list[list[bool]]]:
    """Return the matrices of the cards' QR codes as qrcode makes them by itself."""
    matrices = []
    for card in cards:
        code = qrcode.QRCode(error_correction=ERROR_CORRECT_Q)
        code.add_data(card.link)
        code.make(fit=True)
        matrices.append(code.modules)
    return matrices
