"""What the survey team's pages do with good and bad input."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from survey_app.config import UPLOAD_LIMIT
from survey_app.errors import BadInput
from survey_app.models import Contact, County, Job, Round, SealedFrame, StoredDraw
from survey_app.services import worker
from survey_app.shell import Shell
from tests.conftest import csrf_of
from tests.factories import CountyFacts, frame_csv, make_drawn_round, make_open_round, make_round, make_sealed_round

BASE = "https://pingyi.test"
ClientAs = Callable[[str], FlaskClient]


class Desk:
    """The office's browser, without a browser."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def get(self, path: str) -> TestResponse:
        return self.client.get(path, base_url=BASE, follow_redirects=True)

    def post(self, path: str, form_page: str, **data: object) -> TestResponse:
        token = csrf_of(self.get(form_page).text)
        return self.client.post(
            path,
            base_url=BASE,
            headers={"Referer": BASE + form_page},
            data={"csrf_token": token} | data,
            follow_redirects=True,
        )


@pytest.fixture
def desk(client_as: ClientAs) -> Desk:
    return Desk(client_as("office"))


def upload(shell: Shell, desk: Desk, round_id: int, content: bytes, name: str) -> str:
    path = f"/office/rounds/{round_id}/frame"
    desk.post(path, path, file=(io.BytesIO(content), name))
    worker.run_waiting(shell)
    with shell.database.reading() as session:
        job_id = session.scalar(select(func.max(Job.id)))
    return desk.get(f"/office/jobs/{job_id}").text


GOOD = frame_csv()
BAD_FILES = {
    "wrong columns": (b"name,age\nx,3\n", "x.csv", "乡镇代码"),
    "duplicate units": (GOOD + GOOD.splitlines()[1] + b"\n", "x.csv", "D001"),
    "a village in two townships": (
        GOOD.replace(
            b"359900201000,\xe7\xab\xb9\xe5\x9d\xaa\xe4\xb9\xa1,rural,359900201202",
            b"359900201000,\xe7\xab\xb9\xe5\x9d\xaa\xe4\xb9\xa1,rural,359900101202",
            1,
        ),
        "x.csv",
        "359900101202",
    ),
    "letters in size": (
        b"township_code,township,group,psu_code,psu,unit_code,size\n359900101000,\xe4\xba\x91\xe6\xba\xaa\xe9\x95\x87,rural,359900101201,A,,many\n",
        "x.csv",
        "many",
    ),
    "an empty file": (b"", "x.csv", "空"),
    "a renamed PDF": (b"%PDF-1.7\n1 0 obj", "frame.xlsx", "PDF"),
    "an old .xls": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512), "frame.xls", "xls"),
    "a formula in a cell": (GOOD.replace("代表1,".encode(), b"=SUM(1),", 1), "x.csv", "公式"),
}


@pytest.mark.parametrize("case", BAD_FILES)
def test_a_bad_file_gets_its_clear_sentence_and_nothing_is_stored(
    case: str, desk: Desk, sqlite_shell: Shell, county: CountyFacts
) -> None:
    content, name, word = BAD_FILES[case]
    round_id = make_round(sqlite_shell, county)
    page = upload(sqlite_shell, desk, round_id, content, name)
    assert word in page
    assert "Traceback" not in page
    with sqlite_shell.database.reading() as session:
        assert session.scalars(select(SealedFrame)).first() is None
        assert session.scalars(select(Contact)).first() is None
        assert session.get_one(Round, round_id).state == "new"
    assert list(sqlite_shell.config.uploads_folder.iterdir()) == []


def test_each_fault_is_told_in_the_language_of_the_page_alone(
    desk: Desk, sqlite_shell: Shell, county: CountyFacts
) -> None:
    content, name, _word = BAD_FILES["letters in size"]
    round_id = make_round(sqlite_shell, county)
    told = {"zh": upload(sqlite_shell, desk, round_id, content, name)}
    with sqlite_shell.database.reading() as session:
        job_id = session.scalar(select(func.max(Job.id)))
    told["en"] = desk.get(f"/office/rounds/{round_id}/frame/check/{job_id}?lang=en").text
    faults = {language: re.findall(r'<td class="words">(.*?)</td>', page) for language, page in told.items()}
    assert len(faults["zh"]) == len(faults["en"]) > 0
    assert not [fault for fault in faults["zh"] if "expected" in fault or "<span" in fault]
    assert not [fault for fault in faults["en"] if "<span" in fault or "应" in fault]


