"""What the benchmarks work on: the demo county's frame, simulated answers to a sample drawn from it, and cards."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import qrcode
from qrcode.constants import ERROR_CORRECT_Q

from analysis import write_responses
from questionnaires import load_questionnaires
from sampling import Draw
from survey_app.demo import build_county, build_frame, simulate_answers, write_frame_csv
from survey_app.printing.cards_pdf import PrintedCard, SheetFacts
from survey_app.services.tokens import grouped


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
