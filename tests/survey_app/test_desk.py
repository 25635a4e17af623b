"""The supervisor's desk: who visits, how it stands, call-backs, signals."""

from __future__ import annotations

import json
import secrets
from datetime import timedelta
from fractions import Fraction
from typing import Any

import pytest
from sqlalchemy import select

from survey_app.errors import BadInput, NotFound, WrongState
from survey_app.models import Callback, Person, RecordEntry, Round, SampleUnit
from survey_app.services import accounts, assigning, callbacks, closing, progress, release_queue, results, signals
from survey_app.services.assignments import Place
from survey_app.services.progress import Progress
from survey_app.services.signals import SIGNALS, is_told
from survey_app.shell import Shell, no_progress, utc_now
from tests.factories import TOWNSHIPS, answer_all, make_county, make_round
from tests.survey_app.test_releases import Field

FIRST, SECOND = sorted(TOWNSHIPS)


def investigator(shell: Shell, field: Field, name: str) -> int:
    return accounts.invite(shell, field.county.office, display_name=name, roles=["investigator"])[0]


def holders(shell: Shell, field: Field) -> dict[Place, tuple[int, ...]]:
    with shell.database.reading() as session:
        round_ = session.get_one(Round, field.round_id)
        return {place.place: place.people for place in assigning.assigned_places(session, round_)}


def last_entry(shell: Shell) -> RecordEntry:
    with shell.database.reading() as session:
        return session.scalars(select(RecordEntry).order_by(RecordEntry.id.desc())).first()  # type: ignore[return-value]


def test_places_are_shared_out_evenly_in_the_order_of_codes_and_recorded(shell: Shell) -> None:
    field = Field(shell)
    people = [field.visitor.person_id, investigator(shell, field, "乙")]
    assigning.balance(shell, field.county.office, field.round_id, people, travel=0)
    held = holders(shell, field)
    assert {place[0]: who for place, who in held.items()} == {FIRST: (people[0],), SECOND: (people[1],)}
    assert [place[0] for place in held] == sorted(place[0] for place in held)
    with shell.database.reading() as session:
        loads = assigning.loads(session, session.get_one(Round, field.round_id))
    assert sorted((load.units, load.townships) for load in loads) == [(110, 1), (110, 1)]
    entry = last_entry(shell)
    assert (entry.action, json.loads(entry.details)["how"]) == ("places_assigned", "balanced")


def test_a_place_given_by_hand_leaves_its_township_s_others_where_they_are(shell: Shell) -> None:
    field = Field(shell)
    other = investigator(shell, field, "乙")
    place = next(place for place in holders(shell, field) if place[:2] == (FIRST, "rural"))
    assert assigning.assign(shell, field.county.office, field.round_id, {place: other}) == 1
    held = holders(shell, field)
    assert held[place] == (other,)
    assert all(who == (field.visitor.person_id,) for known, who in held.items() if known[0] == FIRST and known != place)
    assert assigning.assign(shell, field.county.office, field.round_id, {place: other}) == 0
    assert assigning.assign(shell, field.county.office, field.round_id, {place: None}) == 1
    assert holders(shell, field)[place] == ()


def test_what_cannot_be_assigned_is_refused_and_changes_nothing(shell: Shell) -> None:
    field = Field(shell)
    before = holders(shell, field)
    office, round_id = field.county.office, field.round_id
    with shell.database.reading() as session:
        observer = session.scalars(select(Person.id).where(Person.name == "observer")).one()
    place = next(iter(before))
    for wanted in ({place: observer}, {place: 10**6}, {("1", "rural", "2"): field.visitor.person_id}):
        with pytest.raises(BadInput):
            assigning.assign(shell, office, round_id, wanted)
    for people, travel in (([], 0), ([observer], 0), ([field.visitor.person_id], -1), ([field.visitor.person_id], 51)):
        with pytest.raises(BadInput):
            assigning.balance(shell, office, round_id, people, travel=travel)
    field.answer(field.units[0])
    with pytest.raises(WrongState, match="by hand"):
        assigning.balance(shell, office, round_id, [field.visitor.person_id])
    assert holders(shell, field) == before
    fresh = make_round(shell, field.county, wave=2)
    with shell.database.reading() as session, pytest.raises(WrongState, match="no sample"):
        assigning.round_of(session, field.county.id, fresh)


def figures_of(shell: Shell, field: Field, **when: Any) -> Progress:
    return progress.progress(shell, field.county.id, field.round_id, **when)