def test_a_file_of_100_mb_is_refused_as_too_large(desk: Desk, sqlite_shell: Shell, county: CountyFacts) -> None:
    round_id = make_round(sqlite_shell, county)
    path = f"/office/rounds/{round_id}/frame"
    token = csrf_of(desk.get(path).text).encode()
    body = (
        b'--x\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n' + token + b"\r\n"
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="big.csv"\r\n\r\n'
        + bytes(100 * 1024 * 1024)
        + b"\r\n--x--\r\n"
    )
    answer = desk.client.post(path, base_url=BASE, data=body, content_type="multipart/form-data; boundary=x")
    assert answer.status_code == 413
    assert f"{UPLOAD_LIMIT >> 20} MB" in answer.text
    assert list(sqlite_shell.config.uploads_folder.iterdir()) == []


def test_gb18030_with_full_width_digits_is_accepted(desk: Desk, sqlite_shell: Shell, county: CountyFacts) -> None:
    round_id = make_round(sqlite_shell, county)
    text = GOOD.decode().replace("359900101000", "３５９９００１０１０００")
    page = upload(sqlite_shell, desk, round_id, text.encode("gb18030"), "名单.csv")
    assert "封存抽样框" in page
    assert "检查" in page


def test_no_file_is_told_on_the_form(desk: Desk, sqlite_shell: Shell, county: CountyFacts) -> None:
    round_id = make_round(sqlite_shell, county)
    path = f"/office/rounds/{round_id}/frame"
    assert "请选择文件" in desk.post(path, path).text


def test_a_seed_with_a_bar_is_refused_on_the_form_in_the_pages_language(
    desk: Desk, sqlite_shell: Shell, county: CountyFacts
) -> None:
    round_id = make_sealed_round(sqlite_shell, county)
    path = f"/office/rounds/{round_id}/draw"
    page = desk.post(path, path, seed="a|b").text
    assert re.search(r'class="wrong"[^>]*>[^<]*\|', page)
    with sqlite_shell.database.reading() as session:
        assert session.scalars(select(StoredDraw)).first() is None


@pytest.mark.parametrize(
    ("seed", "told"),
    [(" 2026", "首尾有空格"), ("2026 ", "首尾有空格"), ("　2026", "首尾有空格"), ("20\u200b26", "看不见的格式字符")],
)
def test_a_seed_is_taken_as_typed_or_refused_never_changed(
    seed: str, told: str, desk: Desk, sqlite_shell: Shell, county: CountyFacts
) -> None:
    round_id = make_sealed_round(sqlite_shell, county)
    path = f"/office/rounds/{round_id}/draw"
    assert re.search(rf'class="wrong"[^>]*>[^<]*{told}', desk.post(path, path, seed=seed).text)
    desk.post(path, path, seed="上证 3,915.27")
    worker.run_waiting(sqlite_shell)
    with sqlite_shell.database.reading() as session:
        assert session.scalars(select(StoredDraw.seed)).all() == ["上证 3,915.27"]


def test_a_seed_before_the_sealing_is_refused(desk: Desk, sqlite_shell: Shell, county: CountyFacts) -> None:
    round_id = make_round(sqlite_shell, county)
    answer = desk.get(f"/office/rounds/{round_id}/draw")
    assert answer.status_code == 409
    assert "封存" in answer.text


