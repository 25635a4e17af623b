"""
Before a card is replaced, a round closed, an account closed or a phone revoked, the office sees whose phones may still hold answers, and which
paper slips wait.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update

from survey_app.models import Device, Round, SampleUnit
from survey_app.services import accounts, assigning, cards, phones_online, slips
from survey_app.services.phones_online import PhoneOnline
from survey_app.shell import Shell, utc_now
from tests.factories import CountyFacts, make_county, make_open_round
from tests.phone_factory import enrolled_phone, units_of
from tests.survey_app.test_slips import ENTRY, clerks, rural_card
from tests.survey_app.test_visits import record, visitor_of

BASE = "https://pingyi.test"
ClientAs = Callable[[str], FlaskClient]


def of_round(shell: Shell, round_id: int) -> list[PhoneOnline]:
    with shell.database.reading() as session:
        return phones_online.phones_of_round(session, session.get_one(Round, round_id))


def of_unit(shell: Shell, round_id: int, unit_id: int) -> list[PhoneOnline]:
    with shell.database.reading() as session:
        round_, unit = session.get_one(Round, round_id), session.get_one(SampleUnit, unit_id)
        return phones_online.phones_of_unit(session, round_, unit)


def seen(shell: Shell, at: datetime | None, **values: object) -> None:
    with shell.database.transaction() as session:
        session.execute(update(Device).values(seen_at=at, **values))


def text_of(client: FlaskClient, path: str) -> str:
    answer = client.get(path, base_url=BASE)
    assert answer.status_code == 200
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def test_a_phone_is_overdue_after_twelve_hours_and_where_a_visit_came_after_it_was_last_online(shell: Shell) -> None:
    county = make_county(shell)
    round_id = make_open_round(shell, county)
    assert [(phone.device_id, phone.told) for phone in of_round(shell, round_id)] == [(None, False)]
    device = enrolled_phone(shell).id
    assert [(phone.device_id, phone.told) for phone in of_round(shell, round_id)] == [(device, False)]
    for hours, overdue in ((11, False), (13, True)):
        seen(shell, utc_now() - timedelta(hours=hours))
        assert [phone.overdue for phone in of_round(shell, round_id)] == [overdue]
    seen(shell, None)
    assert of_round(shell, round_id)[0].overdue
    # The visit came by another phone; within the same quarter of an hour nothing can be said.
    unit = units_of(shell, round_id)[0]
    record(shell, visitor_of(shell, county), unit, visited_at=utc_now() - timedelta(hours=1))
    for minutes, overdue in ((180, True), (61, False), (30, False)):
        seen(shell, utc_now() - timedelta(minutes=minutes))
        assert [phone.overdue for phone in of_round(shell, round_id)] == [overdue]
    seen(shell, utc_now(), wrong_pins=5)
    assert [(phone.overdue, phone.blocked, phone.told) for phone in of_round(shell, round_id)] == [(False, True, True)]
    seen(shell, utc_now(), revoked_at=utc_now())
    assert [phone.device_id for phone in of_round(shell, round_id)] == [None]


def test_whoever_visited_before_a_place_went_to_somebody_else_is_named_too_and_nobody_of_other_places(
    shell: Shell,
) -> None:
    county = make_county(shell)
    round_id = make_open_round(shell, county)
    enrolled_phone(shell)
    other = accounts.invite(shell, county.office, display_name="乙", roles=["investigator"])[0]
    units = units_of(shell, round_id)
    with shell.database.reading() as session:
        unit = session.get_one(SampleUnit, units[0])
        place = (unit.township_code, unit.group, unit.psu_code)
        elsewhere = session.scalars(
            select(SampleUnit.id).where(
                SampleUnit.id.in_(units), SampleUnit.psu_code != unit.psu_code, SampleUnit.role == "main"
            )
        ).first()
    assigning.assign(shell, county.office, round_id, {place: other})
    assert [(phone.name, phone.visits_still) for phone in of_unit(shell, round_id, units[0])] == [
        ("investigator 王", False),
        ("乙", True),
    ]
    assert elsewhere is not None
    assert [(phone.name, phone.visits_still) for phone in of_unit(shell, round_id, elsewhere)] == [
        ("investigator 王", True)
    ]
    assert [phone.name for phone in of_round(shell, round_id)] == ["investigator 王", "乙"]


@pytest.fixture
def round_id(sqlite_shell: Shell, county: CountyFacts) -> int:
    """A round in the field."""
    return make_open_round(sqlite_shell, county)


def test_the_closing_page_tells_which_phones_have_to_go_online_first(
    client_as: ClientAs, sqlite_shell: Shell, round_id: int
) -> None:
    path, office = f"/office/rounds/{round_id}/close", client_as("office")
    enrolled_phone(sqlite_shell)
    assert "请先让其联网" not in text_of(office, path)
    seen(sqlite_shell, datetime.fromisoformat("2026-01-02T03:00:00+00:00"))
    page = text_of(office, path)
    for told in ("investigator 王", "2026年1月2日 11:00", "! 请先让其联网", "看到“全部已发送”，再关闭"):
        assert told in page


def test_the_page_of_a_new_card_tells_of_phones_and_of_a_slip_that_the_new_code_finishes(
    client_as: ClientAs, sqlite_shell: Shell, county: CountyFacts, round_id: int
) -> None:
    unit = units_of(sqlite_shell, round_id)[0]
    path, office = f"/office/units/{unit}/reissue", client_as("office")
    enrolled_phone(sqlite_shell)
    seen(sqlite_shell, datetime.fromisoformat("2026-01-02T03:00:00+00:00"))
    page = text_of(office, path)
    for told in ("investigator 王", "2026年1月2日 11:00", "! 请先让其联网", "补发后送到的这份答卷不计入"):
        assert told in page
    assert "纸质答卷" not in page
    first, second = clerks(sqlite_shell, county)
    old = rural_card(sqlite_shell, round_id)
    paper_code = slips.enter_first(sqlite_shell, first, round_id, old.code, ENTRY)
    assert "有一张纸质答卷只录入了一遍" in text_of(office, path)
    cards.reissue_card(sqlite_shell, county.office, unit, reason="遗失")
    new = rural_card(sqlite_shell, round_id, issue=2)
    assert slips.enter_second(sqlite_shell, second, round_id, new.code, paper_code, ENTRY).cast


@pytest.mark.parametrize(
    ("act", "then"), [("close", "再停用账号"), ("phones/{device}/revoke", "手机已经遗失的，不要等")]
)
def test_closing_an_account_or_revoking_a_phone_warns_that_unsent_visits_and_sealed_answers_are_lost(
    client_as: ClientAs, sqlite_shell: Shell, round_id: int, act: str, then: str
) -> None:
    phone, office = enrolled_phone(sqlite_shell), client_as("office")
    seen(sqlite_shell, datetime.fromisoformat("2026-01-02T03:00:00+00:00"))
    path = f"/office/people/{phone.person_id}/{act.format(device=phone.id)}"
    page = text_of(office, path)
    for told in (
        "还没有发送的访问记录永远丢失",
        "被调查人密封的答卷，除非当时应用正开着",
        "请被调查人用答卷卡重新作答",
        "点“立即发送”，看到“全部已发送”",
        then,
    ):
        assert told in page
    assert "investigator 王 ! 请先让其联网 2026年1月2日 11:00" in page
    english = text_of(office, f"{path}?lang=en")
    for told in (
        "visits that wait on it to be sent are lost for good, and so are respondents' sealed answers",
        "press “Send now”",
        "asked anew, with the card",
    ):
        assert told in english


def test_closing_an_account_without_a_phone_speaks_of_no_phone(
    client_as: ClientAs, sqlite_shell: Shell, round_id: int
) -> None:
    phone, office = enrolled_phone(sqlite_shell), client_as("office")
    seen(sqlite_shell, utc_now(), revoked_at=utc_now())
    page = text_of(office, f"/office/people/{phone.person_id}/close")
    assert "密封的答卷" not in page
    assert "最近联网" not in page


def test_a_persons_phone_is_overdue_where_a_visit_of_any_round_came_after_it_was_last_online(shell: Shell) -> None:
    county = make_county(shell)
    rounds = [make_open_round(shell, county, wave=wave) for wave in (1, 2)]
    phone = enrolled_phone(shell)
    record(shell, visitor_of(shell, county), units_of(shell, rounds[0])[0], visited_at=utc_now() - timedelta(hours=1))
    for minutes, overdue in ((180, True), (30, False)):
        seen(shell, utc_now() - timedelta(minutes=minutes))
        with shell.database.reading() as session:
            found = phones_online.phones_of_person(session, phone.person_id)
        assert [(one.device_id, one.overdue) for one in found] == [(phone.id, overdue)]
