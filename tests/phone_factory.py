"""Phones of investigators as tests need them: enrolled, opened, sending."""

from __future__ import annotations

import base64
import json
import secrets
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from survey_app.models import Person, Round, SampleUnit
from survey_app.models.people import LINK_ENROL
from survey_app.services import people, phones, rounds
from survey_app.services.ballots import filled
from survey_app.services.handover import INNER_LENGTH, inner_info
from survey_app.services.phones import Phone
from survey_app.shell import Shell, utc_now
from tests.factories import answers

BASE = "https://pingyi.test"
PIN = "482913"
HEADERS = {"X-Pingyi-Phone": "1"}


def pad_inner(plain: bytes) -> bytes:
    """Return what a phone seals, filled up to its one length, as the app does."""
    assert len(plain) + 4 <= INNER_LENGTH
    return filled(plain, INNER_LENGTH)


def enrol_token(shell: Shell, name: str = "investigator", *, now: datetime | None = None) -> str:
    """Return the token of an enrolment link, as the office's QR code carries it."""
    with shell.database.transaction() as session:
        person = session.scalars(select(Person).where(Person.name == name)).one()
        return people.make_link(session, person, LINK_ENROL, now=now)


def enrolled_phone(shell: Shell, name: str = "investigator") -> Phone:
    """Enrol a phone and return it."""
    return phones.enrol_by_link(shell, enrol_token(shell, name), PIN).phone


class PhoneClient:
    """An enrolled phone's browser."""

    def __init__(self, app: Flask, name: str = "investigator") -> None:
        self.shell: Shell = app.extensions["pingyi"]
        self.client: FlaskClient = app.test_client()
        self.enrolled = self.post("enrol", token=enrol_token(self.shell, name), pin=PIN)
        assert self.enrolled.status_code == 200, self.enrolled.text

    def post(self, path: str, **body: Any) -> TestResponse:
        return self.client.post(f"/field/{path}", base_url=BASE, headers=HEADERS, json=body)

    def get(self, path: str) -> TestResponse:
        return self.client.get(f"/field/{path}", base_url=BASE)

    def send(self, *actions: Any, phone_now: str | None = None) -> list[dict[str, str]]:
        answer = self.post("sync", phone_now=phone_now or utc_now().isoformat(), actions=list(actions))
        assert answer.status_code == 200, answer.text
        results: list[dict[str, str]] = answer.json["results"]  # type: ignore[index]
        return results


def units_of(shell: Shell, round_id: int, *, township: str = "359900101000", group: str = "rural") -> list[int]:
    """Return the ids of a township's main units of a group, in sample order."""
    with shell.database.reading() as session:
        draw = rounds.current_draw(session, round_id)
        assert draw is not None
        query = select(SampleUnit.id).where(
            SampleUnit.draw_id == draw.id,
            SampleUnit.role == "main",
            SampleUnit.township_code == township,
            SampleUnit.group == group,
        )
        return list(session.scalars(query.order_by(SampleUnit.id)))


def visit(unit_id: int, **changed: Any) -> dict[str, Any]:
    """Return a visit as a phone sends it."""
    return {
        "key": secrets.token_hex(16),
        "kind": "visit",
        "unit_id": unit_id,
        "outcome": "no_contact",
        "others_present": "none",
        "visited_at": datetime.now(UTC).isoformat(),
        "appointment_at": None,
    } | changed


def release(unit_id: int, **changed: Any) -> dict[str, Any]:
    """Return a request for a reserve as a phone sends it."""
    return {
        "key": secrets.token_hex(16),
        "kind": "release",
        "unit_id": unit_id,
        "reason": "refused",
        "asked_at": datetime.now(UTC).isoformat(),
    } | changed


def ballot(shell: Shell, round_id: int, unit: dict[str, Any], **changed: Any) -> dict[str, Any]:
    """Return a sealed answer for a unit of data.json as a phone sends it."""
    with shell.database.reading() as session:
        round_ = session.get_one(Round, round_id)
        assert round_.public_key is not None
        said = {"mode": "assisted", "minutes": "2-5", "answers": answers(unit["group"]), "comment": ""}
        plain = json.dumps(said).encode()
        padded = pad_inner(plain)
        public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), round_.public_key)
        suite = Suite(KEM.P256, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
        inner = suite.encrypt(padded, public, info=inner_info(round_.code))
    return {
        "key": secrets.token_hex(16),
        "kind": "ballot",
        "unit_id": unit["id"],
        "token": unit["card"]["token"],
        "inner": base64.b64encode(inner).decode(),
    } | changed
