"""
The append-only record.

Entry n of a county holds the SHA-256 of its own content, which includes the hash of entry n − 1; the first holds 64 zeros. So nothing can
be changed, removed or put in between without every later hash changing. The database refuses updates and deletions by trigger.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import rfc8785
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from survey_app.models import RecordEntry
from survey_app.shell import utc_now

FIRST_HASH = "0" * 64


def append_entry(
    session: Session,
    *,
    county_id: int,
    person: str,
    action: str,
    details: Mapping[str, Any] | None = None,
    round_id: int | None = None,
    reason: str = "",
    now: datetime | None = None,
) -> RecordEntry:
    """Add one entry at the end of the county's chain, within the caller's transaction."""
    if session.get_bind().dialect.name == "postgresql":
        # One writer at a time and county: the chain must not fork. SQLite's write lock does the same.
        session.execute(text("SELECT pg_advisory_xact_lock(7062, :county)"), {"county": county_id})
    last = session.scalars(
        select(RecordEntry).where(RecordEntry.county_id == county_id).order_by(RecordEntry.number.desc()).limit(1)
    ).first()
    entry = RecordEntry(
        county_id=county_id,
        round_id=round_id,
        number=last.number + 1 if last else 1,
        # Whole milliseconds, so that every database gives back the moment that was hashed.
        at=(moment := now or utc_now()).replace(microsecond=moment.microsecond // 1000 * 1000),
        person=person,
        action=action,
        details=rfc8785.dumps(dict(details or {})).decode(),
        reason=reason,
        previous_hash=last.hash if last else FIRST_HASH,
    )
    entry.hash = entry_hash(entry)
    session.add(entry)
    session.flush()
    return entry


def entry_hash(entry: RecordEntry) -> str:
    """Return the SHA-256 of an entry's content as canonical JSON, in lowercase hex."""
    content = {
        "county": entry.county_id,
        "round": entry.round_id,
        "number": entry.number,
        "at": entry.at.isoformat(timespec="milliseconds"),
        "person": entry.person,
        "action": entry.action,
        "details": json.loads(entry.details),
        "reason": entry.reason,
        "previous": entry.previous_hash,
    }
    return hashlib.sha256(rfc8785.dumps(content)).hexdigest()


def count_entries(session: Session, county_id: int) -> int:
    """Return how many entries a county's record has."""
    return session.scalar(select(func.count()).select_from(RecordEntry).where(RecordEntry.county_id == county_id)) or 0


def newest_entries(session: Session, county_id: int, *, number: int, skip: int) -> Sequence[RecordEntry]:
    """Return so many entries of a county's record, the newest first, after skipping some."""
    query = select(RecordEntry).where(RecordEntry.county_id == county_id).order_by(RecordEntry.number.desc())
    return session.scalars(query.limit(number).offset(skip)).all()


def first_break(session: Session, county_id: int) -> int | None:
    """Return the number of the first entry that does not fit its chain, None when the record is whole."""
    previous = FIRST_HASH
    entries = session.scalars(
        select(RecordEntry).where(RecordEntry.county_id == county_id).order_by(RecordEntry.number)
    )
    for number, entry in enumerate(entries, start=1):
        if entry.number != number or entry.previous_hash != previous or entry_hash(entry) != entry.hash:
            return number
        previous = entry.hash
    return None
