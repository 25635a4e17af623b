"""
A group's questionnaire on paper (纸质问卷): A4, both sides of one sheet, for people who want to answer by no phone.

It bears no name and no code of its own: the card's code is copied onto it, or stuck on as the strip cut from the card's foot, which the
frame is made for. The corner at the top right stays free for the code that the first entry gives (``services.slips``). A questionnaire
too long for one sheet goes on to the next, each sheet with room for the card's code.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reportlab.lib.colors import Color
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from survey_app.printing.card_lines import SheetFacts, dates
from survey_app.printing.drawing import GREY, INK, LINE, MM, SEAL, draw_mark, draw_text, fitting_size, wrap
from survey_app.printing.flow import Block, Row, draw_rows, gap, height_of, lines, paginate
from survey_app.printing.fonts import font, printable, text_width

if TYPE_CHECKING:
    from questionnaires import Questionnaire
    from questionnaires.model import Item, ScaleOption, Text

MARGIN = 14 * MM
WIDTH = A4[0] - 2 * MARGIN
TOP, BOTTOM = A4[1] - 9 * MM, 12 * MM
SIZE, LEADING = 12.0, 5.3 * MM
"""Chinese, that respondents read: never smaller."""
SMALL, SMALL_LEADING = 7.5, 3.1 * MM
"""English beside it."""
NOTE_SIZE, NOTE_LEADING = 8.4, 3.8 * MM
"""What is for the investigator."""
ITEM_SIZE, ITEM_LEADING = 12.5, 5.8 * MM
SPACES = (3.4 * MM, 2.4 * MM, 1.6 * MM)
"""Between items: the first with which all stands on one sheet."""
INDENT = 9 * MM
BOX = 6.6 * MM
STRIP = 103 * MM, 18 * MM
"""Holds the foot of a card: 99 mm by 16.4 mm."""
CODE_GROUPS = (4, 4, 4, 1)
ENTRY_GROUPS = (4, 4, 1)
SHEET_HEAD = 15 * MM
LINE_HEIGHT = 9 * MM
LEAST_LINES, MOST_LINES = 3, 8

HOW = (
    "每题只在一个方框里打√。改答案：划掉原来的，另选一框。不愿答的题可以空着。",
    "Tick one box for each question. To change an answer, cross it out and tick another box. You may leave a question blank.",
)
WHO_SEES = "谁会看到我的答案", "Who sees my answers"
PROMISE = (
    (
        "请避开别人填，不写姓名、电话；填好对折，自己装进信封封口，原封交到办公室。",
        "Fill it in alone; write no name or telephone number. Fold it and seal it in the envelope yourself; it reaches the office unopened.",
    ),
    (
        (
            "办公室由两人各录一遍：看得到答案和代码（只为每卡计一次），看不到姓名，也不许拿代码去对名单。"
            "录完密封投入电子票箱，纸卷封存。若也不愿让这两人看到，请用手机扫卡作答。"
        ),
        (
            "At the office two people enter it: they see the answers and the code (it is there so that each card counts once), not your name, "
            "and must not look the code up in the list. The answers are then sealed in the electronic ballot box and the paper is sealed up. "
            "If not even these two shall see your answers, scan the card with a phone instead."
        ),
    ),
)
INVESTIGATOR = (
    (
        "调查员须知：①发卷前写好乡镇、序号、代码（或剪下卡底一条贴上）；卡的其余部分留给本人，日后扫码可查是否收到。"
        "②本人（户里谁答见卡）自己填，您走开，不看不问不代填。③本人封好信封，封面不写字，尽早原封交回，截止前须录入。"
        "④访问结果记“已作答”。"
    ),
    (
        "For the investigator: (1) First write township, number and code, or stick on the strip cut from the card's foot; the rest of the "
        "card stays with the person, who can scan it later to see whether the answer has come in. (2) The person (in a household, the one "
        "the card asks for) fills it in alone: step aside, do not look, ask or fill in. (3) The person seals the envelope; write nothing on "
        "it, and hand it in unopened and soon, to be entered in time. (4) Record the visit as answered."
    ),
)
COMMENT = (
    "还有什么想说的？（可以不填。请不要写姓名、电话，免得让人认出是谁。）",
    "Anything else you would like to say? (Optional. Please write no name or telephone number.)",
)
THANKS = (
    "填完了，谢谢您！请对折装进信封，自己封口，再交给调查员。",
    "That is all, thank you. Fold the sheet, seal it in the envelope yourself, and give it to the investigator.",
)


@dataclass(frozen=True)
class PaperForm:
    """A group's questionnaire, and what the paper says beside it."""

    questionnaire: Questionnaire
    group_zh: str
    group_en: str
    digits: Mapping[str, str]
    """Answer → the digit that is typed for it."""


