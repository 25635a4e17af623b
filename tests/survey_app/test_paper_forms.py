"""Questionnaires on paper: every word of them, large enough, on one sheet; what they tell of the way back fits how slips are entered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pypdfium2
import pypdfium2.raw as pdfium
import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from questionnaires import Questionnaire, load_questionnaires, parse_questionnaire
from questionnaires.model import Text
from survey_app.errors import NotFound, WrongState
from survey_app.models import RoundQuestionnaire
from survey_app.printing import card_lines
from survey_app.printing import questionnaire as sheet
from survey_app.printing.card_lines import SheetFacts
from survey_app.printing.drawing import MM
from survey_app.printing.questionnaire import PaperForm, questionnaire_pdf
from survey_app.services import card_files, paper_forms, slips
from survey_app.services.tokens import card_secrets, grouped
from survey_app.shell import Shell
from tests.factories import CountyFacts, make_county, make_drawn_round, make_open_round

BASE = "https://pingyi.test"
ClientAs = Callable[[str], FlaskClient]
FORMS = load_questionnaires()
GROUPS = sorted(FORMS)
DIGITS = {"satisfied": "1", "basic": "2", "unsatisfied": "3", "unknown": "4"}
FACTS = SheetFacts("2026年公众评议", "pingyi.example.cn", False, date(2026, 12, 1), "县调查队 0599-1234567")
POINTS_OF_RESPONDENTS = 12.0


def paper(form: Questionnaire, facts: SheetFacts = FACTS) -> bytes:
    return questionnaire_pdf(PaperForm(form, "农村居民", "Rural residents", DIGITS), facts)


def pages(pdf: bytes) -> list[str]:
    return [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf)]


def flat(text: str) -> str:
    return "".join(text.split())


def large_text(pdf: bytes) -> str:
    """What of a PDF stands in type of 12 points or more."""
    found = []
    for page in pypdfium2.PdfDocument(pdf):
        text = page.get_textpage()
        for place in range(text.count_chars()):
            if pdfium.FPDFText_GetFontSize(text, place) >= POINTS_OF_RESPONDENTS:
                found.append(chr(pdfium.FPDFText_GetUnicode(text, place)))
    return flat("".join(found))


def boxes(page: pypdfium2.PdfPage, size: float) -> int:
    """How many squares of this size a page has; their bounds hold a line of one point on each side too."""
    found = 0
    for thing in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_PATH]):
        left, low, right, high = thing.get_bounds()
        found += all(abs(side - size - 2) < 0.3 for side in (right - left, high - low))
    return found


def long_form() -> Questionnaire:
    """A county's own: sixty long questions and a long greeting, with a rare character."""
    form = FORMS["rural"]
    items = tuple(
        replace(
            form.items[0],
            id=f"L{number:02}",
            text=Text(
                zh=f"第{number:02}问：" + "您对濠㙟村道路、桥梁、渡口和农田水利设施的修建与养护" * 3 + "是否满意？",
                en=f"Question {number:02}: "
                + "how satisfied are you with roads, bridges and ferries in the village? " * 3,
            ),
        )
        for number in range(1, 61)
    )
    intro = Text("。".join(f"第{number}句说明" for number in range(900)), " ".join(f"Word{n}." for n in range(900)))
    return replace(form, items=items, intro=intro)


@pytest.mark.parametrize("group", GROUPS)
def test_each_shipped_questionnaire_stands_whole_in_both_languages_on_one_sheet(group: str) -> None:
    form = FORMS[group]
    texts = pages(paper(form))
    assert len(texts) == 2
    text = flat("".join(texts))
    assert form.comment is not None
    for wording in (form.title, form.intro, form.comment.text, *(item.text for item in form.items)):
        assert flat(wording.zh) in text
        assert flat(wording.en) in text
    for number, item in enumerate(form.items, start=1):
        assert f"{number}{flat(item.text.zh)}" in text


