"""QR codes, the embedded font, cards and lists as they are drawn."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date

import pypdfium2
import pytest
import qrcode
import zxingcpp
from PIL import Image
from qrcode.constants import ERROR_CORRECT_Q

from questionnaires import load_questionnaires
from sampling.fieldwork.household import RULES, assigned_sentence
from survey_app.errors import BadInput
from survey_app.printing import cards_pdf as sheet
from survey_app.printing.card_lines import (
    CardLine,
    PrintedCard,
    SheetFacts,
    address_lines,
    contact_lines,
    refuse_overlong,
)
from survey_app.printing.cards_pdf import cards_pdf
from survey_app.printing.drawing import MM, wrap
from survey_app.printing.fonts import has_glyph, printable, text_width
from survey_app.printing.lists import ListedCard, list_csv, list_pdf, list_xlsx
from survey_app.printing.qr import qr_matrix

FACTS = SheetFacts(
    "2026年公众评议", "pingyi.example.cn", is_demo=False, deadline=date(2026, 12, 1), contact="县调查队 0599-1234567"
)
RARE = "𠮷𤋮𠀋濠㙟𬭚龘䶮𰻞"


def card(number: int = 1, **changed: object) -> PrintedCard:
    facts: dict[str, object] = {
        "link": f"https://pingyi.example.cn/r/{'0123456789ABCDEFGHJKMNPQ'}{number:02}",
        "code": "ABCD EFGH JKMN P",
        "township": "白鹭洲镇",
        "group_zh": "农村居民",
        "group_en": "Rural residents",
        "sequence": number,
    }
    return PrintedCard(**(facts | changed))  # type: ignore[arg-type]


def row(**changed: object) -> ListedCard:
    facts: dict[str, object] = {
        "township": "白鹭洲镇",
        "group": "农村居民",
        "sequence": 1,
        "psu": "长濠村",
        "name": "王芳",
        "address": "长濠村3组8号",
        "phone": "19900001234",
    }
    return ListedCard(**(facts | changed))  # type: ignore[arg-type]


def rendered(pdf: bytes, page: int = 0, dpi: int = 150) -> Image.Image:
    image: Image.Image = pypdfium2.PdfDocument(pdf)[page].render(scale=dpi / 72).to_pil()
    return image


def text_of(pdf: bytes, page: int = 0) -> str:
    return str(pypdfium2.PdfDocument(pdf)[page].get_textpage().get_text_range())


def flat(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize("length", [1, 20, 45, 60, 90, 140, 200])
def test_the_code_is_the_one_of_least_penalty_that_qrcode_finds_by_trying_all(length: int) -> None:
    for number in range(4):
        text = f"https://{'x' * length}.cn/r/{number:04}ABCDEFGHJKMNPQRSTVWXYZ"
        code = qrcode.QRCode(error_correction=ERROR_CORRECT_Q, border=0)
        code.add_data(text)
        code.make(fit=True)
        assert qr_matrix(text) == code.modules


@pytest.mark.parametrize(
    "host", ["a.cn", "pingyi.example.cn", "pingyi.a-rather-long-county-name.fujian.example.gov.cn"]
)
def test_every_code_is_25_mm_or_more_with_four_modules_of_white_and_is_read_back(host: str) -> None:
    link = f"https://{host}/r/0123456789ABCDEFGHJKMNPQRS"
    modules = len(qr_matrix(link))
    module = sheet.QR_BOX / (modules + 8)
    assert modules * module >= 25 * MM
    image = rendered(cards_pdf([card(link=link)], FACTS))
    (found,) = zxingcpp.read_barcodes(image)
    assert found.text == link
    assert str(found.ec_level) == "Q"
    scale = 150 / 72
    left, low = sheet.LEFT + sheet.QR_X, sheet.BOTTOM + 3 * sheet.HEIGHT + sheet.QR_Y
    box = [
        left * scale,
        image.height - (low + sheet.QR_BOX) * scale,
        (left + sheet.QR_BOX) * scale,
        image.height - low * scale,
    ]
    grey = image.convert("L")
    quiet = int(3.5 * module * scale)
    x0, y0, x1, y1 = (round(edge) for edge in box)
    for strip in (
        (x0 + 1, y0 + 1, x0 + quiet, y1),
        (x1 - quiet, y0 + 1, x1 - 1, y1),
        (x0 + 1, y0 + 1, x1, y0 + quiet),
        (x0 + 1, y1 - quiet, x1, y1 - 1),
    ):
        assert grey.crop(strip).getextrema() == (255, 255)


def test_a_full_page_of_eight_cards_has_lines_to_cut_between_all_of_them() -> None:
    pdf = cards_pdf([card(number) for number in range(1, 10)], FACTS)
    assert len(pypdfium2.PdfDocument(pdf)) == 2
    grey = rendered(pdf).convert("L")
    scale = 150 / 72
    for x in (sheet.LEFT, sheet.LEFT + sheet.WIDTH, sheet.LEFT + 2 * sheet.WIDTH):
        column = grey.crop((round(x * scale) - 2, 0, round(x * scale) + 2, grey.height)).resize(
            (1, grey.height), Image.Resampling.BOX
        )
        assert sum(value < 250 for value in column.tobytes()) > grey.height * 0.4
    for line in range(5):
        y = grey.height - (sheet.BOTTOM + line * sheet.HEIGHT) * scale
        band = grey.crop((0, round(y) - 2, grey.width, round(y) + 2)).resize((grey.width, 1), Image.Resampling.BOX)
        assert sum(value < 250 for value in band.tobytes()) > grey.width * 0.4


def test_a_card_says_where_it_belongs_until_when_and_whom_to_ask_in_both_languages() -> None:
    text = flat(text_of(cards_pdf([card(7)], FACTS)))
    for part in (
        "2026年公众评议",
        "公众评议答卷卡",
        "Publicappraisalcard",
        "白鹭洲镇·农村居民",
        "Ruralresidents",
        "No.7",
        "ABCDEFGHJKMNP",
        "pingyi.example.cn",
        "请于2026年12月1日前作答",
        "Pleaseanswerby1December2026",
        "县调查队0599-1234567",
    ):
        assert part in text
    assert "演示数据" not in text


def test_demo_cards_say_so_and_what_is_unknown_is_left_to_be_written() -> None:
    text = flat(text_of(cards_pdf([card()], SheetFacts("演示", "x.cn", is_demo=True))))
    assert "演示数据Demodata" in text
    assert "＿＿月＿＿日" in text


ZH_80 = "某某县乡镇政府工作满意度公众评议工作领导小组办公室调查队值班室二楼左手第三间王女士" * 2
LATIN_80 = "Office of the County Survey Team, second floor, ask for Ms Wang, 0599-1234567890"
LONG_HOST = "pingyi.a-rather-long-county-name.fujian.example.gov.cn"
LONGEST_HOST = f"{'m' * 20}.{'b' * 40}.gov.cn"
LONG_TITLE = "某某县二〇二六年度乡镇政府工作满意度公众评议问卷调查" * 4


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"contact": ZH_80[:32]},
        {"contact": ZH_80[:80]},
        {"contact": LATIN_80},
        {"contact": ZH_80[:80], "address": LONG_HOST},
        {"address": LONGEST_HOST},
        {"title": LONG_TITLE[:80], "is_demo": True},
    ],
)
@pytest.mark.parametrize("rule", ["", next(iter(RULES))])
def test_long_texts_stay_whole_on_their_card_apart_from_each_other_and_from_the_code(
    rule: str, changed: dict[str, object]
) -> None:
    facts = replace(FACTS, **changed)  # type: ignore[arg-type]

    said = assigned_sentence(rule, seed="1", township_code="1", group="rural", sequence=1) if rule else None
    place = {"township": "某某某某某某某某自治县民族乡镇街道办事处", "group_zh": "乡镇所在地城镇居民"}
    printed = card(who=(said.en, said.zh) if said else None, **place)
    pdf = cards_pdf([printed], facts)
    text = flat(text_of(pdf))
    for part in (
        facts.title,
        facts.contact,
        facts.address,
        f"{place['township']}·{place['group_zh']}",
        "ABCDEFGHJKMNP",
    ):
        assert flat(part) in text
    page = pypdfium2.PdfDocument(pdf)[0].get_textpage()
    boxes = [box for n in range(page.count_chars()) if (box := page.get_charbox(n))[0] < box[2]]
    left, low = sheet.LEFT, sheet.BOTTOM + 3 * sheet.HEIGHT
    quiet = (left + sheet.QR_X, low + sheet.QR_Y, left + sheet.QR_X + sheet.QR_BOX, low + sheet.QR_Y + sheet.QR_BOX)
    for box in boxes:
        assert left + 3 * MM < box[0] < box[2] < left + sheet.WIDTH - 3 * MM
        assert low + 3 * MM < box[1] < box[3] < low + sheet.HEIGHT - 2 * MM
        assert not overlap(box, quiet)
    assert not [(one, two) for n, one in enumerate(boxes) for two in boxes[:n] if overlap(one, two)]
    assert [found.text for found in zxingcpp.read_barcodes(rendered(pdf))] == [printed.link]


def overlap(one: tuple[float, ...], two: tuple[float, ...], slack: float = 0.3) -> bool:
    """Tell whether two boxes lie over each other by more than what kerning does."""
    across = min(one[2], two[2]) - max(one[0], two[0])
    upward = min(one[3], two[3]) - max(one[1], two[1])
    return across > slack and upward > slack


@pytest.mark.parametrize("contact", [ZH_80[:80], LATIN_80])
def test_a_long_contact_is_broken_into_lines_that_can_be_read(contact: str) -> None:
    lines: list[CardLine] = [*contact_lines(replace(FACTS, contact=contact)), *address_lines(FACTS)]
    assert all(line.size >= 6 for line in lines)
    assert all(text_width(line.text, line.size) <= sheet.WIDTH - 10 * MM for line in lines)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"contact": "𪛖" * 40}, "The contact .* has 40 characters, too many .*; shorten it"),
        ({"address": "m" * 150}, "The address .* PINGYI_BASE_URL"),
        ({"title": "名" * 200}, "The round's name .* has 200 characters"),
    ],
)
def test_what_no_card_can_hold_is_refused_with_what_to_do(changed: dict[str, object], said: str) -> None:
    with pytest.raises(BadInput, match=said):
        refuse_overlong(replace(FACTS, **changed))  # type: ignore[arg-type]
    with pytest.raises(BadInput, match="place"):
        refuse_overlong(FACTS, [card(), card(township="镇" * 90)])


def test_the_card_says_the_time_that_the_questionnaires_say() -> None:
    text = flat(text_of(cards_pdf([card()], FACTS)))
    for form in load_questionnaires().values():
        assert "约需5分钟" in form.intro.zh
        assert "about 5 minutes" in form.intro.en
    assert "约需5分钟" in text
    assert "about5minutes" in text


@pytest.mark.parametrize("rule", RULES)
def test_who_of_the_household_answers_stands_whole_on_the_card_and_beside_the_code(rule: str) -> None:
    who = assigned_sentence(rule, seed="1", township_code="359900101000", group="rural", sequence=1)
    pdf = cards_pdf([card(who=(who.en, who.zh))], FACTS)
    text = flat(text_of(pdf))
    assert flat(who.zh) in text
    assert flat(who.en) in text
    assert [found.text for found in zxingcpp.read_barcodes(rendered(pdf))] == [card().link]


def test_rare_characters_of_names_are_embedded_and_can_be_searched() -> None:
    assert all(has_glyph(character) for character in RARE)
    text = text_of(list_pdf([row(name=f"王{RARE}")], title="名单", part="镇", is_demo=False))
    assert f"王{RARE}" in text


def test_a_character_that_the_font_lacks_is_named_rather_than_printed_as_a_box() -> None:
    assert printable("吴𪛖") == ("吴[U+2A6D6]", "𪛖")
    text = flat(text_of(list_pdf([row(name="吴𪛖")], title="名单", part="镇", is_demo=False)))
    assert "吴[U+2A6D6]" in text
    assert "字库缺字，原字见list.csv：[U+2A6D6]" in text
    assert "吴𪛖" in list_csv([row(name="吴𪛖")]).decode("utf-8-sig")


def test_a_long_list_goes_over_pages_each_with_its_heading_and_number() -> None:
    pdf = list_pdf([row(sequence=number) for number in range(1, 101)], title="名单", part="白鹭洲镇", is_demo=True)
    pages = len(pypdfium2.PdfDocument(pdf))
    texts = [text_of(pdf, page) for page in range(pages)]
    assert pages > 1
    for number, text in enumerate(texts, start=1):
        assert "白鹭洲镇 · 农村居民" in text
        assert f"{number} / {pages}" in text
        assert "演示数据" in text
    assert sum(text.count("19900001234") for text in texts) == 100


def test_the_lists_tables_hold_text_as_it_is() -> None:
    import openpyxl

    given = row(name='王"芳",\n', phone="013900001234")
    assert list_csv([given]).startswith("\ufeff乡镇,类别,序号,村（居）,名称,地址,电话\n".encode())
    cells = list(openpyxl.load_workbook(io.BytesIO(list_xlsx([given]))).active.iter_rows(values_only=True))
    assert cells[1] == ("白鹭洲镇", "农村居民", 1, "长濠村", '王"芳",\n', "长濠村3组8号", "013900001234")


def test_lines_break_within_the_width_and_no_closing_mark_begins_one() -> None:
    text = (
        "请由家中常住成年人（满 18 周岁）里下一个过生日的人回答，以身份证为准；Averyveryverylongwordindeed, and more."
    )
    for width in (30.0, 60.0, 90.0):
        lines = wrap(text, 8, width)
        assert flat("".join(lines)) == flat(text)
        assert not any(line[0] in "，。；：、）" for line in lines)
        assert all(text_width(line, 8) <= width for line in lines)
