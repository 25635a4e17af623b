"""Comments: kept whole or refused kindly, sealed, parted from the answers, exported safely, few ones not named."""

from __future__ import annotations

import csv
import html
import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from survey_app.errors import BadInput, WrongState
from survey_app.models import Ballot, Comment, Response
from survey_app.services import casting, closing, commenting, result_files
from survey_app.services.ballots import checked_comment, clean_comment
from survey_app.services.commenting import named_townships, safe_text
from survey_app.shell import Shell, no_progress
from tests.factories import CountyFacts, answers, make_county, make_open_round, tokens_of

BASE = "https://pingyi.test"
ClientAs = Callable[[str], FlaskClient]


def commented(shell: Shell, texts: list[str]) -> tuple[CountyFacts, int]:
    """A closed round; the first comments are of the first township's villages."""
    county = make_county(shell)
    round_id = make_open_round(shell, county)
    for token, said in zip(tokens_of(shell, round_id, group="rural"), texts, strict=False):
        assert casting.cast(shell, token, answers(), comment=said) == "received"
    closing.close_round(shell, county.office, round_id, no_progress)
    return county, round_id


def rows_of(content: bytes) -> list[list[str]]:
    assert content.startswith(b"\xef\xbb\xbf")
    assert b"\r" not in content
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def test_five_hundred_characters_are_kept_whole_and_one_more_is_refused(shell: Shell) -> None:
    county = make_county(shell)
    round_id = make_open_round(shell, county)
    token, emoji = tokens_of(shell, round_id, group="rural")[:2]
    with pytest.raises(BadInput, match="has 501 characters, 500 fit"):
        casting.cast(shell, token, answers(), comment="路" * 501)
    assert casting.look_up(shell, token).state == "ready"
    assert casting.cast(shell, token, answers(), comment="路" * 500) == "received"
    assert casting.cast(shell, emoji, answers(code="unsatisfied"), comment="\U0001f642" * 500) == "received"
    closing.close_round(shell, county.office, round_id, no_progress)
    with shell.database.reading() as session:
        assert sorted(session.scalars(select(Comment.text))) == ["路" * 500, "\U0001f642" * 500]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  路灯不亮 \r\n 三天了\r", "路灯不亮 \n 三天了"),
        ("a\x00b\x07c\ud800d", "abcd"),
        (" \n\t ", ""),
        ("<b>&amp;", "<b>&amp;"),
        ("\r\n".join(["x"] * 250), "\n".join(["x"] * 250)),
    ],
)
def test_a_comment_keeps_its_lines_and_loses_only_what_nobody_sees(typed: str, kept: str) -> None:
    assert clean_comment(typed) == checked_comment(typed) == kept


def test_no_comment_can_hinder_the_closing(shell: Shell) -> None:
    _county, round_id = commented(shell, ["\x00\x00", "a\x00b", "'; DROP TABLE comments; --", "\\u0000 \ufffe"])
    with shell.database.reading() as session:
        assert sorted(session.scalars(select(Comment.text).where(Comment.round_id == round_id))) == sorted(
            ["ab", "'; DROP TABLE comments; --", "\\u0000 \ufffe"]
        )


def test_a_comment_that_is_too_long_is_told_kindly_and_the_form_keeps_the_answers(
    app: Flask, sqlite_shell: Shell, county: CountyFacts
) -> None:
    round_id = make_open_round(sqlite_shell, county)
    token = tokens_of(sqlite_shell, round_id, group="rural")[0]
    client = app.test_client()
    for step in ("review", "send", "edit"):
        data = answers(R02="unsatisfied") | {"comment": "长" * 501, "step": step, "reviewed": "1"}
        answer = client.post(f"/r/{token}", data=data, base_url=BASE)
        assert answer.status_code == 400
        page = answer.text
        assert 'data-state="ready"' in page
        assert "有 501 个字，最多 500 个字" in page
        assert "您的答案都还在" in page
        assert page.count(" checked") == 20
        assert re.search(r'id="R02-unsatisfied" value="unsatisfied" checked', page)
    with sqlite_shell.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Ballot)) == 0


def test_a_comment_travels_through_the_look_back_into_the_box(
    app: Flask, sqlite_shell: Shell, county: CountyFacts
) -> None:
    round_id = make_open_round(sqlite_shell, county)
    token = tokens_of(sqlite_shell, round_id, group="rural")[0]
    client = app.test_client()
    said = '路灯"不亮"\n<三天>'
    review = client.post(f"/r/{token}", data=answers() | {"comment": said, "step": "review"}, base_url=BASE).text
    hidden = {
        name: html.unescape(value)
        for name, value in re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', review)
    }
    assert hidden["comment"] == said
    sent = client.post(f"/r/{token}", data=hidden | {"step": "send"}, base_url=BASE).text
    assert 'data-state="received"' in sent
    assert "路灯" not in sent
    closing.close_round(sqlite_shell, county.office, round_id, no_progress)
    with sqlite_shell.database.reading() as session:
        assert session.scalars(select(Comment.text)).all() == [said]
        assert session.scalars(select(Response)).one().answers == answers()