def test_progress_counts_what_the_visits_of_each_unit_come_to(shell: Shell) -> None:
    field = Field(shell)
    answered, refused, absent, vacant, card = field.units[:5]
    field.answer(answered)
    field.visit(answered, "no_contact")
    field.visit(refused, "refused")
    field.visit(refused, "no_contact")
    field.visit(absent, "absent")
    field.visit(vacant, "vacant")
    field.visit(card, "card_left")
    found = figures_of(shell, field)
    own = found.by_township_group[FIRST, "rural"]
    assert own.parts == {"answered": 1, "refused": 1, "not_found": 1, "otherwise": 1, "open": 46}
    assert (own.issued, own.eligible, own.answered) == (50, 49, 1)
    rates = own.rates
    assert (rates.response, rates.refusal, rates.contact) == (Fraction(1, 49), Fraction(1, 49), Fraction(3, 49))
    assert found.by_person[field.visitor.person_id].issued == 110
    assert found.by_person[0].issued == 110
    for cut in (found.by_township, found.by_group, found.by_township_group, found.by_place):
        assert sum(each.issued for each in cut.values()) == found.total.issued == 220


def test_figures_stand_still_for_five_minutes_and_then_move(shell: Shell) -> None:
    field = Field(shell)
    start = utc_now().replace(minute=10, second=1, microsecond=0)
    assert figures_of(shell, field, now=start).total.answered == 0
    field.answer(field.units[0])
    assert figures_of(shell, field, now=start + timedelta(minutes=4, seconds=58)).total.answered == 0
    assert figures_of(shell, field, now=start + timedelta(minutes=5)).total.answered == 1
    with pytest.raises(NotFound):
        progress.progress(shell, field.county.id + 1, field.round_id, now=start)


def test_a_released_reserve_counts_until_its_place_answers_after_all(shell: Shell) -> None:
    field = Field(shell)
    unit = field.units[0]
    field.visit(unit, "refused")
    field.ask(unit)
    field.decide(unit)
    now = utc_now()
    own = figures_of(shell, field, now=now).by_township_group[FIRST, "rural"]
    assert (own.main, own.released, own.given_up) == (50, 1, 1)
    field.answer(unit)
    own = figures_of(shell, field, now=now + timedelta(minutes=5)).by_township_group[FIRST, "rural"]
    assert (own.main, own.released, own.given_up, own.answered) == (50, 0, 0, 1)


def test_samples_csv_says_what_was_issued_released_eligible_and_answered(shell: Shell) -> None:
    field = Field(shell)
    first, second = [unit for unit in field.units if field.reserves(unit)][:2]
    third = field.units[1]
    for unit, outcome in ((first, "refused"), (second, "vacant")):
        field.visit(unit, outcome)
        field.ask(unit, outcome)
        field.answer(field.decide(unit).released_unit_id or 0)
    field.answer(third)
    closing.close_round(shell, field.county.office, field.round_id, no_progress)
    samples = results.round_results(shell, field.county.office, field.round_id).responses.samples
    assert samples is not None
    rural = samples[(samples["township_code"] == FIRST) & (samples["group"] == "rural")]
    assert rural[["issued", "released", "eligible", "answered"]].sum().tolist() == [50, 2, 51, 3]
    assert rural["pi_1"].notna().all()
    scores = results.score_round(shell, field.county.office, field.round_id)
    groups = scores.groups.set_index(["township_code", "group"])
    assert groups.loc[(FIRST, "rural"), "response_rate"] == pytest.approx(3 / 51)


def test_one_completed_place_in_ten_is_called_back_in_batches_each_once(shell: Shell) -> None:
    field = Field(shell)
    office, round_id = field.county.office, field.round_id
    with pytest.raises(WrongState, match="has answered"):
        callbacks.draw_batch(shell, office, round_id)
    answer_all(shell, round_id)
    assert callbacks.draw_batch(shell, office, round_id) == 22
    entry = last_entry(shell)
    assert json.loads(entry.details) == {"batch": 1, "protocol": "pingyi-callback/1", "units": 22}
    with pytest.raises(WrongState):
        callbacks.draw_batch(shell, office, round_id)
    with shell.database.reading() as session:
        found = callbacks.list_callbacks(session, session.get_one(Round, round_id))
    assert [sum(each.unit.township_code == code for each in found) for code in (FIRST, SECOND)] == [11, 11]
    assert {each.person_id for each in found} == {field.visitor.person_id, None}