def questionnaire_pdf(form: PaperForm, facts: SheetFacts) -> bytes:
    """Return the questionnaire as PDF, to be printed on both sides."""
    font()
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4, pageCompression=1, invariant=1)
    title = _shown(form.questionnaire.title.zh)
    canvas.setTitle(title)
    canvas.setProducer("Pingyi")
    pages = _laid_out(form, facts)
    for number, rows in enumerate(pages):
        if _begins_sheet(number):
            _sheet_head(canvas)
        draw_rows(canvas, rows, BOTTOM + _room(number))
        _foot(canvas, title, number, len(pages))
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def _laid_out(form: PaperForm, facts: SheetFacts) -> list[list[Row]]:
    """Return the rows of each page: as roomy as one sheet allows, with lines for the comment as far as it goes."""

    def pages(space: float, count: int) -> tuple[list[list[Row]], float]:
        items = [_item(form, number, item, space) for number, item in enumerate(form.questionnaire.items, start=1)]
        return paginate([*_opening(form, facts), *items, _comment(form, count), _both(*THANKS)], _room)

    space = next((space for space in SPACES if len(pages(space, LEAST_LINES)[0]) <= 2), SPACES[0])
    left = pages(space, LEAST_LINES)[1]
    return pages(space, min(MOST_LINES, LEAST_LINES + int(left / LINE_HEIGHT)))[0]


def _shown(text: str) -> str:
    return printable(text)[0]


def _room(page: int) -> float:
    return float(TOP - BOTTOM - (SHEET_HEAD if _begins_sheet(page) else 0))


def _begins_sheet(page: int) -> bool:
    """Whether a page is the front of a further sheet."""
    return page > 0 and page % 2 == 0


# What stands before the items.


def _opening(form: PaperForm, facts: SheetFacts) -> list[Block]:
    intro = form.questionnaire.intro
    promise: Block = _heading(*WHO_SEES)
    for zh, en in PROMISE:
        promise += _both(zh, en) + (gap(0.6 * MM),)
    return [
        (_head(facts), *_title(form), _code_row(form), gap(1.5 * MM), *_note(*INVESTIGATOR), _rule(2.4 * MM)),
        (*_both(intro.zh, intro.en), gap(1 * MM)),
        promise,
        (*_deadline(facts), _rule(2.4 * MM)),
        (*_both(*HOW), gap(2 * MM)),
    ]


def _head(facts: SheetFacts) -> Row:
    """The mark and the round; at the right the corner for the code of the first entry."""
    height = 14 * MM

    def draw(canvas: Any, top: float) -> None:
        draw_mark(canvas, MARGIN, top - 9 * MM, 9 * MM)
        name, room = _shown(facts.title), 104 * MM
        draw_text(canvas, name, MARGIN + 11.5 * MM, top - 4 * MM, fitting_size(name, room, largest=11))
        draw_text(canvas, "纸质问卷 · Paper questionnaire", MARGIN + 11.5 * MM, top - 8.6 * MM, SMALL, colour=GREY)
        if facts.is_demo:
            draw_text(canvas, "演示数据 Demo data", MARGIN + 60 * MM, top - 8.6 * MM, SMALL, colour=SEAL)
        label = "办公室填：第一次录入后的代码 Office: code of the first entry"
        width = 64 * MM
        right = A4[0] - MARGIN
        draw_text(
            canvas, label, right, top - 2.2 * MM, fitting_size(label, width, largest=6.6), colour=GREY, align="right"
        )
        _boxes(canvas, right - _boxes_width(ENTRY_GROUPS, 6 * MM), top - 10.4 * MM, ENTRY_GROUPS, 6 * MM, 7.4 * MM)

    return Row(height, draw)


def _title(form: PaperForm) -> Block:
    title = form.questionnaire.title
    marks = _marks(form)
    return (
        *_centred(_shown(title.zh), 17, 7.6 * MM, INK),
        *_centred(_shown(title.en), 8.5, 3.8 * MM, GREY),
        *(_centred(marks, SMALL, 4 * MM, INK) if marks else ()),
        gap(1.4 * MM),
    )


def _centred(text: str, size: float, leading: float, colour: Color) -> Block:
    def row(line: str) -> Row:
        middle = A4[0] / 2
        return Row(
            leading,
            lambda canvas, top: draw_text(
                canvas, line, middle, top - leading * 0.8, size, colour=colour, align="centre"
            ),
        )

    return tuple(row(line) for line in wrap(text, size, WIDTH))