def test_comments_are_a_file_of_their_own_with_a_bom_and_no_formula(shell: Shell) -> None:
    texts = ["=1+1", "+861390000", "-5", "@SUM(A1)", '逗号, "引号"\n两行', "=cmd|' /C calc'!A0", "好"]
    county, round_id = commented(shell, texts)
    found = rows_of(commenting.comments_csv(shell, county.office, round_id))
    assert found[0] == ["township_code", "text"]
    assert sorted(text for _code, text in found[1:]) == sorted(map(safe_text, texts))
    assert not any(text.startswith(("=", "+", "-", "@")) for _code, text in found[1:])
    assert {code for code, _text in found[1:]} == {min(county.townships)}


def test_the_downloads_and_the_export_hold_comments_beside_the_responses_never_in_them(
    sqlite_shell: Shell, tmp_path: Path
) -> None:
    from analysis import read_responses

    shell = sqlite_shell
    county = make_county(shell)
    round_id = make_open_round(shell, county)
    for group in ("delegates", "enterprise", "urban", "rural"):
        for token in tokens_of(shell, round_id, group=group):
            casting.cast(shell, token, answers(group), comment="unmistakable")
    closing.close_round(shell, county.office, round_id, no_progress)
    with zipfile.ZipFile(io.BytesIO(result_files.responses_zip(shell, county.office, round_id))) as folder:
        assert len(rows_of(folder.read("comments.csv"))) == 221
        inside = {name: folder.read(name) for name in folder.namelist() if name.startswith("responses/")}
    assert inside
    assert not any(b"unmistakable" in content for content in inside.values())
    result_files.export_round(shell, county.office, round_id, tmp_path / "export")
    assert len(rows_of((tmp_path / "export" / "comments.csv").read_bytes())) == 221
    assert sum(len(rows) for rows in read_responses(tmp_path / "export" / "responses").groups.values()) == 220


@pytest.mark.parametrize(
    ("counts", "named"),
    [
        ({}, set()),
        ({"A": 5}, {"A"}),
        ({"A": 4}, set()),
        ({"A": 4, "B": 9}, set()),
        ({"A": 4, "B": 9, "C": 5}, {"B"}),
        ({"A": 4, "B": 4, "C": 5}, {"C"}),
        ({"A": 1, "B": 1, "C": 5, "D": 30}, {"D"}),
        ({"A": 5, "B": 5, "C": 5}, {"A", "B", "C"}),
        ({"A": 2, "B": 3, "C": 7}, {"C"}),
    ],
)
def test_townships_with_few_comments_stand_together_and_are_never_alone_there(
    counts: dict[str, int], named: set[str]
) -> None:
    assert named_townships(counts) == named


def test_comments_come_with_the_closing_and_not_before(shell: Shell) -> None:
    county = make_county(shell)
    round_id = make_open_round(shell, county)
    for act in (commenting.list_comments, commenting.comments_csv):
        with pytest.raises(WrongState, match="once the round is closed"):
            act(shell, county.office, round_id)


def test_the_office_reads_comments_by_township_escaped_and_apart(
    sqlite_shell: Shell, county: CountyFacts, client_as: ClientAs
) -> None:
    round_id = make_open_round(sqlite_shell, county)
    for number, token in enumerate(tokens_of(sqlite_shell, round_id, group="rural")[:6]):
        casting.cast(sqlite_shell, token, answers(), comment=f"<b>留言{number}</b>")
    closing.close_round(sqlite_shell, county.office, round_id, no_progress)
    page = client_as("office").get(f"/office/rounds/{round_id}/results/comments", base_url=BASE).text
    assert "云溪镇 <small" in page
    assert page.count("&lt;b&gt;留言") == 6
    assert "<b>留言" not in page
    assert "R01" not in page


def test_the_page_of_few_comments_names_no_township(
    sqlite_shell: Shell, county: CountyFacts, client_as: ClientAs
) -> None:
    round_id = make_open_round(sqlite_shell, county)
    for token in tokens_of(sqlite_shell, round_id, group="rural")[:4]:
        casting.cast(sqlite_shell, token, answers(), comment="路灯不亮")
    closing.close_round(sqlite_shell, county.office, round_id, no_progress)
    client = client_as("office")
    page = client.get(f"/office/rounds/{round_id}/results/comments", base_url=BASE).text
    assert "未分列的乡镇 <small" in page
    assert "云溪镇" not in page
    file = client.get(f"/office/rounds/{round_id}/comments.csv", base_url=BASE)
    assert {code for code, _text in rows_of(file.data)[1:]} == {""}
