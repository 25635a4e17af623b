"""Stylesheets and scripts: compressed where the browser takes that, whole where not, asked for again only when they changed."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from flask import Flask

import survey_app

STATIC = Path(survey_app.__file__).parent / "static"
BASE = "https://pingyi.test"


@pytest.mark.parametrize("name", ["pingyi.css", "respondent.js", "favicon.svg"])
def test_a_file_is_compressed_for_a_browser_that_takes_it_and_the_same_whole_for_one_that_does_not(
    name: str, app: Flask
) -> None:
    client = app.test_client()
    with client.get(f"/static/{name}", base_url=BASE, headers={"Accept-Encoding": "gzip, br"}) as answer:
        assert answer.headers["Content-Encoding"] == "gzip"
        assert "Accept-Encoding" in answer.headers["Vary"]
        assert int(answer.headers["Content-Length"]) == len(answer.get_data())
        assert gzip.decompress(answer.get_data()) == (STATIC / name).read_bytes()
        tag = answer.headers["ETag"]
    again = client.get(f"/static/{name}", base_url=BASE, headers={"Accept-Encoding": "gzip", "If-None-Match": tag})
    assert (again.status_code, again.get_data()) == (304, b"")
    for accepted in ("", "identity", "gzip;q=0"):
        with client.get(f"/static/{name}", base_url=BASE, headers={"Accept-Encoding": accepted}) as plain:
            assert "Content-Encoding" not in plain.headers
            assert "Accept-Encoding" in plain.headers["Vary"]
            assert plain.get_data() == (STATIC / name).read_bytes()
            assert plain.headers["ETag"] != tag


def test_a_missing_file_and_an_unknown_range_are_answered_as_before(app: Flask) -> None:
    client = app.test_client()
    assert client.get("/static/none.css", base_url=BASE, headers={"Accept-Encoding": "gzip"}).status_code == 404
    assert client.get("/static/../config.py", base_url=BASE, headers={"Accept-Encoding": "gzip"}).status_code == 404
    asked = {"Accept-Encoding": "gzip", "Range": "bytes=0-9"}
    with client.get("/static/pingyi.css", base_url=BASE, headers=asked) as part:
        assert (part.status_code, len(part.get_data())) == (206, 10)
        assert "Content-Encoding" not in part.headers