def _marks(form: PaperForm) -> str:
    """The marks of a statistical form, as far as they are filled in."""
    marks = form.questionnaire.form
    named = (
        ("表号", marks.number),
        ("制定机关", marks.agency),
        ("批准或备案文号", marks.approval),
        ("有效期至", marks.valid_until),
    )
    return _shown("　".join(f"{name}：{value}" for name, value in named if value))


def _code_row(form: PaperForm) -> Row:
    """Where the card's code is copied or its strip stuck, and beside it township, group and number."""
    width, height = STRIP

    def draw(canvas: Any, top: float) -> None:
        canvas.setStrokeColor(INK)
        canvas.setLineWidth(0.9)
        canvas.rect(MARGIN, top - height, width, height)
        label = "答卷卡代码：抄写，或剪下卡底部一条贴在框内 · Card code: copy it, or stick the card's strip here"
        draw_text(
            canvas,
            label,
            MARGIN + 3 * MM,
            top - 4.6 * MM,
            fitting_size(label, width - 6 * MM, largest=7.5),
            colour=GREY,
        )
        _boxes(canvas, MARGIN + 3 * MM, top - height + 2.6 * MM, CODE_GROUPS, 6.6 * MM, 9 * MM)
        x, right = MARGIN + width + 5 * MM, A4[0] - MARGIN
        group, group_en = _shown(form.group_zh), _shown(form.group_en)
        _blank(canvas, "乡镇", "Township", x, right, top - 4.4 * MM)
        _blank(canvas, "序号", "No.", x, x + 31 * MM, top - 13.8 * MM)
        room = right - x - 34 * MM
        draw_text(canvas, group, right, top - 13.8 * MM, fitting_size(group, room, largest=SIZE), align="right")
        size = fitting_size(group_en, room, largest=SMALL - 1)
        draw_text(canvas, group_en, right, top - 17 * MM, size, colour=GREY, align="right")

    return Row(height, draw)


def _blank(canvas: Any, zh: str, en: str, x: float, right: float, y: float) -> None:
    draw_text(canvas, zh, x, y, SIZE)
    draw_text(canvas, en, x, y - 3.3 * MM, SMALL - 1, colour=GREY)
    canvas.setStrokeColor(INK)
    canvas.setLineWidth(0.6)
    canvas.line(x + max(text_width(zh, SIZE), text_width(en, SMALL - 1)) + 2 * MM, y - 1.2 * MM, right, y - 1.2 * MM)


def _boxes(canvas: Any, x: float, y: float, groups: tuple[int, ...], width: float, height: float) -> None:
    """Draw boxes for single characters, in groups as the card prints its code."""
    canvas.setStrokeColor(GREY)
    canvas.setLineWidth(0.6)
    for group in groups:
        for _place in range(group):
            canvas.rect(x, y, width, height)
            x += width
        x += width / 3


def _boxes_width(groups: tuple[int, ...], width: float) -> float:
    return sum(groups) * width + (len(groups) - 1) * width / 3


def _note(zh: str, en: str) -> Block:
    """What is for the investigator: small, in both languages."""
    return (
        *lines(zh, NOTE_SIZE, NOTE_LEADING, MARGIN, WIDTH),
        *lines(en, SMALL - 0.5, 2.9 * MM, MARGIN, WIDTH, colour=GREY),
    )


def _both(zh: str, en: str, x: float = MARGIN) -> Block:
    width = A4[0] - MARGIN - x
    return (
        *lines(_shown(zh), SIZE, LEADING, x, width),
        *lines(_shown(en), SMALL, SMALL_LEADING, x, width, colour=GREY),
    )


def _heading(zh: str, en: str) -> Block:
    height = 6 * MM

    def draw(canvas: Any, top: float) -> None:
        draw_text(canvas, zh, MARGIN, top - height * 0.75, SIZE + 1.5)
        draw_text(canvas, en, MARGIN + text_width(zh, SIZE + 1.5) + 2.5 * MM, top - height * 0.75, SMALL, colour=GREY)

    return (Row(height, draw),)


def _rule(height: float) -> Row:
    def draw(canvas: Any, top: float) -> None:
        canvas.setStrokeColor(LINE)
        canvas.setLineWidth(0.6)
        canvas.line(MARGIN, top - height / 2, A4[0] - MARGIN, top - height / 2)

    return Row(height, draw)


def _deadline(facts: SheetFacts) -> Block:
    zh, en = dates(facts.deadline)
    contact = _contact(facts)
    return _both(f"请于 {zh} 前填好交出。有疑问，请找：{contact}", f"Please hand it in by {en}. Questions: {contact}")