@pytest.mark.parametrize("design", ["no-such-design", "/etc/passwd", "../../../../etc/passwd", "x.yaml", "", None])
def test_an_unknown_design_is_refused_beside_its_field_and_no_file_is_read(
    design: str | None, desk: Desk, county: CountyFacts, sqlite_shell: Shell
) -> None:
    from survey_app.services import rounds

    sent = {"year": "2027", "wave": "1", "name": "x"} | ({} if design is None else {"design": design})
    page = desk.post("/office/rounds/new", "/office/rounds/new", **sent).text
    assert re.search(r'id="design-wrong">请从列表中选择抽样设计<', page)
    assert "root:" not in page
    with pytest.raises(BadInput, match="there is no design") as refused:
        rounds.create_round(
            sqlite_shell, county.office, year=2027, wave=1, name="x", design_name=design or "/etc/passwd"
        )
    assert "root:" not in refused.value.zh
    with sqlite_shell.database.reading() as session:
        assert session.scalars(select(Round)).first() is None


def test_a_wave_that_exists_is_refused_on_the_form(desk: Desk, county: CountyFacts, sqlite_shell: Shell) -> None:
    make_round(sqlite_shell, county, wave=1)
    page = desk.post(
        "/office/rounds/new", "/office/rounds/new", year="2026", wave="1", name="x", design="county-110"
    ).text
    assert "已有第 1 轮" in page


def test_a_second_draw_on_a_round_in_the_field_is_refused(desk: Desk, sqlite_shell: Shell, county: CountyFacts) -> None:
    round_id = make_open_round(sqlite_shell, county)
    drawn = make_drawn_round(sqlite_shell, county, wave=2)
    for sent in ({"seed": "2", "reason": "再抽一次"}, {"seed": "12345"}, {}):
        answer = desk.post(f"/office/rounds/{round_id}/draw", f"/office/rounds/{drawn}/draw", **sent)
        assert (answer.status_code, "样本已定" in answer.text) == (409, True)
        assert f'href="/office/rounds/{round_id}"' in answer.text
    with sqlite_shell.database.reading() as session:
        assert len(session.scalars(select(StoredDraw).where(StoredDraw.round_id == round_id)).all()) == 1


def test_a_redraw_without_a_reason_is_refused(desk: Desk, sqlite_shell: Shell, county: CountyFacts) -> None:
    round_id = make_drawn_round(sqlite_shell, county)
    path = f"/office/rounds/{round_id}/draw"
    assert "请说明理由" in desk.post(path, path, seed="2").text


def test_a_second_click_on_draw_open_and_close_leads_on_to_what_the_first_one_did(
    desk: Desk, sqlite_shell: Shell, county: CountyFacts
) -> None:
    round_id = make_sealed_round(sqlite_shell, county)
    base, form_page = f"/office/rounds/{round_id}", "/office/rounds/new"
    for _ in range(2):
        assert desk.post(f"{base}/draw", form_page, seed="2026").request.path.startswith("/office/jobs/")
    worker.run_waiting(sqlite_shell)
    assert desk.post(f"{base}/draw", form_page, seed="2026").request.path == f"{base}/sample"
    for _ in range(2):
        assert desk.post(f"{base}/open", form_page).request.path == f"{base}/progress"
    for _ in range(2):
        assert desk.post(f"{base}/close", form_page, confirm="y").request.path.startswith("/office/jobs/")
    worker.run_waiting(sqlite_shell)
    assert desk.post(f"{base}/close", form_page, confirm="y").request.path == f"{base}/results"
    with sqlite_shell.database.reading() as session:
        assert sorted(session.scalars(select(Job.kind))) == ["check_frame", "close", "draw", "seal_frame"]


@pytest.mark.parametrize(("lang", "told"), [("zh", "开始调查后方可"), ("en", "once the fieldwork has begun")])
def test_a_card_before_the_fieldwork_says_when_it_can_be_shown(
    lang: str, told: str, desk: Desk, sqlite_shell: Shell, county: CountyFacts
) -> None:
    make_drawn_round(sqlite_shell, county)
    assert told in desk.get(f"/office/units/1?lang={lang}").text


def test_whether_somebody_answered_is_said_in_plain_english(
    desk: Desk, sqlite_shell: Shell, county: CountyFacts
) -> None:
    make_open_round(sqlite_shell, county)
    assert "not answered" in desk.get("/office/units/1?lang=en").text


