"""The pages of the key: each holder in an account of their own, a half shown once, mistypes named by line; the command line too."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from survey_app.cli import main
from survey_app.models import Job, KeyHalf, RecordEntry, Round
from survey_app.services import key_halves, worker
from survey_app.services.written_halves import read_half, write_half
from survey_app.shell import Shell
from tests.conftest import csrf_of
from tests.factories import CountyFacts, answer_all, make_drawn_round, make_open_round, make_printed_round

BASE = "https://pingyi.test"
ClientAs = Callable[[str], FlaskClient]


def get(client: FlaskClient, path: str) -> TestResponse:
    return client.get(path, base_url=BASE)


def post(client: FlaskClient, path: str, **data: str) -> TestResponse:
    token = csrf_of(get(client, "/office/keys").text)
    return client.post(path, base_url=BASE, headers={"Referer": BASE + "/"}, data={"csrf_token": token} | data)


def typed(holder: str, lines: tuple[str, ...] | list[str]) -> dict[str, str]:
    return {f"{holder}-{number}": line for number, line in enumerate(lines, start=1)}


def copies(page: str) -> list[list[str]]:
    found = re.findall(r'<ol class="half">(.*?)</ol>', page, re.DOTALL)
    return [
        [html.unescape(re.sub(r"<[^>]+>", "", line)) for line in re.findall(r"<li>(.*?)</li>", half)] for half in found
    ]


@pytest.fixture
def printed(sqlite_shell: Shell, county: CountyFacts) -> int:
    round_id = make_drawn_round(sqlite_shell, county)
    key_halves.choose_holding(sqlite_shell, county.office, round_id, "printed")
    return round_id


def test_office_and_observer_go_the_whole_way_each_in_their_own_account(
    sqlite_shell: Shell, county: CountyFacts, client_as: ClientAs
) -> None:
    shell = sqlite_shell
    round_id = make_drawn_round(shell, county)
    keys_page = f"/office/rounds/{round_id}/keys"
    clients = {"office": client_as("office"), "observer": client_as("observer")}
    assert "改为打印、分开保管" in get(clients["office"], keys_page).text
    assert "改为打印、分开保管" not in get(clients["observer"], keys_page).text
    assert post(clients["office"], f"{keys_page}/holding", holding="printed").status_code == 302
    assert keys_page in get(clients["observer"], "/office/keys").text
    papers = {}
    for holder, client in clients.items():
        page = post(client, f"{keys_page}/{holder}/make")
        assert page.headers["Cache-Control"] == "no-store"
        assert page.headers["Referrer-Policy"] == "no-referrer"
        first, second = copies(page.text)
        assert first == second
        papers[holder] = first
        assert first[1] not in get(client, keys_page).text
        assert post(client, f"{keys_page}/{holder}/make").status_code == 409
        assert post(client, f"{keys_page}/{holder}", **typed(holder, first)).status_code == 302
    assert "可以开始调查" in get(clients["office"], keys_page).text
    assert post(clients["office"], f"/office/rounds/{round_id}/open").status_code == 302
    answers = answer_all(shell, round_id)
    # The observer hands the half in; the office types its own on the closing page.
    assert (
        post(clients["observer"], f"{keys_page}/observer", **typed("observer", papers["observer"])).status_code == 302
    )
    close = f"/office/rounds/{round_id}/close"
    shown = get(clients["office"], close).text
    assert "监督员的一半已由 observer 王 交入" in shown
    assert 'name="office-1"' in shown
    assert 'name="observer-1"' not in shown
    assert post(clients["office"], close, confirm="y", **typed("office", papers["office"])).status_code == 302
    assert worker.run_waiting(shell) == 1
    with shell.database.reading() as session:
        assert session.get_one(Round, round_id).state == "closed"
        job = session.scalars(select(Job).where(Job.kind == "close")).one()
        told = " ".join(entry.details + entry.reason for entry in session.scalars(select(RecordEntry)))
        people = {
            (entry.action, json.loads(entry.details).get("holder")): entry.person
            for entry in session.scalars(select(RecordEntry).where(RecordEntry.action.like("key_half%")))
        }
    assert job.result == {"answers": answers}
    assert people["key_half_made", "observer"] == people["key_half_handed_in", "observer"] == "observer 王"
    assert people["key_half_typed_back", "office"] == "office 王"
    for lines in papers.values():
        assert not any(line.replace(" ", "") in told.replace(" ", "") for line in lines)


def test_an_observer_cannot_touch_the_offices_half_nor_the_way_of_holding(client_as: ClientAs, printed: int) -> None:
    observer, base = client_as("observer"), f"/office/rounds/{printed}/keys"
    for path in (f"{base}/office", f"{base}/office/make", f"{base}/holding"):
        assert post(observer, path, holding="server").status_code == 403
    assert get(observer, f"{base}/office").status_code == 403
    assert get(observer, f"/office/rounds/{printed}/close").status_code == 403


@pytest.mark.parametrize("who", ["investigator", "other_office", "nobody"])
def test_others_cannot_make_or_type_the_observers_half(
    who: str, client_as: ClientAs, printed: int, sqlite_shell: Shell
) -> None:
    client = client_as(who)
    token = csrf_of(get(client, "/account/sign-in").text)
    for path in ("observer", "observer/make"):
        answer = client.post(
            f"/office/rounds/{printed}/keys/{path}",
            base_url=BASE,
            headers={"Referer": BASE + "/"},
            data={"csrf_token": token, "present": "x"},
        )
        assert answer.status_code == {"investigator": 403, "other_office": 404, "nobody": 302}[who]
    with sqlite_shell.database.reading() as session:
        assert session.scalars(select(KeyHalf)).all() == []


def test_the_office_may_make_the_observers_half_with_the_observer_named(
    client_as: ClientAs, printed: int, sqlite_shell: Shell
) -> None:
    office, path = client_as("office"), f"/office/rounds/{printed}/keys/observer/make"
    for nobody in ({}, {"present": "  "}, {"present": "长" * 41}, {"present": "a\u200bb"}):
        refused = post(office, path, **nobody)
        assert (refused.status_code, "请填写在场监督员的姓名" in refused.text) == (400, True)
    assert "控制字符 U+0007" in post(office, path, present="a\x07b").text
    assert copies(post(office, path, present="周监督").text)
    with sqlite_shell.database.reading() as session:
        entry = session.scalars(select(RecordEntry).where(RecordEntry.action == "key_half_made")).one()
    assert json.loads(entry.details)["present"] == "周监督"
    record = get(office, "/office/record").text
    assert "生成一半票箱密钥" in record
    assert "周监督" in record


def test_a_mistyped_line_is_named_and_what_was_typed_stays(client_as: ClientAs, printed: int) -> None:
    office, path = client_as("office"), f"/office/rounds/{printed}/keys/office"
    lines = copies(post(office, f"{path}/make").text)[0]
    wrong = [*lines]
    wrong[2] = ("7" if wrong[2][0] != "7" else "8") + wrong[2][1:]
    page = post(office, path, **typed("office", wrong))
    assert page.status_code == 400
    assert "第 3 行有误" in page.text
    assert page.text.count('aria-invalid="true"') == 1
    assert f'value="{lines[0]}"' in page.text
    swapped = [lines[1], lines[0], *lines[2:]]
    assert re.search("次序", post(office, path, **typed("office", swapped)).text)
    assert post(office, path, **typed("office", ["<i>", *lines[1:]])).text.count("<i>") == 0
    assert post(office, path).status_code == 400


def test_the_closing_page_names_the_wrong_half_and_closes_nothing(
    sqlite_shell: Shell, county: CountyFacts, client_as: ClientAs
) -> None:
    from survey_app.services.keys import new_half

    round_id, halves = make_printed_round(sqlite_shell, county)
    office, path = client_as("office"), f"/office/rounds/{round_id}/close"
    good = typed("office", write_half(halves["office"]))
    page = post(office, path, confirm="y", **good, **typed("observer", write_half(new_half())))
    assert (page.status_code, "不是本轮的监督员一半" in page.text) == (400, True)
    exchanged = typed("office", write_half(halves["observer"])) | typed("observer", write_half(halves["office"]))
    page = post(office, path, confirm="y", **exchanged)
    assert (page.status_code, "您输入的是监督员一半" in page.text) == (400, True)
    page = post(office, path, confirm="y", **good, **typed("observer", ["x"] * 5))
    assert "第 1、2、3、4、5 行有误" in page.text
    page = post(office, path, **good, **typed("observer", write_half(halves["observer"])))
    assert "请先勾选确认" in page.text
    with sqlite_shell.database.reading() as session:
        assert session.get_one(Round, round_id).state == "open"
        assert session.scalars(select(Job).where(Job.kind == "close")).all() == []
    assert sqlite_shell.vault.held_by(round_id) == {}


def test_every_page_of_a_round_whose_halves_stay_on_the_server_says_so(
    sqlite_shell: Shell, county: CountyFacts, client_as: ClientAs
) -> None:
    round_id = make_open_round(sqlite_shell, county)
    office = client_as("office")
    for page in ("", "/sample", "/progress", "/close", "/draw", "/frame"):
        assert "两半密钥都留在本机数据目录" in get(office, f"/office/rounds/{round_id}{page}").text
    assert "两半都留在服务器上" in get(office, "/public/").text
    other, _halves = make_printed_round(sqlite_shell, county, wave=2)
    assert "本机数据目录" not in get(office, f"/office/rounds/{other}/progress").text


def test_the_fieldwork_does_not_begin_without_the_halves_and_the_page_says_what_to_do(
    client_as: ClientAs, printed: int
) -> None:
    office = client_as("office")
    refused = post(office, f"/office/rounds/{printed}/open")
    assert refused.status_code == 409
    assert "票箱密钥" in refused.text
    assert "尚未都打印并回输" in get(office, f"/office/rounds/{printed}").text


@pytest.fixture
def closing_on_the_command_line(
    sqlite_shell: Shell, county: CountyFacts, monkeypatch: pytest.MonkeyPatch
) -> tuple[int, dict[str, int]]:
    round_id, halves = make_printed_round(sqlite_shell, county)
    answer_all(sqlite_shell, round_id)
    monkeypatch.setenv("PINGYI_HOME", str(sqlite_shell.config.home))
    monkeypatch.setenv("PINGYI_DATABASE_URL", sqlite_shell.config.database_url)
    monkeypatch.setenv("PINGYI_LANG", "en")
    return round_id, halves


def state(shell: Shell, round_id: int) -> str:
    with shell.database.reading() as session:
        return session.get_one(Round, round_id).state


def test_the_command_line_asks_for_both_halves_and_shows_nothing_of_them(
    sqlite_shell: Shell, closing_on_the_command_line: tuple[int, dict[str, int]]
) -> None:
    round_id, halves = closing_on_the_command_line
    office, observer = (list(write_half(halves[holder])) for holder in key_halves.HOLDERS)
    mistyped = ("7" if office[0][0] != "7" else "8") + office[0][1:]
    lines = [mistyped, *office, *observer]
    done = CliRunner().invoke(main, ["close", "--yes", "--by", "王"], input="\n".join(lines) + "\n")
    assert done.exit_code == 0, done.output
    assert "A character of this line is wrong" in done.output
    assert "the observer's half, line 5 of 5" in done.output
    assert not any(line in done.output for line in lines)
    assert state(sqlite_shell, round_id) == "closed"


def test_the_command_line_names_the_wrong_half_with_status_one(
    sqlite_shell: Shell, closing_on_the_command_line: tuple[int, dict[str, int]]
) -> None:
    round_id, halves = closing_on_the_command_line
    lines = [*write_half(halves["office"]), *write_half(halves["office"])]
    refused = CliRunner().invoke(main, ["close", "--yes", "--by", "王"], input="\n".join(lines) + "\n")
    assert refused.exit_code == 1
    assert "Expected the observer's half, this is the office's half" in refused.output
    assert state(sqlite_shell, round_id) == "open"
    assert read_half(write_half(halves["office"])) == halves["office"]