def _contact(facts: SheetFacts) -> str:
    return facts.contact or "＿＿＿＿＿＿＿＿＿＿"


# The items, the comment, the end.


def _item(form: PaperForm, number: int, item: Item, space: float) -> Block:
    """The question, below it four boxes of one size, each with its word beside it."""
    return (
        _numbered(number, item.text),
        gap(1.3 * MM),
        _options(form),
        gap(space),
    )


def _numbered(number: int, text: Text) -> Row:
    """The number, the question, and its English beside it where two small lines hold it, else below."""
    x, width = MARGIN + INDENT, WIDTH - INDENT
    zh, en = _shown(text.zh), _shown(text.en)
    question = lines(zh, ITEM_SIZE, ITEM_LEADING, x, width)
    start = text_width(zh, ITEM_SIZE) + 4 * MM
    beside = lines(en, SMALL, ITEM_LEADING / 2, x + start, width - start, colour=GREY) if start < width * 0.8 else ()
    if len(question) != 1 or not 0 < len(beside) <= 2:
        below, beside = lines(en, SMALL, SMALL_LEADING, x, width, colour=GREY), ()
    else:
        below = ()
    words = question + below

    def draw(canvas: Any, top: float) -> None:
        draw_text(canvas, str(number), MARGIN, top - ITEM_LEADING * 0.8, ITEM_SIZE + 1)
        draw_rows(canvas, words, top)
        draw_rows(canvas, beside, top - (0 if len(beside) == 2 else ITEM_LEADING * 0.4))

    return Row(height_of(words), draw)


def _options(form: PaperForm) -> Row:
    """All answers beside each other, each as high as the highest."""
    scale = form.questionnaire.scale
    width = (WIDTH - INDENT) / len(scale)
    words = [_option_words(option, width) for option in scale]
    height = max(BOX, *(height_of(block) for block in words))

    def draw(canvas: Any, top: float) -> None:
        for place, (option, block) in enumerate(zip(scale, words, strict=True)):
            x = MARGIN + INDENT + place * width
            digit = form.digits.get(option.code, "")
            draw_text(canvas, digit, x, top - BOX * 0.68, SMALL, colour=GREY)
            canvas.setStrokeColor(INK)
            canvas.setLineWidth(1)
            canvas.rect(x + 3 * MM, top - BOX, BOX, BOX)
            canvas.saveState()
            canvas.translate(x + 3 * MM + BOX + 1.8 * MM, 0)
            draw_rows(canvas, block, top + 0.1 * MM)
            canvas.restoreState()

    return Row(height, draw)


def _option_words(option: ScaleOption, width: float) -> Block:
    room = width - 3 * MM - BOX - 3 * MM
    return (
        *lines(_shown(option.label.zh), SIZE, 4.4 * MM, 0, room),
        *lines(_shown(option.label.en), SMALL - 0.5, 2.5 * MM, 0, room, colour=GREY),
    )


def _comment(form: PaperForm, count: int) -> Block:
    comment = form.questionnaire.comment
    zh, en = (comment.text.zh, comment.text.en) if comment else COMMENT

    def line(canvas: Any, top: float) -> None:
        canvas.setStrokeColor(GREY)
        canvas.setLineWidth(0.5)
        canvas.line(MARGIN, top - LINE_HEIGHT, A4[0] - MARGIN, top - LINE_HEIGHT)

    return (*_both(zh, en), *(Row(LINE_HEIGHT, line) for _number in range(count)), gap(2 * MM))


def _sheet_head(canvas: Any) -> None:
    """Draw where the card's code is copied once more, so that a further sheet is told apart too."""
    draw_text(canvas, "答卷卡代码", MARGIN, TOP - 6 * MM, SIZE)
    draw_text(canvas, "Card code", MARGIN, TOP - 9.4 * MM, SMALL - 1, colour=GREY)
    _boxes(canvas, MARGIN + 27 * MM, TOP - 10 * MM, CODE_GROUPS, 6.6 * MM, 9 * MM)


def _foot(canvas: Any, title: str, number: int, pages: int) -> None:
    y = 7 * MM
    draw_text(canvas, title, MARGIN, y, fitting_size(title, 100 * MM, largest=SMALL), colour=GREY)
    page = f"第 {number + 1} 页，共 {pages} 页 · Page {number + 1} of {pages}"
    if number + 1 < pages:
        page += "　请翻面 Please turn over" if number % 2 == 0 else "　接下一张 See the next sheet"
    draw_text(canvas, page, A4[0] - MARGIN, y, SMALL, align="right")
