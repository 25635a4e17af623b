"""The result pages show what score() gives, with charts that say what they show; the files hold the same."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable

import pytest
from docx import Document
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from survey_app.errors import NotFound, WrongState
from survey_app.models import RecordEntry
from survey_app.office.drawn import percent
from survey_app.office.results import sure_sentences
from survey_app.services import all_formats, assignments, casting, closing, jobs, results, worker
from survey_app.services.rounds import Actor
from survey_app.shell import Shell, no_progress
from tests.conftest import csrf_of
from tests.factories import CountyFacts, answers, make_county, make_open_round, tokens_of

BASE = "https://pingyi.test"
FIRST = "359900101000"
CODES = ("satisfied", "basic", "unsatisfied", "unknown")


def close_varied(shell: Shell, county: CountyFacts, *, wave: int = 1, shift: int = 0) -> int:
    """Close a round whose answers differ from person to person and item to item."""
    round_id = make_open_round(shell, county, wave=wave)
    for group in ("delegates", "enterprise", "urban", "rural"):
        for number, token in enumerate(tokens_of(shell, round_id, group=group)):
            given = {item: CODES[(number * (k + shift + 1) // 3) % 4] for k, item in enumerate(answers(group))}
            casting.cast(shell, token, given, minutes="2-5")
    closing.close_round(shell, county.office, round_id, no_progress)
    return round_id


@pytest.fixture
def closed(sqlite_shell: Shell, county: CountyFacts) -> int:
    return close_varied(sqlite_shell, county)


@pytest.fixture
def office(client_as: Callable[[str], FlaskClient]) -> Callable[[str], str]:
    client = client_as("office")

    def get(path: str) -> str:
        answer = client.get(path, base_url=BASE)
        assert answer.status_code == 200
        return answer.text

    return get


def cells(page: str, heading: str) -> list[str]:
    """The cells of the table row that this heading begins or follows."""
    row = next(part for part in page.split("<tr>") if re.search(rf">{heading}(</a>)?</th>", part))
    return [re.sub(r"<[^>]+>", "", cell).strip() for cell in re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL)]


def test_the_townships_table_holds_score_error_interval_rank_range_and_probability(
    office: Callable[[str], str], closed: int, sqlite_shell: Shell, county: CountyFacts
) -> None:
    table = results.score_round(sqlite_shell, county.office, closed).townships
    row = table[table["township_code"] == FIRST].iloc[0]
    low, high = row["rank_low"], row["rank_high"]
    found = cells(office(f"/office/rounds/{closed}/results"), "云溪镇")
    assert found[:6] == [
        str(row["rank"]),
        f"{row['public_appraisal']:.2f}",
        str(low) if low == high else f"{low}–{high}",
        percent(row["p_top6"]),
        f"{row['se']:.2f}",
        f"{row['ci_low']:.2f}–{row['ci_high']:.2f}",
    ]


def test_a_townships_page_holds_errors_of_groups_and_items(
    office: Callable[[str], str], closed: int, sqlite_shell: Shell, county: CountyFacts
) -> None:
    scores = results.score_round(sqlite_shell, county.office, closed)
    page = office(f"/office/rounds/{closed}/results/{FIRST}")
    groups = scores.groups[(scores.groups["township_code"] == FIRST) & (scores.groups["group"] == "rural")].iloc[0]
    assert cells(page, "农村居民")[:3] == [
        f"{groups['total']:.2f}",
        f"{groups['se']:.2f}",
        f"{groups['ci_low']:.2f}–{groups['ci_high']:.2f}",
    ]
    item = scores.items[(scores.items["township_code"] == FIRST) & (scores.items["item"] == "R07")].iloc[0]
    row = page.split(">R07</span>")[1].split("</tr>")[0]
    figures = [re.sub(r"<[^>]+>", "", cell) for cell in re.findall(r'<td class="number">(.*?)</td>', row)]
    assert figures[:2] == [f"{item['score']:.2f}", f"{item['se']:.2f}"]


@pytest.mark.parametrize(("page", "charts"), [("results", 2), ("results/opinions", 5), ("results/sureness", 1)])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_charts_have_a_title_and_nothing_that_the_policy_refuses(
    page: str, charts: int, language: str, office: Callable[[str], str], closed: int
) -> None:
    drawn = re.findall(
        r'<figure class="drawn">(.*?)</figure>', office(f"/office/rounds/{closed}/{page}?lang={language}"), re.DOTALL
    )
    assert len(drawn) == charts
    for chart in drawn:
        assert re.search(r"<title>.{8,}</title>", chart)
        assert "style=" not in chart
        assert "<style" not in chart
    names = re.findall(r'\bid="([^"]+)"', "".join(drawn))
    assert len(names) == len(set(names))
    assert set(re.findall(r"url\(#([^)]+)\)", "".join(drawn))) <= set(names)


def test_the_change_since_the_last_closed_round_is_shown(
    office: Callable[[str], str], closed: int, sqlite_shell: Shell, county: CountyFacts
) -> None:
    assert "与上一轮相比" not in office(f"/office/rounds/{closed}/results")
    second = close_varied(sqlite_shell, county, wave=2, shift=1)
    changes = results.changes(sqlite_shell, county.office, second)
    assert changes is not None
    page = office(f"/office/rounds/{second}/results").split("与上一轮相比", 1)[1]
    row = changes.townships[changes.townships["township_code"] == FIRST].iloc[0]
    assert f"{row['change']:+.2f}".replace("-", "−") in cells(page, "云溪镇")
    assert results.changes(sqlite_shell, county.office, closed) is None


def test_what_if_shows_each_other_reading_weight_and_item(
    office: Callable[[str], str], closed: int, sqlite_shell: Shell, county: CountyFacts
) -> None:
    page = office(f"/office/rounds/{closed}/results/sureness")
    found = results.round_results(sqlite_shell, county.office, closed)
    for scenario in found.sensitivity().scenarios:
        assert (scenario.label.zh if scenario.possible else scenario.sentence.zh) in page
    assert len(found.neighbours()) == 1
    assert ("分得清</strong>" in page) == found.neighbours()[0].told_apart


def test_pairs_that_cannot_be_told_apart_are_drawn_and_named(
    office: Callable[[str], str], closed: int, sqlite_shell: Shell, county: CountyFacts
) -> None:
    page = office(f"/office/rounds/{closed}/results/sureness")
    likes = results.round_results(sqlite_shell, county.office, closed).likes()
    first, second = likes
    assert (first.others, second.others) in (((), ()), ((second.name,), (first.name,)))
    sign = "≈" if first.others else "≠"
    chart = next(svg for svg in re.findall("<svg.*?</svg>", page, re.DOTALL) if "≈" in svg)
    assert re.findall("[≠≈]", chart) == ["≠", "≈", sign]  # the legend's two, then the one pair's
    for like, other in ((first, second), (second, first)):
        assert [str(like.rank), str(len(like.others)), other.name if like.others else "–"] in [
            [re.sub(r"<[^>]+>", "", cell) for cell in re.findall(r"<td[^>]*>(.*?)</td>", row)]
            for row in page.split("<tr>")
        ]


def test_quality_is_shown_by_place_and_by_investigator_and_never_by_row(
    office: Callable[[str], str], closed: int, sqlite_shell: Shell, county: CountyFacts
) -> None:
    page = office(f"/office/rounds/{closed}/results/quality")
    assert "不说明任何人作答不实" in page
    assert "investigator 王" in page
    with sqlite_shell.database.reading() as session:
        theirs = assignments.wholly_theirs(session, results.get_round(session, county.office.county_id, closed))
    assert {place[0] for place in theirs} == {FIRST}
    quality = results.round_results(sqlite_shell, county.office, closed).quality(theirs)
    flags = int(quality.psus["flagged"].sum()) + int(quality.investigators["flagged"].sum())
    assert page.count("请核查访问过程") == flags
    assert not any(unit in page for unit in ("户主", "D001"))


def test_a_place_of_two_investigators_is_nobodys(sqlite_shell: Shell, county: CountyFacts) -> None:
    from survey_app.models import Assignment, Person

    round_id = make_open_round(sqlite_shell, county)
    psu = f"{FIRST[:9]}201"
    with sqlite_shell.database.transaction() as session:
        other = session.scalars(select(Person).where(Person.name == "observer")).one()
        session.add(Assignment(round_id=round_id, person_id=other.id, township_code=FIRST, group="rural", psu_code=psu))
    with sqlite_shell.database.reading() as session:
        theirs = assignments.wholly_theirs(session, results.get_round(session, county.office.county_id, round_id))
    assert (FIRST, "rural", psu) not in theirs
    assert (FIRST, "delegates", "") in theirs


def test_a_closed_round_is_scored_once_and_refused_to_others_all_the_same(
    closed: int, sqlite_shell: Shell, county: CountyFacts
) -> None:
    first = results.round_results(sqlite_shell, county.office, closed)
    assert results.round_results(sqlite_shell, county.office, closed) is first
    other = make_county(sqlite_shell, code="359901", prefix="other_")
    with pytest.raises(NotFound):
        results.round_results(sqlite_shell, Actor("x", other.id), closed)


def test_the_report_comes_as_a_file(client_as: Callable[[str], FlaskClient], closed: int) -> None:
    client = client_as("office")
    report = client.get(f"/office/rounds/{closed}/report.docx", base_url=BASE)
    assert "filename*=UTF-8''%E5%85%AC%E4%BC%97" in report.headers["Content-Disposition"]
    report.headers["Content-Disposition"].encode("latin-1")
    words = "\n".join(paragraph.text for paragraph in Document(io.BytesIO(report.data)).paragraphs)
    assert "第1轮公众评议" in words
    cover = Document(io.BytesIO(report.data)).sections[0]
    headers = [cover.first_page_header, cover.header]
    assert [header.paragraphs[0].text for header in headers] == ["演示数据 · Demo data"] * 2
    assert "逐一剔除 80 道题" in words


def test_all_formats_are_made_in_the_background_and_handed_out_once(
    client_as: Callable[[str], FlaskClient], sqlite_shell: Shell, county: CountyFacts, closed: int
) -> None:
    client, path = client_as("office"), f"/office/rounds/{closed}/results"
    form = client.get(path, base_url=BASE).text
    headers = {"Referer": BASE + path}
    started = client.post(
        f"/office/rounds/{closed}/exports", base_url=BASE, headers=headers, data={"csrf_token": csrf_of(form)}
    )
    assert started.status_code == 302
    waiting = client.get(started.location, base_url=BASE).text
    assert "生成全部格式的结果文件" in waiting
    assert "<progress" in waiting
    assert worker.run_waiting(sqlite_shell) == 1
    ready = client.get(started.location, base_url=BASE, follow_redirects=True)
    assert "只能由您下载一次" in ready.text
    taken = client.post(
        ready.request.path + "/file", base_url=BASE, headers=headers, data={"csrf_token": csrf_of(ready.text)}
    )
    assert taken.headers["Cache-Control"] == "no-store"
    assert "results-359900-2026-1.zip" in taken.headers["Content-Disposition"]
    assert list(sqlite_shell.config.prints_folder.iterdir()) == []
    again = client.get(ready.request.path, base_url=BASE).text
    assert ready.request.path + "/file" not in again
    assert "服务器上不再保留" in again
    with zipfile.ZipFile(io.BytesIO(taken.data)) as archive:
        names = set(archive.namelist())
    expected = {"scores/report.docx", "scores/scores.R", "scores/codebook.xml", "scores/scores.xlsx"}
    expected |= {f"scores/responses_{group}.{kind}" for group in ("rural", "urban") for kind in ("sav", "dta")}
    assert expected | {"responses/rural.csv", "responses/samples.csv"} <= names
    assert any(name.endswith(".parquet") for name in names)


def test_only_who_started_the_making_of_all_formats_gets_them_and_the_record_names_them(
    sqlite_shell: Shell, county: CountyFacts, closed: int
) -> None:
    told: list[tuple[int, int]] = []
    job_id = all_formats.request_exports(sqlite_shell, county.office, closed, language="en")
    all_formats.run_exports(
        sqlite_shell, jobs.get_job(sqlite_shell, county.id, job_id), lambda done, total: told.append((done, total))
    )
    assert told == [(done, 11) for done in range(12)]
    assert worker.run_waiting(sqlite_shell) == 1
    colleague = Actor("office 李", county.office.county_id)
    with pytest.raises(NotFound):
        all_formats.take_exports(sqlite_shell, colleague, closed, job_id)
    assert all_formats.take_exports(sqlite_shell, county.office, closed, job_id)[0] == "results-359900-2026-1.zip"
    with pytest.raises(WrongState, match="downloaded already"):
        all_formats.take_exports(sqlite_shell, county.office, closed, job_id)
    with sqlite_shell.database.reading() as session:
        entries = session.scalars(select(RecordEntry).where(RecordEntry.action == "results_exported")).all()
    assert {entry.person for entry in entries} == {county.office.name}


def test_files_of_a_round_in_the_field_are_not_begun(sqlite_shell: Shell, county: CountyFacts) -> None:
    round_id = make_open_round(sqlite_shell, county)
    with pytest.raises(WrongState):
        all_formats.request_exports(sqlite_shell, county.office, round_id, language="zh")


@pytest.fixture
def few(sqlite_shell: Shell, county: CountyFacts) -> int:
    """A closed round: in the first township one delegate answered, whom the sample's page names, and four others elsewhere did."""
    round_id = make_open_round(sqlite_shell, county)
    for group in ("enterprise", "urban", "rural"):
        for token in tokens_of(sqlite_shell, round_id, group=group):
            casting.cast(sqlite_shell, token, answers(group, "basic"), minutes="2-5")
    delegates = tokens_of(sqlite_shell, round_id, group="delegates")
    alone = {"D07": "unsatisfied", "D08": "unknown"}
    casting.cast(sqlite_shell, delegates[0], answers("delegates", "satisfied", **alone), minutes="2-5")
    for token in delegates[-5:]:
        casting.cast(sqlite_shell, token, answers("delegates", "basic"), minutes="2-5")
    closing.close_round(sqlite_shell, county.office, round_id, no_progress)
    return round_id


