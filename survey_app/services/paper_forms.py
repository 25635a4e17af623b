"""
The groups' questionnaires on paper, empty, from what was frozen with the round; ``slips`` enters what comes back.

Nothing in them is secret, and all of a group are alike: which card one belongs to is copied onto it by hand.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from survey_app.config import Config
from survey_app.errors import NotFound
from survey_app.models import Round
from survey_app.models.rounds import STATE_OPEN
from survey_app.services.results import item_texts
from survey_app.services.rounds import get_round, require_state
from survey_app.services.slips import ANSWER_DIGITS
from survey_app.shell import Shell

if TYPE_CHECKING:
    from survey_app.printing.card_lines import SheetFacts
    from survey_app.printing.questionnaire import PaperForm

ACT = {"act_en": "print questionnaires on paper", "act_zh": "打印纸质问卷"}


def paper_form(shell: Shell, county_id: int, round_id: int, group: str) -> tuple[str, bytes]:
    """
    Return a group's questionnaire as a file: its name, and the PDF.

    Raises
    ------
    NotFound
        If the round has no such group.
    WrongState
        If the round is not in the field.
    """
    with shell.database.reading() as session:
        round_ = get_round(session, county_id, round_id)
        require_state(round_, STATE_OPEN, **ACT)
        facts = sheet_facts(shell.config, round_)
        forms = [form for form in list_forms(session, round_) if form.questionnaire.group == group]
        code = round_.code
    for name, content in draw_forms(forms, facts):
        return f"{code}-{name}", content
    raise NotFound


def list_forms(session: Session, round_: Round) -> list[PaperForm]:
    """Return the frozen questionnaires of a round's groups as they are to be drawn."""
    from survey_app.printing.questionnaire import PaperForm

    labels = {group["group"]: group["label"] for group in round_.design["groups"]}
    digits = {answer: digit for digit, answer in ANSWER_DIGITS.items() if answer}
    return [
        PaperForm(form, labels[group]["zh"], labels[group]["en"], digits)
        for group, form in item_texts(session, round_.id).items()
    ]


def draw_forms(forms: list[PaperForm], facts: SheetFacts) -> Iterator[tuple[str, bytes]]:
    """Give the files of these questionnaires one by one."""
    from survey_app.printing.questionnaire import questionnaire_pdf

    for form in forms:
        yield f"questionnaire-{form.questionnaire.group}.pdf", questionnaire_pdf(form, facts)


def sheet_facts(config: Config, round_: Round) -> SheetFacts:
    """Return what all that is printed for a round says alike."""
    from survey_app.printing.card_lines import SheetFacts

    return SheetFacts(
        title=round_.name,
        address=config.base_url.split("://", 1)[-1],
        is_demo=round_.county.is_demo,
        deadline=round_.answer_by,
        contact=round_.contact,
    )