def test_a_reserve_is_called_back_where_its_main_unit_is_of_the_tenth(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    field = Field(shell)
    unit = field.units[0]
    with shell.database.reading() as session:
        mains = select(SampleUnit.id).where(SampleUnit.round_id == field.round_id, SampleUnit.role == "main")
        position = list(session.scalars(mains.order_by(SampleUnit.id))).index(unit)
    monkeypatch.setattr("sampling.fieldwork.callbacks.callback_positions", lambda *_: [position])
    field.visit(unit, "refused")
    field.ask(unit)
    reserve = field.decide(unit).released_unit_id or 0
    field.answer(reserve)
    assert callbacks.draw_batch(shell, field.county.office, field.round_id) == 1
    with shell.database.reading() as session:
        assert session.scalars(select(Callback.sample_unit_id)).all() == [reserve]


def test_a_result_is_kept_corrected_and_recorded_and_counts_for_who_visited(shell: Shell) -> None:
    field = Field(shell)
    office, round_id = field.county.office, field.round_id
    answer_all(shell, round_id)
    callbacks.draw_batch(shell, office, round_id)
    with shell.database.reading() as session:
        ids = [each.id for each in callbacks.list_callbacks(session, session.get_one(Round, round_id))]
    for callback_id, result in zip(ids, ("confirmed", "not_visited", "wrong_person", "not_reached"), strict=False):
        assert callbacks.set_result(shell, office, callback_id, result) == round_id
    callbacks.set_result(shell, office, ids[0], "not_reached")
    details = json.loads(last_entry(shell).details)
    assert (details["before"], details["result"]) == ("confirmed", "not_reached")
    with shell.database.reading() as session:
        found = callbacks.list_callbacks(session, session.get_one(Round, round_id))
    figures = callbacks.figures_by_person(found)[field.visitor.person_id]
    assert (figures.drawn, figures.reached, figures.denied) == (11, 2, 2)
    with pytest.raises(BadInput):
        callbacks.set_result(shell, office, ids[0], "satisfied")
    other = make_county(shell, code="359901", prefix="other_")
    with pytest.raises(NotFound):
        callbacks.set_result(shell, other.office, ids[0], "confirmed")


def test_signals_come_from_visits_replacements_and_call_backs(shell: Shell) -> None:
    field = Field(shell)
    noon = utc_now().replace(hour=4, minute=0, second=0, microsecond=0) - timedelta(days=1)
    for number, unit in enumerate(field.units[:8]):
        field.visit(unit, "completed", visited_at=noon + timedelta(minutes=number))
    for number, unit in enumerate(field.units[8:12]):
        field.visit(unit, "no_contact", visited_at=noon + timedelta(hours=11, minutes=20 * number))
    with shell.database.reading() as session:
        (person,) = signals.person_signals(session, session.get_one(Round, field.round_id))
    found = {each.code: (each.count, each.base, each.told) for each in person.found}
    assert found == {
        "fast": (7, 12, True),
        "bursts": (1, 12, True),
        "night": (4, 12, True),
        "doubtful": (0, 12, False),
        "replaced": (0, 110, False),
        "denied": (0, 0, False),
    }


def test_more_than_a_fifth_replaced_is_told_and_a_fifth_is_not() -> None:
    replaced = next(signal for signal in SIGNALS if signal.code == "replaced")
    assert not is_told(replaced, 22, 110)
    assert is_told(replaced, 23, 110)
    assert not is_told(replaced, 1, 4)


def test_the_queue_shows_visits_and_rule_and_forgets_requests_that_an_answer_settled(shell: Shell) -> None:
    field = Field(shell)
    asked, settled = field.units[:2]
    field.visit(asked, "no_contact")
    field.ask(asked, "moved")
    field.visit(settled, "refused")
    field.ask(settled)
    field.answer(settled)
    with shell.database.reading() as session:
        round_ = session.get_one(Round, field.round_id)
        assert release_queue.count_waiting(session, round_.id) == 1
        first, second = release_queue.list_releases(session, round_, waiting=True)
        assert [visit.outcome for visit in first.visits] == ["no_contact"]
        assert first.check.refusal is None
        assert len(first.check.doubts) == 1
        assert (second.check.doubts, second.unit.answered) == ((), True)
    field.decide(asked)
    with shell.database.reading() as session:
        round_ = session.get_one(Round, field.round_id)
        assert release_queue.replaced_share(session, round_) == (1, 220)
        (done,) = release_queue.list_releases(session, round_, waiting=False)
        assert (done.state, done.decided_by) == ("approved", "督导 李")
        assert done.released is not None


def test_the_rule_is_changed_with_a_name_and_only_to_a_known_one(shell: Shell) -> None:
    field = Field(shell)
    release_queue.set_release_rule(shell, field.county.office, field.round_id, "at_once")
    entry = last_entry(shell)
    assert (entry.action, json.loads(entry.details)) == (
        "release_rule_set",
        {"before": "supervisor", "rule": "at_once"},
    )
    unit = field.units[0]
    field.visit(unit, "refused")
    assert field.ask(unit).state == "approved"
    with pytest.raises(BadInput):
        release_queue.set_release_rule(shell, field.county.office, field.round_id, "never")


def test_two_phones_on_one_household_keep_all_visits_and_the_first_request(shell: Shell) -> None:
    field = Field(shell)
    unit = field.units[0]
    field.visit(unit, "refused")
    field.visit(unit, "card_left")
    first = field.ask(unit, "refused", key=secrets.token_bytes(16))
    assert field.ask(unit, "unable", key=secrets.token_bytes(16)) == first
    with shell.database.reading() as session:
        assert session.get_one(SampleUnit, unit).role == "main"
        (waiting,) = release_queue.list_releases(session, session.get_one(Round, field.round_id), waiting=True)
    assert (waiting.reason, len(waiting.visits)) == ("refused", 2)
