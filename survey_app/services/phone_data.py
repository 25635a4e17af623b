"""All that an investigator's phone needs to work without a line: the units, their cards, the questionnaires, the words."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.config import Config
from survey_app.models import Card, County, ReserveRelease, Round, StoredDraw, Visit
from survey_app.printing.qr import qr_matrix
from survey_app.services import cards, fieldwork, rounds
from survey_app.services.fieldwork import ListedUnit
from survey_app.services.phones import Phone
from survey_app.services.receipts import receipt_of
from survey_app.services.results import item_texts
from survey_app.services.tokens import card_secrets, grouped
from survey_app.services.visits import OTHERS, visits_of
from survey_app.shell import utc_now

PART = 300
"""So many ids are asked for at once."""


def phone_data(session: Session, config: Config, phone: Phone) -> dict[str, Any]:
    """Return what the phone stores: its person's open rounds with their units, and the words of the choices."""
    county = session.get_one(County, phone.county_id)
    names = rounds.township_names(session, phone.county_id)
    found = fieldwork.assigned_units(session, phone.person_id, phone.county_id)
    return {
        "server_now": utc_now().isoformat(),
        "person": phone.name,
        "person_id": phone.person_id,
        "county": {"zh": county.name, "en": county.name_en},
        "demo": county.is_demo,
        "rounds": [_round_facts(session, round_) for round_, _units in found],
        "units": [unit for round_, units in found for unit in _unit_facts(session, config, round_, units, names)],
        **_choices(),
    }


def _round_facts(session: Session, round_: Round) -> dict[str, Any]:
    return {
        "id": round_.id,
        "code": round_.code,
        "name": round_.name,
        "public_key": base64.b64encode(round_.public_key or b"").decode(),
        "answer_by": round_.answer_by.isoformat() if round_.answer_by else None,
        "contact": round_.contact,
        "release_rule": round_.release_rule,
        "groups": {group["group"]: group["label"] for group in round_.design["groups"]},
        "questionnaires": {
            group: _form_facts(form.to_dict()) for group, form in item_texts(session, round_.id).items()
        },
    }


def _form_facts(form: Mapping[str, Any]) -> dict[str, Any]:
    """Return of a questionnaire what is shown; not what an answer scores."""
    return {
        "title": form["title"],
        "intro": form["intro"],
        "answers": [{"code": option["code"], "label": option["label"]} for option in form["scale"]],
        "items": [{"id": item["id"], "text": item["text"]} for item in form["items"]],
        "comment": form.get("comment", {}).get("text"),
    }


def _unit_facts(
    session: Session, config: Config, round_: Round, units: list[ListedUnit], names: Mapping[str, str]
) -> list[dict[str, Any]]:
    ids = [unit.id for unit in units]
    issues = _issues(session, ids)
    visited = visits_of(session, ids)
    asked = _releases(session, ids)
    draw = rounds.current_draw(session, round_.id)
    return [
        {
            "id": unit.id,
            "round": round_.id,
            "township": names.get(unit.township_code, ""),
            "place_code": unit.psu_code if unit.hits is not None else f"{unit.township_code}/{unit.group}",
            "place": unit.psu if unit.hits is not None else "",
            "group": unit.group,
            "role": unit.role,
            "sequence": unit.sequence,
            "name": unit.name or unit.unit_code,
            "address": unit.address,
            "phone": unit.phone,
            "answered": unit.answered,
            "given_up": unit.given_up,
            "who": _who(round_, draw, unit),
            "card": _card_facts(config, round_, unit.id, issues.get(unit.id)),
            "visits": [_visit_facts(visit) for visit in visited[unit.id]],
            "release": asked.get(unit.id),
        }
        for unit in units
    ]


def _issues(session: Session, ids: list[int]) -> dict[int, int]:
    """Return the issue of each unit's card in force."""
    found: dict[int, int] = {}
    for part in _parts(ids):
        rows = session.scalars(select(Card).where(Card.sample_unit_id.in_(part), Card.voided.is_(False)))
        found.update({card.sample_unit_id: card.issue for card in rows})
    return found


def _card_facts(config: Config, round_: Round, unit_id: int, issue: int | None) -> dict[str, Any] | None:
    if issue is None:
        return None
    cards.refuse_loopback(config, round_)
    secrets = card_secrets(config, round_code=round_.code, unit_id=unit_id, issue=issue)
    link = f"{config.base_url}/r/{secrets.token}"
    matrix = qr_matrix(link)
    bits = "".join("1" if dark else "0" for row in matrix for dark in row)
    packed = int(bits, 2).to_bytes(-(-len(bits) // 8), "big")
    return {
        "token": secrets.token,
        "link": link,
        "code": grouped(secrets.code),
        "receipt": receipt_of(secrets.token),
        "qr": {"size": len(matrix), "bits": base64.b64encode(packed).decode()},
    }


def _visit_facts(visit: Visit) -> dict[str, Any]:
    return {
        "key": visit.key.hex(),
        "at": visit.visited_at.isoformat(),
        "outcome": visit.outcome,
        "others": visit.others_present,
        "appointment": _iso(visit.appointment_at),
        "doubtful": visit.clock_doubtful,
    }


def _releases(session: Session, ids: list[int]) -> dict[int, dict[str, Any]]:
    """Return the last request for a reserve of each unit that has one."""
    found: dict[int, dict[str, Any]] = {}
    for part in _parts(ids):
        rows = session.scalars(
            select(ReserveRelease).where(ReserveRelease.failed_unit_id.in_(part)).order_by(ReserveRelease.id)
        )
        for row in rows:
            found[row.failed_unit_id] = {
                "key": row.key.hex(),
                "state": row.state,
                "reason": row.reason,
                "said": row.decision,
                "released": row.released_unit_id,
            }
    return found


def _who(round_: Round, draw: StoredDraw | None, unit: ListedUnit) -> dict[str, str] | None:
    told = cards.who_answers(round_, draw, unit)
    return {"en": told[0], "zh": told[1]} if told else None


def _choices() -> dict[str, Any]:
    from sampling.fieldwork.dispositions import OUTCOMES
    from sampling.fieldwork.release_reasons import DAYS, EVENING, REASONS, VISITS

    return {
        "outcomes": [{"code": one.code, "zh": one.zh, "en": one.en} for one in OUTCOMES.values()],
        "others": [{"code": code, "zh": zh, "en": en} for code, (en, zh) in OTHERS.items()],
        "reasons": [
            {"code": one.code, "zh": one.zh, "en": one.en, "needs_visits": one.needs_visits} for one in REASONS.values()
        ],
        "rule": {"visits": VISITS, "days": DAYS, "evening": EVENING},
    }


def _parts(ids: list[int]) -> Iterable[list[int]]:
    return (ids[start : start + PART] for start in range(0, len(ids), PART))


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
