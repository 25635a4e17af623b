"""Cards, lists and links of a round: what is in the files, who may have them, and that nothing of them stays."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import stat
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pypdfium2
import pytest
import zxingcpp
from click.testing import CliRunner
from flask.testing import FlaskClient
from sqlalchemy import select

from survey_app.cli import main
from survey_app.errors import BadInput, NotFound, WrongState
from survey_app.models import Assignment, Person, RecordEntry, Round
from survey_app.services import card_files, fieldwork, handouts, jobs, worker
from survey_app.shell import Shell, no_progress, utc_now
from tests.conftest import csrf_of
from tests.factories import CountyFacts, make_county, make_drawn_round, make_open_round, tokens_of

BASE = "https://pingyi.test"
ClientAs = Callable[[str], FlaskClient]


def files_of(shell: Shell, county: CountyFacts, round_id: int, by: str = "township", **asked: str) -> dict[str, bytes]:
    return dict(card_files.make_files(shell, county.office, round_id, by=by, progress=no_progress, **asked))


def rows_of(content: bytes) -> list[dict[str, str]]:
    assert content.startswith(b"\xef\xbb\xbf")
    assert b"\r" not in content
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def main_units(shell: Shell, round_id: int) -> list[fieldwork.ListedUnit]:
    with shell.database.reading() as session:
        units = fieldwork.list_units(session, session.get_one(Round, round_id))
    return [unit for unit in units if unit.role == "main"]


def folders(files: dict[str, bytes]) -> list[str]:
    return [name.split("/")[0] for name in files if name.endswith("cards.pdf")]


def test_every_card_of_a_round_is_read_back_from_the_page_each_with_its_own_link(sqlite_shell: Shell) -> None:
    county = make_county(sqlite_shell)
    round_id = make_open_round(sqlite_shell, county)
    files = files_of(sqlite_shell, county, round_id)
    links = rows_of(files["links.csv"])
    assert [row["link"] for row in links] == [f"{BASE}/r/{token}" for token in tokens_of(sqlite_shell, round_id)]
    read = []
    for folder in folders(files):
        pdf = pypdfium2.PdfDocument(files[f"{folder}/cards.pdf"])
        assert len(pdf) == 14  # 110 cards, eight a page
        for page in pdf:
            found = zxingcpp.read_barcodes(page.render(scale=150 / 72, grayscale=True).to_pil())
            assert len(found) == (8 if len(read) % 110 < 104 else 6)
            places = sorted(found, key=lambda code: (code.position.top_left.y // 100, code.position.top_left.x))
            read += [code.text for code in places]
    assert read == [row["link"] for row in links]


def test_the_text_of_the_cards_is_whole_and_holds_no_name_address_or_phone(sqlite_shell: Shell) -> None:
    county = make_county(sqlite_shell)
    round_id = make_open_round(sqlite_shell, county)
    card_files.set_card_facts(
        sqlite_shell, county.office, round_id, answer_by=date(2099, 12, 1), contact="县调查队 0599-1234567"
    )
    files = files_of(sqlite_shell, county, round_id)
    text = "".join(
        page.get_textpage().get_text_range()
        for folder in folders(files)
        for page in pypdfium2.PdfDocument(files[f"{folder}/cards.pdf"])
    )
    flat = "".join(text.split())
    assert flat.count("县调查队0599-1234567") == 440
    assert flat.count("请于2099年12月1日前作答") == 220
    assert flat.count("演示数据") == 220
    assert [flat.count(f"{name}·") for name in county.townships.values()] == [110, 110]
    for unit in main_units(sqlite_shell, round_id):
        for personal in (unit.name, unit.address, unit.phone):
            assert not personal or personal not in flat


def test_links_csv_has_the_contracts_columns_and_no_reserve(shell: Shell) -> None:
    county = make_county(shell)
    round_id = make_open_round(shell, county)
    files = files_of(shell, county, round_id)
    assert files["links.csv"].decode("utf-8-sig").splitlines()[0] == "township_code,group,sequence,link"
    found = [(row["township_code"], row["group"], int(row["sequence"])) for row in rows_of(files["links.csv"])]
    assert found == [(unit.township_code, unit.group, unit.sequence) for unit in main_units(shell, round_id)]


def test_the_list_beside_the_cards_ties_each_number_to_its_unit_and_leaves_reserves_out(shell: Shell) -> None:
    county = make_county(shell)
    round_id = make_open_round(shell, county)
    files = files_of(shell, county, round_id, township_code="359900101000")
    (folder,) = folders(files)
    papers = {f"questionnaire-{group}.pdf" for group in ("delegates", "enterprise", "urban", "rural")}
    in_folder = {f"{folder}/{name}" for name in ("cards.pdf", "list.pdf", "list.csv", "list.xlsx")}
    assert set(files) == in_folder | papers | {"links.csv"}
    units = [unit for unit in main_units(shell, round_id) if unit.township_code == "359900101000"]
    rows = rows_of(files[f"{folder}/list.csv"])
    assert [(row["序号"], row["名称"], row["村（居）"], row["地址"], row["电话"]) for row in rows] == [
        (str(unit.sequence), unit.name, unit.psu, unit.address, unit.phone) for unit in units
    ]
    text = "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(files[f"{folder}/list.pdf"]))
    assert all(unit.name in text for unit in units)
    assert not any(row["link"] in text for row in rows_of(files["links.csv"]))


def test_by_village_each_village_has_its_folder_and_groups_drawn_at_once_have_theirs(shell: Shell) -> None:
    county = make_county(shell)
    round_id = make_open_round(shell, county)
    files = files_of(shell, county, round_id, by="village")
    units = main_units(shell, round_id)
    places = {(unit.township_code, unit.group, unit.psu_code if unit.hits is not None else "") for unit in units}
    assert len(folders(files)) == len(places)
    assert sum(len(rows_of(content)) for name, content in files.items() if name.endswith("list.csv")) == len(units)


def test_by_investigator_each_has_a_folder_the_narrower_assignment_wins_and_the_rest_is_named(shell: Shell) -> None:
    county = make_county(shell)
    round_id = make_open_round(shell, county)
    first = min(county.townships)
    with shell.database.transaction() as session:
        other = session.scalars(select(Person).where(Person.name == "observer")).one()
        session.add(
            Assignment(round_id=round_id, person_id=other.id, township_code=first, group="enterprise", psu_code="")
        )
    files = files_of(shell, county, round_id, by="investigator")
    counts = {name.split("/")[0]: len(rows_of(content)) for name, content in files.items() if name.endswith("list.csv")}
    assert counts == {"investigator-investigator 王": 100, "observer-observer 王": 10, "unassigned-未分配": 110}


def test_folders_have_names_that_every_system_takes() -> None:
    assert card_files._folder("1", 'a/b\\c:*?"<>|', "") == "1-a_b_c_______"


def test_cards_are_refused_before_the_fieldwork_and_for_an_unknown_way(shell: Shell) -> None:
    county = make_county(shell)
    round_id = make_drawn_round(shell, county)
    with pytest.raises(WrongState, match="field"):
        card_files.request_print(shell, county.office, round_id, by="township")
    fieldwork.open_fieldwork(shell, county.office, round_id)
    with pytest.raises(BadInput, match="colour"):
        card_files.request_print(shell, county.office, round_id, by="colour")
    with pytest.raises(NotFound):
        card_files.request_print(shell, county.office, round_id, by="township", township_code="359999999000")


def test_cards_of_a_real_round_refuse_an_address_no_phone_reaches(shell: Shell) -> None:
    county = make_county(shell, is_demo=False)
    round_id = make_open_round(shell, county)
    local = replace(shell, config=replace(shell.config, base_url="http://127.0.0.1:8000"))
    with pytest.raises(WrongState, match=r"127\.0\.0\.1"):
        files_of(local, county, round_id)
    assert "links.csv" in files_of(shell, county, round_id)


def test_deadline_and_contact_are_kept_with_the_round_and_recorded_once(shell: Shell) -> None:
    county = make_county(shell)
    round_id = make_open_round(shell, county)
    day = utc_now().date() + timedelta(days=9)
    for _ in range(2):
        card_files.set_card_facts(shell, county.office, round_id, answer_by=day, contact="  县调查队   0599 ")
    with shell.database.reading() as session:
        round_ = session.get_one(Round, round_id)
        entries = session.scalars(select(RecordEntry).where(RecordEntry.action == "card_facts_set")).all()
    assert (round_.answer_by, round_.contact) == (day, "县调查队 0599")
    assert [json.loads(entry.details)["answer_by"] for entry in entries] == [day.isoformat()]


@pytest.mark.parametrize(
    ("answer_by", "contact", "what"), [(date(2020, 1, 1), "x", "2020-01-01"), (None, "x" * 81, "80 characters")]
)
def test_a_deadline_that_is_past_and_a_contact_too_long_are_refused(
    shell: Shell, answer_by: date | None, contact: str, what: str
) -> None:
    county = make_county(shell)
    round_id = make_open_round(shell, county)
    with pytest.raises(BadInput, match=what):
        card_files.set_card_facts(shell, county.office, round_id, answer_by=answer_by, contact=contact)


def test_an_address_too_long_for_a_card_is_refused_before_the_print_starts_and_nothing_is_recorded(
    shell: Shell,
) -> None:
    county = make_county(shell)
    round_id = make_open_round(shell, county)
    long = replace(shell, config=replace(shell.config, base_url=f"https://{'m' * 60}.{'m' * 60}.cn"))
    with pytest.raises(BadInput, match=r"The address .* PINGYI_BASE_URL"):
        card_files.request_print(long, county.office, round_id, by="township")
    with pytest.raises(BadInput, match=r"The address .* PINGYI_BASE_URL"):
        files_of(long, county, round_id)
    with shell.database.reading() as session:
        assert not session.scalars(select(RecordEntry).where(RecordEntry.action == "cards_printed")).all()


def test_a_contact_that_no_card_holds_is_refused_beside_the_contact(
    client_as: ClientAs, sqlite_shell: Shell, county: CountyFacts
) -> None:
    path = f"/office/rounds/{make_open_round(sqlite_shell, county)}/cards"
    client = client_as("office")
    filled = {"answer_by": "2099-01-01", "contact": "𪛖" * 40, "township_code": "", "by": "township"}
    token = csrf_of(client.get(path, base_url=BASE).text)
    page = client.post(path, base_url=BASE, headers={"Referer": BASE + path}, data=filled | {"csrf_token": token}).text
    assert re.search(r'id="contact-wrong">[^<]*印不下', page)


def test_the_job_tells_how_far_it_is_and_leaves_one_file_that_its_owner_alone_can_read(shell: Shell) -> None:
    county = make_county(shell)
    round_id = make_open_round(shell, county)
    told: list[tuple[int, int]] = []
    job_id = card_files.request_print(shell, county.office, round_id, by="township")
    card_files.run_print(shell, jobs.get_job(shell, county.id, job_id), lambda done, total: told.append((done, total)))
    assert told == [(number, 220) for number in range(1, 221)]
    (path,) = shell.config.prints_folder.iterdir()
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    with shell.database.reading() as session:
        entry = session.scalars(select(RecordEntry).where(RecordEntry.action == "cards_printed")).one()
    assert json.loads(entry.details) == {"cards": 220, "by": "township"}


def test_a_file_is_handed_out_once_and_nothing_of_it_stays(shell: Shell) -> None:
    county = make_county(shell)
    round_id = make_open_round(shell, county)
    job_id = card_files.request_print(shell, county.office, round_id, by="township")
    worker.run_waiting(shell)
    name, content = card_files.take_print(shell, county.id, round_id, job_id)
    assert name == "cards-359900-2026-1.zip"
    assert "links.csv" in zipfile.ZipFile(io.BytesIO(content)).namelist()
    assert list(shell.config.prints_folder.iterdir()) == []
    with pytest.raises(WrongState, match="downloaded already"):
        card_files.take_print(shell, county.id, round_id, job_id)


def test_a_file_nobody_comes_for_is_removed_after_an_hour(sqlite_shell: Shell) -> None:
    for number, age in ((1, 3500), (2, 3700)):
        path = sqlite_shell.config.prints_folder / f"{number}.zip"
        handouts.write_secret(path, b"secret")
        moment = utc_now().timestamp() - age
        os.utime(path, (moment, moment))
    worker.run_waiting(sqlite_shell)
    assert [path.name for path in sqlite_shell.config.prints_folder.iterdir()] == ["1.zip"]


def test_the_office_prints_from_the_pages_and_downloads_once(
    client_as: ClientAs, sqlite_shell: Shell, county: CountyFacts
) -> None:
    round_id = make_open_round(sqlite_shell, county)
    client = client_as("office")
    for page in (f"/office/rounds/{round_id}/sample", f"/office/rounds/{round_id}/sample/359900201000"):
        assert f"/office/rounds/{round_id}/cards" in client.get(page, base_url=BASE).text
    path = f"/office/rounds/{round_id}/cards"
    form = client.get(f"{path}?township=359900201000", base_url=BASE).text
    assert '<option selected value="359900201000">' in form
    filled = {
        "csrf_token": csrf_of(form),
        "answer_by": (utc_now().date() + timedelta(days=3)).isoformat(),
        "contact": "县调查队 0599-1234567",
        "township_code": "359900201000",
        "by": "village",
    }
    started = client.post(path, base_url=BASE, headers={"Referer": BASE + path}, data=filled)
    assert started.status_code == 302
    worker.run_waiting(sqlite_shell)
    ready = client.get(started.location, base_url=BASE, follow_redirects=True)
    assert "110 张答卷卡" in ready.text
    take = ready.request.path + "/file"
    answer = client.post(
        take, base_url=BASE, headers={"Referer": BASE + path}, data={"csrf_token": csrf_of(ready.text)}
    )
    assert answer.headers["Cache-Control"] == "no-store"
    assert len(rows_of(zipfile.ZipFile(io.BytesIO(answer.data)).read("links.csv"))) == 110
    again = client.get(ready.request.path, base_url=BASE).text
    assert take not in again
    assert "服务器上不再保留" in again


def cards_step(client: FlaskClient, round_id: int) -> str:
    """How the row of steps marks the cards."""
    page = client.get(f"/office/rounds/{round_id}", base_url=BASE).text
    found = re.search(r'<li class="(\w+)"[^>]*>(?:<a [^>]*>)?答卷卡', page)
    assert found
    return found[1]


def test_the_step_of_the_cards_is_done_once_they_were_made_for_every_township(
    client_as: ClientAs, sqlite_shell: Shell, county: CountyFacts
) -> None:
    round_id = make_drawn_round(sqlite_shell, county)
    client = client_as("office")
    assert cards_step(client, round_id) == "current"
    fieldwork.open_fieldwork(sqlite_shell, county.office, round_id)
    assert cards_step(client, round_id) == "todo"
    for township, state in zip(sorted(county.townships), ("todo", "done"), strict=True):
        files_of(sqlite_shell, county, round_id, township_code=township)
        assert cards_step(client, round_id) == state


def test_the_step_of_the_cards_is_done_once_all_were_made_at_once_and_never_where_none_were(
    client_as: ClientAs, sqlite_shell: Shell, county: CountyFacts
) -> None:
    printed, never = make_open_round(sqlite_shell, county), make_open_round(sqlite_shell, county, wave=2)
    files_of(sqlite_shell, county, printed)
    with sqlite_shell.database.transaction() as session:
        for round_id in (printed, never):
            session.get_one(Round, round_id).state = "closed"
    client = client_as("office")
    assert (cards_step(client, printed), cards_step(client, never)) == ("done", "todo")


@pytest.mark.parametrize("missing", ["answer_by", "contact"])
def test_cards_from_the_pages_need_a_deadline_and_whom_to_ask(
    missing: str, client_as: ClientAs, sqlite_shell: Shell, county: CountyFacts
) -> None:
    path = f"/office/rounds/{make_open_round(sqlite_shell, county)}/cards"
    client = client_as("office")
    filled = {"answer_by": "2099-01-01", "contact": "x", "township_code": "", "by": "township"} | {missing: ""}
    token = csrf_of(client.get(path, base_url=BASE).text)
    answer = client.post(path, base_url=BASE, headers={"Referer": BASE + path}, data=filled | {"csrf_token": token})
    assert (answer.status_code, "请填写" in answer.text) == (200, True)


def in_the_shell(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let `pingyi` work on this shell's data, in English."""
    monkeypatch.setenv("PINGYI_HOME", str(shell.config.home))
    monkeypatch.setenv("PINGYI_BASE_URL", BASE)
    monkeypatch.setenv("PINGYI_LANG", "en")
    monkeypatch.delenv("PINGYI_DATABASE_URL", raising=False)