@pytest.mark.parametrize(("language", "words"), [("zh", "只有 1 份答卷，不足 5 份"), ("en", "fewer than 5")])
def test_a_group_that_fewer_than_five_answered_has_its_total_and_no_item_on_the_townships_page(
    office: Callable[[str], str], few: int, language: str, words: str
) -> None:
    page = office(f"/office/rounds/{few}/results/{FIRST}?lang={language}")
    row = page.split('<a href="#delegates">')[1].split("</tr>")[0]
    shown = [re.sub(r"<[^>]+>", "", cell) for cell in re.findall(r'<td class="number">(.*?)</td>', row)]
    assert re.fullmatch(r"\d+\.\d\d", shown[0])
    assert shown[1:4] == ["–", "–", "1"]
    assert ">D07</span>" not in page
    assert ">R07</span>" in page
    assert words in page


def test_a_small_group_is_not_to_be_had_by_subtraction_nor_from_the_notes(
    office: Callable[[str], str], few: int, sqlite_shell: Shell, county: CountyFacts
) -> None:
    page = office(f"/office/rounds/{few}/results/opinions")
    row = page.split(">D07</span>")[1].split("</tr>")[0]
    assert re.findall(r'<td class="number">(.*?)</td>', row) == ["0.0%", "100.0%", "0.0%", "0.0%", "5", "0"]
    assert "有 1 处" in page
    notes = results.score_round(sqlite_shell, county.office, few).notes
    told = [note.zh for note in notes if "D08" in note.zh]
    assert told
    assert not [note for note in told if note in office(f"/office/rounds/{few}/results")]


def test_the_responses_folder_still_holds_the_row_of_a_small_group(
    client_as: Callable[[str], FlaskClient], few: int
) -> None:
    content = client_as("office").get(f"/office/rounds/{few}/responses.zip", base_url=BASE).data
    with zipfile.ZipFile(io.BytesIO(content)) as folder:
        name = next(name for name in folder.namelist() if name.endswith("delegates.csv"))
        assert folder.read(name).decode("utf-8-sig").count(FIRST) == 1


@pytest.mark.parametrize(
    ("townships", "scored", "with_error", "said"),
    [(19, 19, True, True), (6, 6, True, False), (19, 6, True, False), (19, 19, False, False)],
)
def test_the_first_six_are_named_only_where_more_than_six_have_ranks_with_errors(
    app: Flask, townships: int, scored: int, with_error: bool, said: bool
) -> None:
    rows = [
        {"name": f"镇{n}", "rank_low": n if n <= scored else None, "rank_high": n if n <= scored else None}
        | {"se": 1.0 if with_error else None}
        for n in range(1, townships + 1)
    ]
    with app.test_request_context("/"):
        assert bool([line for line in sure_sentences(rows, []) if "前六名" in line]) is said