@pytest.mark.parametrize("group", GROUPS)
def test_what_respondents_read_in_chinese_is_12_points_or_more(group: str) -> None:
    form = FORMS[group]
    assert form.comment is not None
    large = large_text(paper(form))
    said = [form.title, form.intro, form.comment.text, *(item.text for item in form.items)]
    for zh in [text.zh for text in said] + [zh for zh, _en in (sheet.HOW, *sheet.PROMISE, sheet.THANKS)]:
        assert flat(zh) in large
    assert large.count("满意基本满意不满意不了解") == len(form.items)


@pytest.mark.parametrize("group", GROUPS)
def test_each_item_has_four_boxes_alike_each_with_its_word_and_the_digit_that_is_typed(group: str) -> None:
    pdf = paper(FORMS[group])
    assert sum(boxes(page, sheet.BOX) for page in pypdfium2.PdfDocument(pdf)) == 4 * 20
    answers = "1满意Satisfied2基本满意Basicallysatisfied3不满意Unsatisfied4不了解Notfamiliar"
    assert flat("".join(pages(pdf))).count(answers) == 20


def test_the_sheet_says_until_when_whom_to_call_and_in_plain_words_who_sees_the_answers() -> None:
    text = flat(pages(paper(FORMS["rural"]))[0])
    for part in (
        "请于2026年12月1日前填好交出。有疑问，请找：县调查队0599-1234567",
        "Pleasehanditinby1December2026.Questions:县调查队0599-1234567",
        "农村居民Ruralresidents",
        *(flat(wording) for pair in (sheet.WHO_SEES, *sheet.PROMISE, sheet.INVESTIGATOR) for wording in pair),
    ):
        assert part in text
    assert "演示数据" not in text


def test_a_demo_says_so_and_what_is_unknown_is_left_to_be_written() -> None:
    text = flat("".join(pages(paper(FORMS["rural"], SheetFacts("演示", "x.cn", is_demo=True)))))
    assert "演示数据Demodata" in text
    assert "请于＿＿月＿＿日前填好交出。有疑问，请找：＿＿＿" in text


def test_the_marks_of_an_approved_form_stand_on_it_and_it_still_fits_one_sheet() -> None:
    for form in FORMS.values():
        marks = replace(
            form.form, number="评议01表", agency="云溪县统计局", approval="云统〔2026〕8号", valid_until="2027年6月"
        )
        texts = pages(paper(replace(form, form=marks)))
        assert len(texts) == 2
        assert "表号：评议01表制定机关：云溪县统计局批准或备案文号：云统〔2026〕8号有效期至：2027年6月" in flat(
            texts[0]
        )


def test_a_long_questionnaire_goes_on_to_further_sheets_and_nothing_is_cut() -> None:
    form = long_form()
    pdf = paper(form)
    texts = pages(pdf)
    assert len(texts) > 4
    assert "第0句说明" in texts[0]
    foot, head = flat(form.title.zh) + "第", "答卷卡代码Cardcode"
    text = "".join(flat(page).split(foot)[0].removeprefix(head) for page in texts)
    for item in form.items:
        assert flat(item.text.zh) in text
        assert flat(item.text.en) in text
    assert flat(form.intro.zh) in text
    assert flat(form.intro.en) in text
    for number, page in enumerate(texts):
        assert f"第{number + 1}页，共{len(texts)}页" in flat(page)
        assert ("答卷卡代码" in flat(page)) == (number % 2 == 0)
    for page in pypdfium2.PdfDocument(pdf):
        width, height = page.get_size()
        for thing in page.get_objects():
            left, low, right, high = thing.get_bounds()
            assert 10 * MM < left <= right < width - 10 * MM
            assert 4 * MM < low <= high < height - 5 * MM


def test_long_answers_and_a_form_without_comment_or_with_few_items_are_drawn_too() -> None:
    form = FORMS["rural"]
    scale = (
        replace(form.scale[0], label=Text("非常满意，没有任何意见", "Very satisfied in every respect")),
        *form.scale[1:],
    )
    texts = pages(paper(replace(form, items=form.items[:2], scale=scale, comment=None)))
    assert flat("".join(texts)).count("1非常满意，没有任何意见Verysatisfiedineveryrespect2基本满意") == 2
    assert flat(sheet.COMMENT[0]) in flat("".join(texts))


