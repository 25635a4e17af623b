"""What a card that cannot be answered is told, and whom its holder can call."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flask_babel import format_date

from survey_app.access import get_shell
from survey_app.languages import page_language
from survey_app.languages import translate as _
from survey_app.models import Round
from survey_app.models.rounds import KEY_PRINTED
from survey_app.services import rounds
from survey_app.services.casting import EARLY, LATE, UNKNOWN, VOIDED, RoundFacts


@dataclass(frozen=True)
class WhomToCall:
    """Whom a card's holder can ask, and the last day, as the page's language writes it; empty where the round does not say."""

    contact: str
    answer_by: str


@dataclass(frozen=True)
class OpenRound:
    """What everyone may know of a round that takes answers."""

    name: str
    county: str
    call: WhomToCall
    key_is_parted: bool


def whom_to_call(round_: RoundFacts) -> WhomToCall:
    """Return whom the holder of a card of this round can ask."""
    return WhomToCall(round_.contact, _day(round_.answer_by))


def open_rounds() -> list[OpenRound]:
    """Return the rounds that take answers now."""
    with get_shell().database.reading() as session:
        return [_open_round(round_) for round_ in rounds.open_rounds(session)]


def notices() -> dict[str, tuple[str, str]]:
    """Return what each state of a card that cannot be answered is called and explained as."""
    return {
        UNKNOWN: (
            _("找不到这张答卷卡"),
            _("请再扫一次卡上的二维码，或输入卡片下方的代码。还是不行的，请找发卡的调查员，或打卡上的电话。"),
        ),
        VOIDED: (
            _("这张答卷卡已作废"),
            _("已为您补发新卡，请用新卡作答。还没有拿到新卡的，请找发卡的调查员，或打卡上的电话。"),
        ),
        EARLY: (
            _("评议还没有开始"),
            _("您来早了一点，谢谢您的关心。这张卡有效，请收好，等开始后再扫一次。"),
        ),
        LATE: (
            _("评议已经结束"),
            _("这次评议已经截止，不再收答卷。没有来得及作答，也没有任何影响。谢谢您的关心。"),
        ),
    }


def _open_round(round_: Round) -> OpenRound:
    return OpenRound(
        name=round_.name,
        county=round_.county.name_en if page_language() == "en" else round_.county.name,
        call=WhomToCall(round_.contact, _day(round_.answer_by)),
        key_is_parted=round_.key_holding == KEY_PRINTED,
    )


def _day(day: date | None) -> str:
    return str(format_date(day, "d MMMM yyyy" if page_language() == "en" else "yyyy年M月d日")) if day else ""
