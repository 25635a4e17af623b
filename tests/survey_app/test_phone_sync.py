"""What phones send is kept once each, in order, and one bad action does not keep the others back."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from survey_app.errors import AppError, BadInput, DatabaseAway, NotConfirmed
from survey_app.models import AnsweredUnit, Ballot, PastAssignment, ReserveRelease, Response, SampleUnit, Visit
from survey_app.services import accounts, assigning, casting, closing, phone_data, phone_sync
from survey_app.services.phone_sync import ActionResult
from survey_app.services.phones import Phone
from survey_app.services.rounds import Actor
from survey_app.shell import Shell, no_progress, utc_now
from tests.factories import answers, make_county, make_open_round
from tests.phone_factory import ballot, enrolled_phone, release, units_of, visit


def prepared(shell: Shell) -> tuple[Phone, int, list[int]]:
    county = make_county(shell)
    round_id = make_open_round(shell, county)
    return enrolled_phone(shell), round_id, units_of(shell, round_id)


def send(shell: Shell, phone: Phone, *actions: Any, phone_now: object = None) -> list[ActionResult]:
    now = utc_now().isoformat() if phone_now is None else phone_now
    return phone_sync.take_actions(shell, phone, {"phone_now": now, "actions": list(actions)})


def states(results: list[ActionResult]) -> list[str]:
    return [result.state for result in results]


def count(shell: Shell, table: type) -> int:
    with shell.database.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def units_data(shell: Shell, phone: Phone) -> dict[int, dict[str, Any]]:
    with shell.database.reading() as session:
        return {unit["id"]: unit for unit in phone_data.phone_data(session, shell.config, phone)["units"]}


def test_each_kind_is_kept_once_however_often_it_is_sent(shell: Shell) -> None:
    phone, round_id, units = prepared(shell)
    data = units_data(shell, phone)
    actions = [
        visit(units[0], outcome="refused"),
        release(units[0]),
        visit(units[1]),
        ballot(shell, round_id, data[units[2]]),
    ]
    assert states(send(shell, phone, *actions)) == ["kept"] * 4
    again = send(shell, phone, *actions)
    assert states(again) == ["already", "kept", "already", "already"]
    assert "票箱" in again[3].zh
    assert [count(shell, table) for table in (Visit, ReserveRelease, Ballot, AnsweredUnit)] == [2, 1, 1, 1]


def test_a_bad_action_does_not_keep_the_others_back(shell: Shell) -> None:
    phone, _round_id, units = prepared(shell)
    with shell.database.reading() as session:
        foreign = session.scalars(select(SampleUnit.id).where(SampleUnit.township_code == "359900201000")).first()
        sealed = session.scalars(
            select(SampleUnit.id).where(SampleUnit.role == "reserve", SampleUnit.township_code == "359900101000")
        ).first()
    bad = [
        visit(units[0], outcome="fine"),
        visit(units[0], others_present="the mayor"),
        visit(units[0], visited_at="yesterday"),
        visit(units[0], visited_at="2026-11-24T10:00:00"),
        visit(units[0], visited_at="0001-01-01T00:00:00+14:00"),
        visit(units[0], appointment_at="9999-12-31T23:59:59-12:00"),
        visit(foreign or 0),
        visit(sealed or 0),
        visit(2**40),
        visit(-1),
        {**visit(units[0]), "unit_id": True},
        {**visit(units[0]), "unit_id": "1"},
        {**visit(units[0]), "key": "zz"},
        {**visit(units[0]), "key": "00" * 40},
        {**visit(units[0]), "kind": "answer"},
        {**visit(units[0]), "kind": []},
        release(units[0], reason="no_contact"),
        release(units[0], reason="tired"),
        {"kind": "ballot", "key": secrets.token_hex(16), "unit_id": units[0], "token": "x", "inner": "AAAA"},
        {"kind": "ballot", "key": secrets.token_hex(16), "unit_id": units[0], "token": "x", "inner": "A" * 9000},
        {"kind": "ballot", "key": secrets.token_hex(16), "unit_id": units[0], "token": "x", "inner": 7},
        {},
        "visit",
        None,
        [1],
    ]
    good = visit(units[0])
    results = send(shell, phone, *bad, good)
    assert states(results) == ["refused"] * len(bad) + ["kept"]
    assert all(result.zh and result.en for result in results[:-1])
    assert count(shell, Visit) == 1
    assert count(shell, AnsweredUnit) == count(shell, ReserveRelease) == 0


@pytest.mark.parametrize("action", [visit, release])
def test_a_unit_that_is_anothers_is_refused_in_the_words_of_one_that_does_not_exist(
    shell: Shell, action: Callable[[int], dict[str, Any]]
) -> None:
    phone, round_id, units = prepared(shell)
    other_county = make_open_round(shell, make_county(shell, code="359901", prefix="other_"))
    with shell.database.reading() as session:
        sealed = session.scalars(
            select(SampleUnit.id).where(SampleUnit.round_id == round_id, SampleUnit.role == "reserve")
        ).first()
    foreign = units_of(shell, round_id, township="359900201000")[0]
    elsewhere = units_of(shell, other_county, township="359901101000")[0]
    assert sealed is not None
    told = send(shell, phone, *(action(unit) for unit in (10**9, foreign, sealed, elsewhere)))
    assert {(one.state, one.en, one.zh) for one in told} == {
        ("refused", "This unit is not on your list (any more).", "该单元不在（或已不在）您的名单中。")
    }
    assert states(send(shell, phone, action(units[0]))) == ["kept"]
    assert count(shell, Visit) + count(shell, ReserveRelease) == 1


def test_a_body_that_is_no_list_of_actions_is_refused_whole(sqlite_shell: Shell) -> None:
    make_county(sqlite_shell)
    phone = enrolled_phone(sqlite_shell)
    for body in (None, [], {}, {"actions": {}}, {"actions": [{}] * 201}, {"actions": [], "phone_now": 5}):
        with pytest.raises(BadInput):
            phone_sync.take_actions(sqlite_shell, phone, body)


def test_a_wrong_clock_is_put_right_by_the_phones_own_time(shell: Shell) -> None:
    phone, _round_id, units = prepared(shell)
    now = utc_now()
    late = now + timedelta(days=400)  # the phone believes to be in another year
    results = send(
        shell, phone, visit(units[0], visited_at=(late - timedelta(hours=2)).isoformat()), phone_now=late.isoformat()
    )
    assert states(results) == ["kept"]
    with shell.database.reading() as session:
        kept = session.scalars(select(Visit)).one()
        assert abs(kept.visited_at - (now - timedelta(hours=2))) < timedelta(minutes=1)
        assert kept.clock_doubtful


def test_a_clock_put_back_before_the_sending_loses_no_visit_but_makes_its_time_doubtful(shell: Shell) -> None:
    phone, _round_id, units = prepared(shell)
    tomorrow = (utc_now() + timedelta(days=1)).isoformat()
    moved = {"clock_moved": True}
    sent = (visit(units[0], visited_at=tomorrow) | moved, release(units[1], asked_at=tomorrow) | moved)
    assert states(send(shell, phone, *sent)) == ["kept", "kept"]
    with shell.database.reading() as session:
        kept = session.scalars(select(Visit)).one()
        assert kept.clock_doubtful
        assert abs(kept.visited_at - utc_now()) < timedelta(minutes=1)


def test_a_visit_in_the_future_is_refused_and_nothing_is_stored(shell: Shell) -> None:
    phone, _round_id, units = prepared(shell)
    tomorrow = (utc_now() + timedelta(days=1)).isoformat()
    with_clock = send(shell, phone, visit(units[0], visited_at=tomorrow), release(units[1], asked_at=tomorrow))
    without_clock = phone_sync.take_actions(shell, phone, {"actions": [visit(units[0], visited_at=tomorrow)]})
    assert states([*with_clock, *without_clock]) == ["refused", "refused", "refused"]
    assert all("将来" in result.zh for result in [*with_clock, *without_clock])
    with shell.database.reading() as session:
        assert session.scalars(select(Visit)).all() == []
        assert session.scalars(select(ReserveRelease)).all() == []


def test_what_stops_unforeseen_is_sent_again_with_what_follows_it_at_the_same_unit(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone, _round_id, units = prepared(shell)
    from survey_app.services import visits

    def full_disk(*_given: object, **_named: object) -> None:
        raise OSError("no space left on device")

    first, follows, other = visit(units[0], outcome="refused"), release(units[0]), release(units[1])
    with monkeypatch.context() as patch:
        patch.setattr(visits, "record_visit", full_disk)
        assert states(send(shell, phone, first, follows, other)) == ["again", "again", "kept"]
    assert states(send(shell, phone, first, follows)) == ["kept", "kept"]


@pytest.mark.parametrize("trouble", [NotConfirmed(), DatabaseAway()])
def test_what_the_server_could_not_store_at_the_moment_is_sent_again_and_never_given_up_as_refused(
    sqlite_shell: Shell, monkeypatch: pytest.MonkeyPatch, trouble: AppError
) -> None:
    phone, round_id, units = prepared(sqlite_shell)

    def cast(*_given: object, **_known: object) -> str:
        raise trouble

    sealed = ballot(sqlite_shell, round_id, units_data(sqlite_shell, phone)[units[0]])
    with monkeypatch.context() as patch:
        patch.setattr(casting, "cast_sealed", cast)
        assert states(send(sqlite_shell, phone, sealed, visit(units[0]), visit(units[1]))) == ["again", "again", "kept"]
        with pytest.raises(type(trouble)):
            phone_sync.take_ballots(sqlite_shell, {"actions": [sealed]})
    assert states(send(sqlite_shell, phone, sealed)) == ["kept"]


def test_a_sealed_ballot_needs_no_phone_but_its_cards_token_and_nothing_else_is_taken_so(shell: Shell) -> None:
    phone, round_id, units = prepared(shell)
    data = units_data(shell, phone)
    first, second = (ballot(shell, round_id, data[unit]) for unit in units[:2])
    del first["unit_id"]  # the card says whose it is
    sent = [first, first, second | {"token": "0" * 26}, second | {"inner": "AAAA"}, visit(units[0]), "ballot", None]
    results = phone_sync.take_ballots(shell, {"actions": sent})
    assert states(results) == ["kept", "already"] + ["refused"] * 5
    assert all(one.zh and one.en for one in results[1:])
    assert [count(shell, table) for table in (Ballot, AnsweredUnit, Visit)] == [1, 1, 0]
    for body in (None, {}, {"actions": {}}, {"actions": [first] * 21}):
        with pytest.raises(BadInput):
            phone_sync.take_ballots(shell, body)


def test_a_ballot_handed_in_without_a_phone_is_opened_as_assisted_like_any_other(shell: Shell) -> None:
    phone, round_id, units = prepared(shell)
    data = units_data(shell, phone)
    handed_in = [ballot(shell, round_id, data[unit]) for unit in units[:3]]
    assert states(phone_sync.take_ballots(shell, {"actions": handed_in})) == ["kept"] * 3
    assert states(send(shell, phone, *(ballot(shell, round_id, data[unit]) for unit in units[3:6]))) == ["kept"] * 3
    closing.close_round(shell, make_actor(shell), round_id, no_progress)
    with shell.database.reading() as session:
        rows = session.scalars(select(Response).where(Response.round_id == round_id)).all()
    assert len(rows) == 6
    assert {row.mode for row in rows} <= {"assisted", ""}


def test_a_sealed_answer_whose_card_is_another_units_is_refused_and_nothing_is_stored(shell: Shell) -> None:
    phone, round_id, units = prepared(shell)
    data = units_data(shell, phone)
    right = ballot(shell, round_id, data[units[0]])
    with shell.database.reading() as session:
        foreign = session.scalars(select(SampleUnit.id).where(SampleUnit.township_code == "359900201000")).first()
    for unit_id in (units[1], foreign, 10**9):
        result = send(shell, phone, right | {"unit_id": unit_id})[0]
        assert (result.state, "不属于该户" in result.zh) == ("refused", True)
        assert "belongs to another household" in result.en
    assert count(shell, Ballot) == count(shell, AnsweredUnit) == 0
    assert states(send(shell, phone, right)) == ["kept"]
    # A spent card's answer is not told to whoever names another unit with it.
    assert states(send(shell, phone, right | {"unit_id": units[1]}, right)) == ["refused", "already"]
    assert count(shell, Ballot) == 1


def test_a_sealed_answer_is_kept_though_its_unit_has_left_the_list(shell: Shell) -> None:
    phone, round_id, units = prepared(shell)
    waiting = ballot(shell, round_id, units_data(shell, phone)[units[0]])
    with shell.database.reading() as session:
        unit = session.get_one(SampleUnit, units[0])
        place = (unit.township_code, unit.group, unit.psu_code)
    assigning.assign(shell, Actor("office 王", phone.county_id), round_id, {place: None})
    assert units[0] not in units_data(shell, phone)
    assert states(send(shell, phone, waiting)) == ["kept"]
    with shell.database.reading() as session:
        assert session.scalars(select(AnsweredUnit.sample_unit_id)).all() == [units[0]]


def test_an_answer_given_elsewhere_first_stands_and_a_closed_round_takes_none(shell: Shell) -> None:
    phone, round_id, units = prepared(shell)
    data = units_data(shell, phone)
    first, second = data[units[0]], data[units[1]]
    assert casting.cast(shell, first["card"]["token"], answers("rural")) == "received"
    assert casting.look_up(shell, first["card"]["token"]).receipt == first["card"]["receipt"]
    result = send(shell, phone, ballot(shell, round_id, first))[0]
    assert (result.state, count(shell, Ballot)) == ("already", 1)
    waiting = ballot(shell, round_id, second)
    closing.close_round(shell, make_actor(shell), round_id, no_progress)
    result = send(shell, phone, waiting)[0]
    assert (result.state, "截止" in result.zh) == ("refused", True)
    assert send(shell, phone, visit(units[0]))[0].state == "refused"


def make_actor(shell: Shell) -> Any:
    from survey_app.models import County
    from survey_app.services.rounds import Actor

    with shell.database.reading() as session:
        return Actor("office 王", session.scalars(select(County.id)).one())


def test_what_a_phone_sealed_is_counted_as_assisted(shell: Shell) -> None:
    from survey_app.models import Response

    phone, round_id, units = prepared(shell)
    data = units_data(shell, phone)
    for unit_id in units[:6]:
        assert send(shell, phone, ballot(shell, round_id, data[unit_id]))[0].state == "kept"
    closing.close_round(shell, make_actor(shell), round_id, no_progress)
    with shell.database.reading() as session:
        found = session.scalars(select(Response)).all()
        assert [response.answers for response in found] == [answers("rural")] * 6
        assert {response.mode for response in found} == {"assisted"}


def test_the_data_hold_the_investigators_units_alone_and_nothing_of_what_was_answered(shell: Shell) -> None:
    phone, _round_id, units = prepared(shell)
    before = units_data(shell, phone)
    assert len(before) == 110
    assert casting.cast(shell, before[units[0]]["card"]["token"], answers("rural", "unsatisfied")) == "received"
    after = units_data(shell, phone)
    changed = {unit_id for unit_id in after if after[unit_id] != before[unit_id]}
    assert changed == {units[0]}
    assert after[units[0]] == before[units[0]] | {"answered": True}


def test_a_released_reserve_comes_into_the_data_with_its_card(shell: Shell) -> None:
    from survey_app.models import Round
    from survey_app.models.rounds import RELEASE_AT_ONCE

    phone, round_id, units = prepared(shell)
    with shell.database.transaction() as session:
        session.get_one(Round, round_id).release_rule = RELEASE_AT_ONCE
    assert states(send(shell, phone, visit(units[0], outcome="refused"), release(units[0]))) == ["kept", "kept"]
    data = units_data(shell, phone)
    assert data[units[0]]["given_up"]
    reserve = data[data[units[0]]["release"]["released"]]
    assert (reserve["role"], bool(reserve["card"]["token"])) == ("reserve", True)
    assert states(send(shell, phone, ballot(shell, round_id, reserve))) == ["kept"]


def test_a_visit_made_before_the_place_went_to_somebody_else_is_kept_and_one_made_after_is_not(shell: Shell) -> None:
    phone, round_id, units = prepared(shell)
    office = Actor("office 王", phone.county_id)
    other = accounts.invite(shell, office, display_name="乙", roles=["investigator"])[0]
    with shell.database.reading() as session:
        unit = session.get_one(SampleUnit, units[0])
        place = (unit.township_code, unit.group, unit.psu_code)
    made = visit(units[0], visited_at=(utc_now() - timedelta(hours=2)).isoformat())
    slow = timedelta(
        hours=5
    )  # so far the clock is behind: by itself it would put the later visit before the change, too
    assert assigning.assign(shell, office, round_id, {place: other}) == 1
    with shell.database.reading() as session:
        past = session.scalars(select(PastAssignment)).one()
    assert (past.person_id, (past.township_code, past.group, past.psu_code)) == (phone.person_id, place)
    after = visit(units[0], visited_at=(past.until - slow + timedelta(seconds=1)).isoformat())
    results = send(shell, phone, after, phone_now=(utc_now() - slow).isoformat())
    assert states(results) == ["refused"]
    assert states(send(shell, phone, made, made)) == ["kept", "already"]
    assert units[0] not in units_data(shell, phone)
    with shell.database.reading() as session:
        kept = session.scalars(select(Visit)).one()
    assert (kept.sample_unit_id, kept.person_id) == (units[0], phone.person_id)
    assert states(send(shell, phone, release(units[0]))) == ["refused"]


def test_whose_a_place_was_never_opens_a_sealed_reserve(shell: Shell) -> None:
    phone, round_id, units = prepared(shell)
    office = Actor("office 王", phone.county_id)
    with shell.database.reading() as session:
        unit = session.get_one(SampleUnit, units[0])
        place = (unit.township_code, unit.group, unit.psu_code)
        reserve = session.scalars(
            select(SampleUnit.id).where(
                SampleUnit.round_id == round_id, SampleUnit.role == "reserve", SampleUnit.psu_code == unit.psu_code
            )
        ).first()
    assert reserve is not None
    assigning.assign(shell, office, round_id, {place: None})
    earlier = (utc_now() - timedelta(hours=1)).isoformat()
    assert states(send(shell, phone, visit(reserve, visited_at=earlier))) == ["refused"]
