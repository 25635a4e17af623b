"""The office invites people, lets them in, closes accounts and revokes phones."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from survey_app.errors import BadInput, NotAllowed, NotFound, WrongState
from survey_app.models import Device, Person, RecordEntry
from survey_app.models.people import LINK_ENROL, LINK_INVITE, LINK_SIGN_IN
from survey_app.services import accounts, people
from survey_app.services.rounds import Actor
from survey_app.shell import Shell, utc_now
from tests.conftest import csrf_of
from tests.factories import CountyFacts, make_county

BASE = "https://pingyi.test"
PASSWORD = "correct horse battery"


def id_of(shell: Shell, name: str) -> int:
    with shell.database.reading() as session:
        return session.scalars(select(Person.id).where(Person.name == name)).one()


def actions(shell: Shell) -> list[str]:
    with shell.database.reading() as session:
        return list(session.scalars(select(RecordEntry.action).order_by(RecordEntry.id)))


def add_device(shell: Shell, person_id: int) -> int:
    with shell.database.transaction() as session:
        device = Device(person_id=person_id, secret_hash=bytes([person_id]), enrolled_at=utc_now(), wrong_pins=0)
        session.add(device)
        session.flush()
        return device.id


def test_an_invited_person_chooses_name_and_password_once_and_signs_in_with_them(shell: Shell) -> None:
    county = make_county(shell)
    person_id, token = accounts.invite(shell, county.office, display_name=" 李督导 ", roles=["supervisor"])
    with shell.database.reading() as session:
        assert accounts.find_known(session, county.id, person_id).pending
    assert accounts.take_up(shell, token, name="li.supervisor", password=PASSWORD) == person_id
    assert people.sign_in(shell, "li.supervisor", PASSWORD) == person_id
    with pytest.raises(NotAllowed, match="used up"):
        accounts.take_up(shell, token, name="again", password=PASSWORD)
    assert actions(shell)[-2:] == ["person_invited", "invitation_taken_up"]


@pytest.mark.parametrize(
    ("name", "password"),
    [("office", PASSWORD), ("ab", PASSWORD), ("two words", PASSWORD), ("invited-x", PASSWORD), ("fine", "short")],
)
def test_a_taken_or_odd_name_or_a_short_password_leaves_the_invitation_open(
    shell: Shell, name: str, password: str
) -> None:
    county = make_county(shell)
    _person_id, token = accounts.invite(shell, county.office, display_name="李", roles=["office"])
    with pytest.raises(BadInput):
        accounts.take_up(shell, token, name=name, password=password)
    accounts.take_up(shell, token, name="fine", password=PASSWORD)


@pytest.mark.parametrize(
    "roles",
    [
        [],
        ["investigator", "supervisor"],
        ["office", "investigator"],
        ["observer", "office"],
        ["appraisal", "office"],
        ["king"],
    ],
)
def test_roles_that_may_not_go_together_are_refused(shell: Shell, roles: list[str]) -> None:
    county = make_county(shell)
    with pytest.raises(BadInput):
        accounts.invite(shell, county.office, display_name="李", roles=roles)
    assert "person_invited" not in actions(shell)


def test_office_and_supervisor_may_go_together(shell: Shell) -> None:
    county = make_county(shell)
    person_id, _token = accounts.invite(shell, county.office, display_name="李", roles=["supervisor", "office"])
    with shell.database.reading() as session:
        assert accounts.find_known(session, county.id, person_id).roles == ("office", "supervisor")


def test_a_link_of_one_purpose_serves_no_other(shell: Shell) -> None:
    county = make_county(shell)
    investigator = id_of(shell, "investigator")
    invitation = accounts.send_new_link(shell, county.office, investigator)
    enrolment = accounts.enrol_link(shell, county.office, investigator)
    for token in (invitation, enrolment):
        with pytest.raises(NotAllowed):
            people.use_sign_in_link(shell, token)
    with pytest.raises(NotAllowed):
        accounts.take_up(shell, enrolment, name="someone", password=PASSWORD)
    with shell.database.transaction() as session:
        assert people.use_link(session, enrolment, LINK_ENROL).id == investigator


def test_a_new_link_ends_the_one_before_and_the_old_password_s_sessions(shell: Shell) -> None:
    county = make_county(shell)
    person_id = id_of(shell, "observer")
    first = accounts.send_new_link(shell, county.office, person_id)
    second = accounts.send_new_link(shell, county.office, person_id)
    with pytest.raises(NotAllowed):
        accounts.take_up(shell, first, name="watcher", password=PASSWORD)
    accounts.take_up(shell, second, name="watcher", password=PASSWORD)
    with shell.database.reading() as session:
        assert session.get_one(Person, person_id).session_number == 1


def test_an_enrolment_ends_after_a_day_and_an_invitation_after_a_week(shell: Shell) -> None:
    make_county(shell)
    with shell.database.transaction() as session:
        person = session.scalars(select(Person).where(Person.name == "investigator")).one()
        now = utc_now()
        for purpose, life in ((LINK_ENROL, 1), (LINK_INVITE, 7), (LINK_SIGN_IN, 7)):
            token = people.make_link(session, person, purpose, now=now)
            assert (
                people.person_of_link(session, token, purpose=purpose, now=now + timedelta(days=life)).id == person.id
            )
            with pytest.raises(NotAllowed):
                people.person_of_link(session, token, purpose=purpose, now=now + timedelta(days=life, seconds=1))


def test_a_closed_account_opens_nothing_any_more(shell: Shell) -> None:
    county = make_county(shell)
    person_id = id_of(shell, "investigator")
    device = add_device(shell, person_id)
    link = accounts.enrol_link(shell, county.office, person_id)
    accounts.close_account(shell, county.office, person_id, by_id=0, reason="离职")
    with shell.database.reading() as session:
        person = session.get_one(Person, person_id)
        assert (person.active, person.session_number) == (False, 1)
        assert session.get_one(Device, device).revoked_at is not None
        assert people.find_person(session, person_id) is None
        with pytest.raises(NotAllowed):
            people.person_of_link(session, link, purpose=LINK_ENROL)
    with pytest.raises(WrongState):
        accounts.close_account(shell, county.office, person_id, by_id=0, reason="离职")
    assert actions(shell)[-1] == "account_closed"


def test_nobody_closes_their_own_account_or_without_a_reason_or_of_another_county(shell: Shell) -> None:
    county = make_county(shell)
    other = make_county(shell, code="359901", prefix="other_")
    person_id = id_of(shell, "office")
    with pytest.raises(WrongState, match="your own"):
        accounts.close_account(shell, county.office, person_id, by_id=person_id, reason="x")
    with pytest.raises(BadInput):
        accounts.close_account(shell, county.office, id_of(shell, "observer"), by_id=person_id, reason=" ")
    foreign = Actor("x", other.id)
    with pytest.raises(NotFound):
        accounts.close_account(shell, foreign, person_id, by_id=0, reason="x")
    with pytest.raises(NotFound):
        accounts.enrol_link(shell, foreign, id_of(shell, "investigator"))


def test_only_investigators_phones_are_enrolled_and_each_is_revoked_once(shell: Shell) -> None:
    county = make_county(shell)
    with pytest.raises(BadInput, match="Only investigators"):
        accounts.enrol_link(shell, county.office, id_of(shell, "observer"))
    person_id = id_of(shell, "investigator")
    device = add_device(shell, person_id)
    with pytest.raises(BadInput):
        accounts.revoke_device(shell, county.office, device, reason="")
    assert accounts.revoke_device(shell, county.office, device, reason="遗失") == person_id
    with pytest.raises(WrongState):
        accounts.revoke_device(shell, county.office, device, reason="遗失")
    assert actions(shell)[-1] == "phone_revoked"


def test_the_office_invites_on_its_page_and_the_invited_enters(
    app: Flask, client_as: Callable[[str], FlaskClient], county: CountyFacts
) -> None:
    office = client_as("office")
    page = office.get("/office/people/new", base_url=BASE).text
    filled = {"csrf_token": csrf_of(page), "display_name": "李督导", "roles": ["supervisor"]}
    shown = office.post("/office/people/new", base_url=BASE, data=filled, headers={"Referer": BASE}).text
    link = re.search(r"https://pingyi\.test(/account/invite/[\w-]+)", shown)
    assert link
    assert "<svg" in shown
    guest = app.test_client()
    page = guest.get(link[1], base_url=BASE).text
    assert "李督导" in page
    filled = {"csrf_token": csrf_of(page), "name": "li.du", "password": PASSWORD, "again": PASSWORD + "x"}
    wrong = guest.post(link[1], base_url=BASE, data=filled, headers={"Referer": BASE})
    assert "两次输入的密码不同" in wrong.text
    filled["again"] = PASSWORD
    answer = guest.post(link[1], base_url=BASE, data=filled, headers={"Referer": BASE})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/office/desk")
    assert "督导工作台" in guest.get("/office/desk", base_url=BASE).text
    assert app.test_client().get(link[1], base_url=BASE).status_code == 403
    assert "李督导" in office.get("/office/people", base_url=BASE).text


def test_the_phone_s_code_is_shown_once_by_a_post_alone(
    client_as: Callable[[str], FlaskClient], sqlite_shell: Shell, county: CountyFacts
) -> None:
    office, person_id = client_as("office"), id_of(sqlite_shell, "investigator")
    path = f"/office/people/{person_id}"
    assert office.get(f"{path}/phone", base_url=BASE).status_code == 405
    token = csrf_of(office.get(path, base_url=BASE).text)
    shown = office.post(f"{path}/phone", base_url=BASE, data={"csrf_token": token}, headers={"Referer": BASE})
    assert re.search(r"https://pingyi\.test/field/enrol/[\w-]{30,}", shown.text)
    assert shown.headers["Cache-Control"] == "no-store"
    assert "/field/enrol/" not in office.get(path, base_url=BASE).text


def test_in_english_the_user_name_and_the_person_s_own_name_are_called_apart(
    app: Flask, client_as: Callable[[str], FlaskClient], sqlite_shell: Shell, county: CountyFacts
) -> None:
    office = client_as("office")
    _person_id, invitation = accounts.invite(sqlite_shell, county.office, display_name="李", roles=["observer"])
    people_page = office.get("/office/people?lang=en", base_url=BASE).text
    assert '<th scope="col" class="name">Name</th>' in people_page
    assert '<th scope="col">User name</th>' in people_page
    for path in ("/account/sign-in", f"/account/invite/{invitation}"):
        page = app.test_client().get(f"{path}?lang=en", base_url=BASE).text
        assert re.search(r'<label for="name">\s*User name', page), path
