"""Paper slips: two people enter, both entries agree, one sealed answer; nothing stored in between can be read."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from survey_app.errors import BadInput, NotAllowed, NotFound, WrongState
from survey_app.models import AnsweredUnit, Ballot, Person, RecordEntry, Response, Round, SampleUnit, Slip
from survey_app.models.people import ROLE_SUPERVISOR
from survey_app.services import casting, closing, opened_rows, people, slips
from survey_app.services.rounds import Actor
from survey_app.services.slips import Clerk, Entry
from survey_app.services.tokens import CardSecrets, card_secrets
from survey_app.shell import Shell, no_progress
from tests.conftest import csrf_of
from tests.factories import CountyFacts, answers, item_ids, make_county, make_open_round

BASE = "https://pingyi.test"
ClientAs = Callable[[str], FlaskClient]
ENTRY = Entry(answers("rural", R03="unsatisfied"), "路灯坏了")


def clerks(shell: Shell, county: CountyFacts) -> tuple[Clerk, Clerk]:
    """The office, and a supervisor made for the purpose."""
    with shell.database.transaction() as session:
        people.create_person(
            session, county_id=county.id, name="reviewer", display_name="审核员", roles=(ROLE_SUPERVISOR,)
        )
    with shell.database.reading() as session:
        ids = {person.name: person.id for person in session.scalars(select(Person))}
    return Clerk(ids["office"], county.office), Clerk(ids["reviewer"], Actor("审核员", county.id))


def rural_card(shell: Shell, round_id: int, place: int = 0, *, issue: int = 1) -> CardSecrets:
    with shell.database.reading() as session:
        query = select(SampleUnit.id).where(SampleUnit.group == "rural", SampleUnit.role == "main")
        unit = session.scalars(query.where(SampleUnit.round_id == round_id).order_by(SampleUnit.id)).all()[place]
        code = session.get_one(Round, round_id).code
    return card_secrets(shell.config, round_code=code, unit_id=unit, issue=issue)


def count(shell: Shell, table: type) -> int:
    with shell.database.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_two_people_who_agree_cast_one_paper_ballot_and_the_first_entry_goes(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opened_rows, "LEAST", 1)  # a lone way of answering is otherwise not kept
    county = make_county(shell)
    round_id = make_open_round(shell, county)
    first, second = clerks(shell, county)
    code = rural_card(shell, round_id).code
    slip_code = slips.enter_first(shell, first, round_id, code, ENTRY)
    assert count(shell, Ballot) == 0
    assert slips.find_slip(shell, second, round_id, code).entered
    assert slips.enter_second(shell, second, round_id, code, slip_code.lower(), ENTRY).cast
    assert (count(shell, Slip), count(shell, Ballot), count(shell, AnsweredUnit)) == (0, 1, 1)
    closing.close_round(shell, county.office, round_id, no_progress)
    with shell.database.reading() as session:
        response = session.scalars(select(Response)).one()
        entries = session.scalars(select(RecordEntry).where(RecordEntry.action.startswith("slip"))).all()
    assert (response.mode, response.minutes, response.answers) == ("paper", "", ENTRY.answers)
    assert [(entry.action, entry.person) for entry in entries] == [
        ("slip_entered", "office 王"),
        ("slip_confirmed", "审核员"),
    ]
    assert all(set(json.loads(entry.details)) == {"township", "group"} for entry in entries)


def test_what_waits_cannot_be_read_without_the_code_on_the_paper(shell: Shell) -> None:
    county = make_county(shell)
    round_id = make_open_round(shell, county)
    first, second = clerks(shell, county)
    code = rural_card(shell, round_id).code
    slip_code = slips.enter_first(shell, first, round_id, code, ENTRY)
    with shell.database.reading() as session:
        slip = session.scalars(select(Slip)).one()
    assert b"unsatisfied" not in slip.entry
    assert "路灯".encode() not in slip.entry
    assert len(slip.entry) == slips.NONCE_LENGTH + slips.ENTRY_LENGTH + 16
    wrong = ("0" if slip_code[0] != "0" else "1") + slip_code[1:]
    for typed in (wrong, "", slip_code[:-1], "纸上的代码"):
        with pytest.raises(BadInput, match="code written on the paper"):
            slips.enter_second(shell, second, round_id, code, typed, ENTRY)
    assert count(shell, Ballot) == 0


def test_entries_that_differ_cast_nothing_and_name_the_items_alone(shell: Shell) -> None:
    county = make_county(shell)
    round_id = make_open_round(shell, county)
    first, second = clerks(shell, county)
    code = rural_card(shell, round_id).code
    slip_code = slips.enter_first(shell, first, round_id, code, ENTRY)
    blank = Entry({item: answer for item, answer in ENTRY.answers.items() if item != "R07"}, "路灯坏")
    found = slips.enter_second(shell, second, round_id, code, slip_code, blank)
    assert (found.cast, found.differing) == (False, ("R07", "comment"))
    assert (count(shell, Slip), count(shell, Ballot)) == (1, 0)
    put_right = Entry(ENTRY.answers, " 路灯 坏了")  # blanks in a comment are not a difference
    assert slips.enter_second(shell, second, round_id, code, slip_code, put_right).cast


def test_a_wrong_first_entry_is_replaced_by_the_second_and_confirmed_by_the_other_person(shell: Shell) -> None:
    county = make_county(shell)
    round_id = make_open_round(shell, county)
    first, second = clerks(shell, county)
    code = rural_card(shell, round_id).code
    old = slips.enter_first(shell, first, round_id, code, Entry(answers("rural")))
    new = slips.enter_first(shell, second, round_id, code, ENTRY, replace=True)
    with pytest.raises(NotAllowed, match="another person"):
        slips.enter_second(shell, second, round_id, code, new, ENTRY)
    with pytest.raises(BadInput, match="code written on the paper"):
        slips.enter_second(shell, first, round_id, code, old, ENTRY)
    assert slips.enter_second(shell, first, round_id, code, new, ENTRY).cast


def test_nobody_makes_both_entries_of_a_slip(shell: Shell) -> None:
    county = make_county(shell)
    round_id = make_open_round(shell, county)
    first, second = clerks(shell, county)
    code = rural_card(shell, round_id).code
    slip_code = slips.enter_first(shell, first, round_id, code, ENTRY)
    for act in (
        lambda: slips.enter_second(shell, first, round_id, code, slip_code, ENTRY),
        lambda: slips.enter_first(shell, first, round_id, code, ENTRY, replace=True),
    ):
        with pytest.raises(NotAllowed, match="another person"):
            act()
    with pytest.raises(WrongState, match="second entry"):
        slips.enter_first(shell, second, round_id, code, ENTRY)
    assert slips.find_slip(shell, first, round_id, code).entered_by_me


def test_a_slip_whose_code_was_lost_is_thrown_away_with_a_reason_and_entered_anew(shell: Shell) -> None:
    county = make_county(shell)
    round_id = make_open_round(shell, county)
    first, second = clerks(shell, county)
    code = rural_card(shell, round_id).code
    slips.enter_first(shell, first, round_id, code, Entry(answers("rural")))
    with pytest.raises(BadInput, match="why"):
        slips.discard_slip(shell, second, round_id, code, reason=" ")
    slips.discard_slip(shell, second, round_id, code, reason="代码看不清")
    slip_code = slips.enter_first(shell, first, round_id, code, ENTRY)
    assert slips.enter_second(shell, second, round_id, code, slip_code, ENTRY).cast


@pytest.mark.parametrize(
    ("digits", "said"),
    [("1" * 19, "20 items; 19 digits"), ("1" * 21, "21 digits"), ("1" * 19 + "5", "'5'"), ("", "0 digits")],
)
def test_digits_are_as_many_as_items_and_from_0_to_4(digits: str, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        slips.read_digits(item_ids("rural"), digits)


def test_digits_may_stand_in_groups_and_in_full_width() -> None:
    read = slips.read_digits(item_ids("rural"), "１１１１１ 22222-33333　44440")
    assert [read.get(item) for item in ("R01", "R06", "R11", "R16", "R20")] == [
        "satisfied", "basic", "unsatisfied", "unknown", None,
    ]  # fmt: skip


def test_a_spent_voided_foreign_or_unknown_card_takes_no_slip(shell: Shell) -> None:
    county = make_county(shell)
    round_id = make_open_round(shell, county)
    first, _second = clerks(shell, county)
    spent = rural_card(shell, round_id, 1)
    assert casting.cast(shell, spent.token, answers()) == "received"
    for code, said in ((spent.code, "come in by this card"), ("0000000000000", "No card"), ("", "No card")):
        with pytest.raises(BadInput, match=said):
            slips.enter_first(shell, first, round_id, code, ENTRY)
    other = make_county(shell, code="359901", prefix="other_")
    with pytest.raises(NotFound):
        slips.find_slip(shell, Clerk(1, other.office), round_id, spent.code)
    with pytest.raises(BadInput, match="D01"):
        slips.enter_first(shell, first, round_id, rural_card(shell, round_id).code, Entry({"D01": "satisfied"}))
    with pytest.raises(BadInput, match="500"):
        slips.enter_first(shell, first, round_id, rural_card(shell, round_id).code, Entry({}, "长" * 501))
    assert (count(shell, Slip), count(shell, Ballot)) == (0, 1)


def test_an_answer_by_phone_outweighs_a_slip_that_waits(shell: Shell) -> None:
    county = make_county(shell)
    round_id = make_open_round(shell, county)
    first, second = clerks(shell, county)
    card = rural_card(shell, round_id)
    slip_code = slips.enter_first(shell, first, round_id, card.code, ENTRY)
    assert casting.cast(shell, card.token, answers()) == "received"
    with pytest.raises(BadInput, match="come in by this card"):
        slips.enter_second(shell, second, round_id, card.code, slip_code, ENTRY)
    assert count(shell, Ballot) == 1
    with shell.database.reading() as session:
        assert slips.waiting_slips(session, round_id) == 0
    closing.close_round(shell, county.office, round_id, no_progress)
    assert count(shell, Slip) == 0
    with shell.database.reading() as session:
        entry = session.scalars(select(RecordEntry).where(RecordEntry.action == "round_closed")).one()
    assert "slips_dropped" not in json.loads(entry.details)


def test_slips_that_wait_at_the_closing_are_removed_and_counted_in_the_record(shell: Shell) -> None:
    county = make_county(shell)
    round_id = make_open_round(shell, county)
    first, _second = clerks(shell, county)
    slips.enter_first(shell, first, round_id, rural_card(shell, round_id).code, ENTRY)
    casting.cast(shell, rural_card(shell, round_id, 1).token, answers())
    closing.close_round(shell, county.office, round_id, no_progress)
    assert count(shell, Slip) == 0
    with shell.database.reading() as session:
        entry = session.scalars(select(RecordEntry).where(RecordEntry.action == "round_closed")).one()
    assert json.loads(entry.details)["slips_dropped"] == 1


def test_the_pages_lead_from_the_code_to_the_box_by_two_people(
    sqlite_shell: Shell, county: CountyFacts, client_as: ClientAs
) -> None:
    round_id = make_open_round(sqlite_shell, county)
    clerks(sqlite_shell, county)
    card = rural_card(sqlite_shell, round_id)
    digits = "11311 11111 11111 11111"

    def post(client: FlaskClient, path: str, **fields: str) -> str:
        token = csrf_of(client.get(f"/office/rounds/{round_id}/slips", base_url=BASE).text)
        answer = client.post(f"/office/rounds/{round_id}/{path}", data={"csrf_token": token, **fields}, base_url=BASE)
        assert answer.status_code == 200
        return html.unescape(answer.text)

    office, reviewer = client_as("office"), client_as("reviewer")
    assert "第一次录入" in post(office, "slips", code=card.code)
    page = post(office, "slips/entry", code=card.code, digits=digits)
    slip_code = re.search(r'<p class="hash large">([^<]+)</p>', page)
    assert slip_code is not None
    assert "须由另一人录入" in post(office, "slips", code=card.code)
    assert "第二次录入" in post(reviewer, "slips", code=card.code)
    differing = post(reviewer, "slips/entry", code=card.code, digits="1" * 20, slip_code=slip_code.group(1))
    assert "第 3 题" in differing
    assert "不对，请再看一遍" in post(reviewer, "slips/entry", code=card.code, digits=digits, slip_code="0000 0000 0")
    assert "已投入票箱" in post(reviewer, "slips/entry", code=card.code, digits=digits, slip_code=slip_code.group(1))
    assert "已收到答卷" in post(office, "slips", code=card.code)
    assert count(sqlite_shell, Ballot) == 1


def test_a_page_that_refuses_digits_keeps_them(sqlite_shell: Shell, county: CountyFacts, client_as: ClientAs) -> None:
    round_id = make_open_round(sqlite_shell, county)
    client = client_as("office")
    token = csrf_of(client.get(f"/office/rounds/{round_id}/slips", base_url=BASE).text)
    fields = {"csrf_token": token, "code": rural_card(sqlite_shell, round_id).code, "digits": "123"}
    page = client.post(f"/office/rounds/{round_id}/slips/entry", data=fields, base_url=BASE).text
    assert 'value="123"' in page
    assert "录入了 3 个数字" in page


def test_a_comment_too_long_is_refused_beside_the_comment(
    sqlite_shell: Shell, county: CountyFacts, client_as: ClientAs
) -> None:
    round_id = make_open_round(sqlite_shell, county)
    client = client_as("office")
    token = csrf_of(client.get(f"/office/rounds/{round_id}/slips", base_url=BASE).text)
    fields = {"csrf_token": token, "code": rural_card(sqlite_shell, round_id).code, "digits": "1" * 20}
    page = client.post(
        f"/office/rounds/{round_id}/slips/entry", data=fields | {"comment": "长" * 501}, base_url=BASE
    ).text
    assert re.search(r'id="comment-wrong">[^<]*最多 500 字，现为 501 字', page)
    assert 'id="digits-wrong"' not in page
    assert count(sqlite_shell, Slip) == 0
