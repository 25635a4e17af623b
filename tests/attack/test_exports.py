"""What a closed round gives away: nothing in it names a unit, a card, a receipt, a time or an order of arrival."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from pathlib import Path

import pytest

from survey_app import create_app
from survey_app.services import result_files
from survey_app.services.drawing import zip_files
from survey_app.services.receipts import list_receipts
from survey_app.shell import no_progress
from tests.attack.chance import SURE, hits, most_hits, sureness
from tests.attack.searching import found_in
from tests.attack.staged import Stage

TIME = re.compile(r"\b20\d\d-\d\d-\d\d[T ]\d\d:\d\d")
BASE = "https://pingyi.test"


def unpacked(content: bytes, name: str = "") -> dict[str, bytes]:
    """Return the files in a zip (and in the workbooks and documents within), by name."""
    files = {}
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for inner in archive.namelist():
            part = archive.read(inner)
            is_zip = part[:4] == b"PK\x03\x04"
            files |= unpacked(part, f"{name}{inner}/") if is_zip else {name + inner: part}
    return files


@pytest.fixture(scope="module")
def given_out(stage: Stage, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """All files that the office can take out of the closed round."""
    shell, actor = stage.shell, stage.county.office
    files = unpacked(result_files.responses_zip(shell, actor, stage.round_id), "responses_zip/")
    made = result_files.every_file(shell, actor, stage.round_id, "zh", no_progress)
    files |= unpacked(zip_files(made), "exports_zip/")
    files |= unpacked(result_files.report(shell, actor, stage.round_id, "en"), "report/")
    files |= unpacked(result_files.online_zip(shell, actor, stage.round_id), "online_zip/")
    folder = tmp_path_factory.mktemp("export") / "round"
    result_files.export_round(shell, actor, stage.round_id, folder, no_progress)
    return files | {
        f"folder/{path.relative_to(folder).as_posix()}": path.read_bytes()
        for path in sorted(Path(folder).rglob("*"))
        if path.is_file()
    }


def rows_of(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def test_no_file_names_a_card_or_a_receipt(stage: Stage, given_out: dict[str, bytes]) -> None:
    assert len(given_out) > 40
    whole = b"\0\0".join(given_out.values())
    for one in stage.answered.values():
        for secret in (one.card.token, one.card.code, one.receipt, one.receipt.replace(" ", "")):
            assert secret.encode() not in whole
    some = list(stage.answered.values())[:15]
    assert found_in(whole, [one.card.token for one in some] + [one.receipt for one in some]) == []


def test_answers_and_comments_name_no_unit_and_no_time(given_out: dict[str, bytes]) -> None:
    answers = [name for name in given_out if re.search(r"/(delegates|enterprise|urban|rural|online)\.csv$", name)]
    assert len(answers) == 13
    for name in answers:
        columns = list(rows_of(given_out[name])[0])
        assert columns[:8] == ["round", "wave", "township_code", "group", "psu_code", "weight", "mode", "minutes"]
        assert all(re.fullmatch(r"[DEURO]\d\d", column) for column in columns[8:])
        assert not TIME.search(given_out[name].decode())
    comments = [name for name in given_out if name.endswith("comments.csv")]
    assert len(comments) == 3
    for name in comments:
        assert list(rows_of(given_out[name])[0]) == ["township_code", "text"]


def test_units_are_named_in_the_draw_alone(stage: Stage, given_out: dict[str, bytes]) -> None:
    units = [row["unit_code"] for row in stage.copies["after"].rows["sample_units"] if row["group"] == "delegates"]
    named = re.compile(rb"\b(" + b"|".join(sorted({unit.encode() for unit in units})) + rb")\b")
    texts = [name for name in given_out if name.endswith((".csv", ".xml", ".json", ".tex", ".txt", ".md", ".R"))]
    assert len(texts) > 30
    assert any(named.search(given_out[name]) for name in texts if "/draw/" in name)
    assert [name for name in texts if "/draw/" not in name and named.search(given_out[name])] == []


def test_rows_come_in_no_order_of_arrival_or_of_the_sample(stage: Stage, given_out: dict[str, bytes]) -> None:
    owner = {(one.cell[1], frozenset(one.answers.items())): unit for unit, one in stage.answered.items()}
    for known in (stage.arrivals(), {unit: unit for unit in stage.answered}):
        rows: dict[int, int] = {}
        for name in sorted(given_out):
            if found := re.fullmatch(r"folder/responses/(delegates|enterprise|urban|rural)\.csv", name):
                for place, row in enumerate(rows_of(given_out[name])):
                    said = frozenset((item, code) for item, code in list(row.items())[8:] if code)
                    rows[owner[found[1], said]] = place
        assert len(rows) == len(stage.answered)
        assert abs(sureness([known[unit] for unit in rows], list(rows.values()))) < SURE
        right, sizes = hits(stage.cells(), known, rows, backwards=False)
        assert right <= most_hits(sizes)


def test_the_published_list_of_receipts_is_sorted_and_says_nothing_else(stage: Stage) -> None:
    _code, text = list_receipts(stage.shell, stage.round_id)
    lines = text.splitlines()
    assert lines == sorted(one.receipt for one in stage.answered.values())


def test_no_public_page_names_a_unit_a_card_or_an_answer(stage: Stage) -> None:
    client = create_app(shell=stage.shell).test_client()
    seen = {"/", "/public/", f"/public/rounds/{stage.round_code}"}
    todo, pages = sorted(seen), []
    while todo:
        page = client.get(todo.pop(), base_url=BASE)
        if page.mimetype == "text/html":
            pages.append(page.text)
            links = set(re.findall(r'href="(/(?:public)?[^"#?]*)"', page.text)) - seen
            seen |= links
            todo += sorted(link for link in links if link.startswith("/public"))
        assert page.status_code in (200, 301, 302, 308, 404)
    whole = "\n".join(pages)
    assert len(pages) >= 2
    assert "unmistakable" not in whole
    for one in stage.answered.values():
        assert one.card.token not in whole
        assert one.card.code not in whole
    assert not any(f">{unit['unit_code']}<" in whole for unit in stage.copies["after"].rows["sample_units"])