def test_faults_stand_beside_their_row_and_column_without_saying_them_again(
    desk: Desk, sqlite_shell: Shell, county: CountyFacts
) -> None:
    round_id = make_round(sqlite_shell, county)
    page = upload(sqlite_shell, desk, round_id, GOOD.replace(b",D002,", b",D001,", 1), "x.csv")
    assert re.search(r'data-label="行">3</td>\s*<td class="short" data-label="列">unit_code</td>', page)
    assert "第 3 行" not in page
    assert "Row 3" not in page


def test_closing_asks_for_confirmation(desk: Desk, sqlite_shell: Shell, county: CountyFacts) -> None:
    round_id = make_open_round(sqlite_shell, county)
    path = f"/office/rounds/{round_id}/close"
    assert "请先勾选确认" in desk.post(path, path).text
    with sqlite_shell.database.reading() as session:
        assert session.get_one(Round, round_id).state == "open"


CLOSED_ONLY = (
    "results",
    "results/359900101000",
    "results/opinions",
    "results/sureness",
    "results/quality",
    "scores.xlsx",
    "responses.zip",
    "report.docx",
)


@pytest.mark.parametrize("page", CLOSED_ONLY)
def test_no_score_can_be_seen_before_closing(page: str, desk: Desk, sqlite_shell: Shell, county: CountyFacts) -> None:
    round_id = make_open_round(sqlite_shell, county)
    answer = desk.get(f"/office/rounds/{round_id}/{page}")
    assert answer.status_code == 409
    assert "关闭后方可" in answer.text


def test_cards_of_a_real_round_refuse_a_loopback_address(sqlite_shell: Shell) -> None:
    from dataclasses import replace

    from survey_app import create_app
    from survey_app.errors import WrongState
    from survey_app.services import fieldwork
    from tests import factories

    county = factories.make_county(sqlite_shell, is_demo=False)
    round_id = make_drawn_round(sqlite_shell, county)
    local = replace(sqlite_shell, config=replace(sqlite_shell.config, base_url="http://localhost:8000"))
    create_app(shell=local)
    with pytest.raises(WrongState, match="localhost:8000"):
        fieldwork.open_fieldwork(local, county.office, round_id)
    fieldwork.open_fieldwork(sqlite_shell, county.office, round_id)


@pytest.mark.parametrize("path", ["/office/rounds/99999", "/office/units/99999", "/office/jobs/99999", "/no/such/page"])
def test_what_does_not_exist_gets_a_page_in_both_languages(path: str, desk: Desk) -> None:
    answer = desk.get(path)
    assert answer.status_code == 404
    assert "没有这个页面" in answer.text
    assert "There is no such page" in answer.text


@pytest.mark.parametrize("is_demo", [True, False])
def test_pages_for_nobody_in_particular_are_marked_where_all_there_is_is_a_demo(
    is_demo: bool, sqlite_shell: Shell
) -> None:
    from survey_app import create_app
    from tests import factories

    facts = factories.make_county(sqlite_shell, is_demo=is_demo)
    client = create_app(shell=sqlite_shell).test_client()
    token = factories.sign_in_token(sqlite_shell, "office")
    paths = ["/account/sign-in", f"/account/link/{token}", "/account/link/used-up", "/no/such/page", "/r/" + "0" * 26]
    for path in paths:
        assert ("演示数据" in client.get(path, base_url=BASE).text) == is_demo, path
    with sqlite_shell.database.transaction() as session:
        session.add(County(code="359902", name="真县", name_en="Real County", is_demo=not is_demo))
    assert facts.id
    for path in paths:
        assert "演示数据" not in client.get(path, base_url=BASE).text, path


def test_every_page_of_the_demo_county_is_marked(desk: Desk, sqlite_shell: Shell, county: CountyFacts) -> None:
    round_id = make_open_round(sqlite_shell, county)
    for path in (
        "/office/",
        f"/office/rounds/{round_id}",
        f"/office/rounds/{round_id}/progress",
        "/office/record",
        "/public/",
    ):
        assert "演示数据" in desk.get(path).text, path
