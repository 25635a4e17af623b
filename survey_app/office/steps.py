"""Where a round stands, as the row of steps on each of its pages."""

from __future__ import annotations

from dataclasses import dataclass

from flask import url_for

from survey_app.languages import translate as _
from survey_app.models import Round
from survey_app.models.rounds import (
    KEY_ON_SERVER,
    STATE_CLOSED,
    STATE_DRAWN,
    STATE_FRAME_SEALED,
    STATE_NEW,
    STATE_OPEN,
    STATES,
)
from survey_app.services.card_files import were_printed

DONE, CURRENT, TODO = "done", "current", "todo"


@dataclass(frozen=True)
class Step:
    """One step of a round's road."""

    key: str
    label: str
    state: str
    href: str | None


@dataclass(frozen=True)
class RoundView:
    """A round as pages show it."""

    id: int
    name: str
    code: str
    state: str
    state_label: str
    wave: int
    year: int
    is_demo: bool
    href: str
    keys_href: str
    key_on_server: bool
    """Whether both halves of the box's key lie on the server, as every page of the round then says until it is closed."""


@dataclass(frozen=True)
class Action:
    """What to do next."""

    text: str
    label: str
    href: str


def state_label(state: str) -> str:
    """Return what a round's state is called on pages."""
    return {
        STATE_NEW: _("待导入抽样框"),
        STATE_FRAME_SEALED: _("抽样框已封存"),
        STATE_DRAWN: _("已抽样"),
        STATE_OPEN: _("调查进行中"),
        STATE_CLOSED: _("已关闭"),
    }[state]


def round_view(round_: Round) -> RoundView:
    """Return a round for its pages."""
    return RoundView(
        id=round_.id,
        name=round_.name,
        code=round_.code,
        state=round_.state,
        state_label=state_label(round_.state),
        wave=round_.wave,
        year=round_.year.number,
        is_demo=round_.county.is_demo,
        href=url_for("office.show_round", round_id=round_.id),
        keys_href=url_for("office.keys", round_id=round_.id),
        key_on_server=round_.key_holding == KEY_ON_SERVER and round_.state != STATE_CLOSED,
    )


def steps(round_: Round) -> list[Step]:
    """Return the row of steps: what is done, what comes now, what comes later; cards are done once they were printed, if ever."""
    plan = [
        ("frame", _("抽样框"), STATE_NEW, "office.frame"),
        ("draw", _("抽样"), STATE_FRAME_SEALED, "office.draw_page"),
        ("cards", _("答卷卡"), STATE_DRAWN, "office.sample"),
        ("fieldwork", _("调查"), STATE_OPEN, "office.progress"),
        ("closing", _("关闭"), STATE_OPEN, "office.close"),
        ("scores", _("得分"), STATE_CLOSED, "office.results"),
    ]
    now = STATES.index(round_.state)
    row = []
    for key, label, reached_at, endpoint in plan:
        at = STATES.index(reached_at)
        done = now > at and (key != "cards" or were_printed(round_))
        state = DONE if done else CURRENT if now == at and key != "closing" else TODO
        href = url_for(endpoint, round_id=round_.id) if now >= at and not (key == "closing" and done) else None
        row.append(Step(key, label, state, href))
    return row


def next_action(round_: Round) -> Action | None:
    """Return what the office does next."""
    action = {
        STATE_NEW: (_("导入抽样框：先检查，确认后封存。"), _("导入抽样框"), "office.frame"),
        STATE_FRAME_SEALED: (_("抽样框已封存，可以输入随机种子抽样。"), _("抽取样本"), "office.draw_page"),
        STATE_DRAWN: (_("核对样本后开始调查，各户的二维码随即可用。"), _("查看样本"), "office.sample"),
        STATE_OPEN: (_("调查正在进行，可查看各乡镇回收情况。"), _("查看进度"), "office.progress"),
        STATE_CLOSED: (_("本轮已关闭，可以查看并下载得分。"), _("查看得分"), "office.results"),
    }[round_.state]
    return Action(action[0], action[1], url_for(action[2], round_id=round_.id))
