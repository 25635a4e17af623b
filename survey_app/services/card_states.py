"""What a card can do now."""

from __future__ import annotations

from survey_app.models.rounds import STATE_CLOSED, STATE_OPEN

RECEIVED = "received"
ALREADY = "already"
UNKNOWN = "unknown"
VOIDED = "voided"
EARLY = "early"
LATE = "late"
READY = "ready"


def card_state(*, answered: bool, voided: bool, round_state: str) -> str:
    """Tell what a card that was issued can do."""
    if answered:
        return ALREADY
    if voided:
        return VOIDED
    if round_state == STATE_OPEN:
        return READY
    return LATE if round_state == STATE_CLOSED else EARLY