def test_the_shell_writes_the_same_files(
    sqlite_shell: Shell, county: CountyFacts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    round_id = make_open_round(sqlite_shell, county)
    in_the_shell(sqlite_shell, monkeypatch)
    out = tmp_path / "out"

    def run(*arguments: str) -> tuple[int, str]:
        result = CliRunner().invoke(main, ["cards", *arguments])
        return result.exit_code, result.output + result.stderr

    status, said = run("359900-2026-1", "--out", str(out))
    assert (status, "by hand" in said, "220 cards" in said) == (0, True, True)
    expected = files_of(sqlite_shell, county, round_id)
    written = {str(path.relative_to(out).as_posix()): path.read_bytes() for path in out.rglob("*") if path.is_file()}
    assert set(written) == set(expected)
    assert {name: content for name, content in written.items() if not name.endswith("xlsx")} == {
        name: content for name, content in expected.items() if not name.endswith("xlsx")
    }
    assert run("--out", str(out))[0] == 2
    more = ("--deadline", "2099-05-01", "--contact", "县调查队", "--by", "village", "--out", str(tmp_path / "second"))
    status, said = run(*more)
    assert (status, "by hand" in said) == (0, False)
    with sqlite_shell.database.reading() as session:
        assert session.get_one(Round, round_id).answer_by == date(2099, 5, 1)


def test_the_shell_leaves_no_folder_behind_where_it_refuses_the_cards(
    sqlite_shell: Shell, county: CountyFacts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    round_id = make_open_round(sqlite_shell, county)
    in_the_shell(sqlite_shell, monkeypatch)
    out = tmp_path / "out" / "cards"
    asked = ["cards", "359900-2026-1", "--out", str(out)]
    past = CliRunner().invoke(main, [*asked, "--deadline", "2001-01-01"])
    with sqlite_shell.database.transaction() as session:
        session.get_one(Round, round_id).state = "closed"
    closed = CliRunner().invoke(main, asked)
    assert ("is past" in past.stderr, "no longer possible to print cards" in closed.stderr) == (True, True)
    assert (past.exit_code, closed.exit_code, out.parent.exists()) == (1, 1, False)
