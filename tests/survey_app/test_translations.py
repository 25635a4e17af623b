"""The English catalogue fits the pages' sentences."""

from __future__ import annotations

import io
import re
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

ROOT = Path(__file__).parent.parent.parent / "survey_app"
FOLDER = ROOT / "translations" / "en" / "LC_MESSAGES"
METHODS = [("templates/**.html", "jinja2.ext.babel_extract"), ("**.py", "python")]
HINT = "run `make translations` and fill in messages.po"


def sentences() -> set[str]:
    found = extract_from_dir(ROOT, METHODS, {}, DEFAULT_KEYWORDS | {"_": None}, strip_comment_tags=False)
    return {message for _, _, message, _, _ in found if isinstance(message, str)}


def catalogue() -> Catalog:
    return read_po(io.BytesIO((FOLDER / "messages.po").read_bytes()), locale="en")


def test_every_sentence_of_the_pages_has_its_english() -> None:
    english = {message.id: message for message in catalogue() if message.id}
    wanted = sentences()
    assert len(wanted) > 250
    assert wanted - set(english) == set(), HINT
    assert set(english) - wanted == set(), HINT
    assert [key for key, message in english.items() if not message.string or message.fuzzy] == [], HINT


def test_the_english_keeps_every_placeholder() -> None:
    for message in catalogue():
        if message.id:
            pattern = re.compile(r"%\(\w+\)s")
            assert sorted(pattern.findall(str(message.id))) == sorted(pattern.findall(str(message.string))), message.id


def test_no_english_sentence_holds_chinese() -> None:
    assert [str(message.string) for message in catalogue() if re.search("[\u4e00-\u9fff]", str(message.string))] == []


def test_the_compiled_catalogue_is_that_of_the_source() -> None:
    with (FOLDER / "messages.mo").open("rb") as file:
        compiled = {message.id: message.string for message in read_mo(file) if message.id}
    assert compiled == {message.id: message.string for message in catalogue() if message.id}, HINT