def test_rare_characters_are_whole_and_those_the_font_lacks_are_named() -> None:
    form = FORMS["rural"]
    item = replace(form.items[0], text=Text("您对濠㙟𬭚龘䶮𰻞𠮷村𪛖的道路是否满意？", "Roads?"))
    text = flat("".join(pages(paper(replace(form, items=(item, *form.items[1:]))))))
    assert "您对濠㙟𬭚龘䶮𰻞𠮷村[U+2A6D6]的道路是否满意？" in text


def test_there_is_room_for_the_cards_code_or_its_strip_and_for_the_code_of_the_first_entry(shell: Shell) -> None:
    code = card_secrets(shell.config, round_code="x", unit_id=1, issue=1).code
    assert tuple(len(part) for part in grouped(code).split()) == sheet.CODE_GROUPS
    assert tuple(len(part) for part in grouped("A" * (slips.SLIP_CODE_LENGTH + 1)).split()) == sheet.ENTRY_GROUPS
    width, height = sheet.STRIP
    assert width >= card_lines.WIDTH
    assert height >= card_lines.STRIP_HEIGHT


def test_the_paper_is_made_from_what_was_frozen_with_the_round(shell: Shell) -> None:
    county = make_county(shell)
    round_id = make_open_round(shell, county)
    card_files.set_card_facts(shell, county.office, round_id, answer_by=date(2099, 12, 1), contact="县调查队 0599")
    with shell.database.transaction() as session:
        frozen = session.scalars(select(RoundQuestionnaire).where(RoundQuestionnaire.group == "urban")).one()
        frozen.definition = frozen.definition.replace(FORMS["urban"].items[4].text.zh, "您对南门桥的重修是否满意？")
        form = parse_questionnaire(frozen.definition, source="urban")
    name, pdf = paper_forms.paper_form(shell, county.id, round_id, "urban")
    assert name == "359900-2026-1-questionnaire-urban.pdf"
    text = flat("".join(pages(pdf)))
    assert "5您对南门桥的重修是否满意？" in text
    assert all(flat(item.text.zh) in text for item in form.items)
    assert "请于2099年12月1日前填好交出。有疑问，请找：县调查队0599" in text
    assert "演示数据" in text


def test_a_foreign_county_an_unknown_group_and_a_round_not_in_the_field_get_none(shell: Shell) -> None:
    county = make_county(shell)
    round_id = make_open_round(shell, county)
    other = make_county(shell, code="359901", prefix="other_")
    for county_id, group in ((other.id, "rural"), (county.id, "villagers")):
        with pytest.raises(NotFound):
            paper_forms.paper_form(shell, county_id, round_id, group)
    with pytest.raises(WrongState, match="fieldwork has begun"):
        paper_forms.paper_form(shell, county.id, make_drawn_round(shell, county, wave=2), "rural")


def test_the_cards_page_offers_each_groups_paper_and_hands_it_out_as_a_file(
    client_as: ClientAs, sqlite_shell: Shell, county: CountyFacts
) -> None:
    round_id = make_open_round(sqlite_shell, county)
    client = client_as("office")
    page = client.get(f"/office/rounds/{round_id}/cards", base_url=BASE).text
    for group in GROUPS:
        path = f"/office/rounds/{round_id}/questionnaires/{group}.pdf"
        assert f'href="{path}"' in page
        answer = client.get(path, base_url=BASE)
        assert answer.mimetype == "application/pdf"
        assert f'filename="359900-2026-1-questionnaire-{group}.pdf"' in answer.headers["Content-Disposition"]
        assert answer.data == paper_forms.paper_form(sqlite_shell, county.id, round_id, group)[1]
    assert client.get(f"/office/rounds/{round_id}/questionnaires/villagers.pdf", base_url=BASE).status_code == 404
