"""Accounts and single-use links."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from survey_app.errors import BadInput, NotAllowed
from survey_app.models import Person, SignInLink
from survey_app.services import people
from survey_app.shell import Shell, utc_now
from tests.factories import make_county, sign_in_token


def test_a_link_signs_in_once(shell: Shell) -> None:
    make_county(shell)
    token = sign_in_token(shell, "office")
    assert people.use_sign_in_link(shell, token) > 0
    with pytest.raises(NotAllowed, match="used up"):
        people.use_sign_in_link(shell, token)


def test_a_link_expires_after_seven_days(shell: Shell) -> None:
    make_county(shell)
    token = sign_in_token(shell, "office")
    with pytest.raises(NotAllowed):
        people.use_sign_in_link(shell, token, now=utc_now() + timedelta(days=7, seconds=1))


def test_only_the_hash_of_a_link_is_stored(shell: Shell) -> None:
    make_county(shell)
    token = sign_in_token(shell, "office")
    with shell.database.reading() as session:
        assert token.encode() not in session.scalars(select(SignInLink.token_hash)).one()


def test_a_password_is_kept_as_an_argon2_hash_and_checked(shell: Shell) -> None:
    county = make_county(shell)
    with shell.database.transaction() as session:
        people.create_person(
            session, county_id=county.id, name="li", display_name="李", roles=("office",), password="correct horse"
        )
    assert people.sign_in(shell, "li", "correct horse") > 0
    with shell.database.reading() as session:
        stored = session.scalars(select(Person.password_hash).where(Person.name == "li")).one()
        assert stored is not None
        assert stored.startswith("$argon2id$")


@pytest.mark.parametrize(("name", "password"), [("li", "wrong horse!"), ("nobody", "correct horse"), ("office", "")])
def test_a_wrong_name_and_a_wrong_password_are_refused_with_the_same_words(
    shell: Shell, name: str, password: str
) -> None:
    county = make_county(shell)
    with shell.database.transaction() as session:
        people.create_person(
            session, county_id=county.id, name="li", display_name="李", roles=("office",), password="correct horse"
        )
    with pytest.raises(NotAllowed, match=r"^The user name or the password is wrong\.$"):
        people.sign_in(shell, name, password)


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"password": "short"}, "10 characters"),
        ({"roles": ("king",)}, "no role"),
        ({"roles": ()}, "at least one role"),
        ({"roles": ("supervisor", "investigator")}, "one role"),
        ({"name": "office"}, "taken"),
    ],
)
def test_a_bad_account_is_refused(shell: Shell, change: dict[str, object], what: str) -> None:
    county = make_county(shell)
    facts: dict[str, object] = {"name": "new", "display_name": "新", "roles": ("office",)} | change
    with pytest.raises(BadInput, match=what), shell.database.transaction() as session:
        people.create_person(session, county_id=county.id, **facts)  # type: ignore[arg-type]


def test_signing_out_raises_the_number_of_the_session(shell: Shell) -> None:
    make_county(shell)
    person_id = people.use_sign_in_link(shell, sign_in_token(shell, "office"))
    people.end_sessions(shell, person_id)
    people.end_sessions(shell, person_id)
    with shell.database.reading() as session:
        assert sorted(session.scalars(select(Person.session_number))) == [0, 0, 0, 2]


def test_nobody_has_a_password_by_default(shell: Shell) -> None:
    make_county(shell)
    with shell.database.reading() as session:
        assert set(session.scalars(select(Person.password_hash))) == {None}
