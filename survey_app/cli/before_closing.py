"""What `pingyi close` says before it asks: the paper slips that the closing voids, and whose phones may still hold answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from survey_app.cli.speaking import say

if TYPE_CHECKING:
    from survey_app.models import Round
    from survey_app.services.phones_online import PhoneOnline
    from survey_app.shell import Shell


def confirm_closing(shell: Shell, round_: Round, *, agreed: bool) -> None:
    """
    Say what the closing costs, and ask whether to close unless that was agreed to before.

    Raises
    ------
    WrongState
        If the round is not in the field.
    click.Abort
        If the answer is no.
    """
    for line in _facts(shell, round_):
        click.echo(line, err=True)
    if not agreed:
        question = say(
            f"{round_.code} takes no more answers once it is closed, and this cannot be undone. Close it?",
            f"{round_.code} 关闭后不能再收答卷，也不能恢复。确定关闭？",
        )
        click.confirm(question, abort=True)


def _facts(shell: Shell, round_: Round) -> list[str]:
    from survey_app.models.rounds import STATE_OPEN
    from survey_app.services.closing import ACT
    from survey_app.services.phones_online import phones_of_round
    from survey_app.services.rounds import find_round, require_state
    from survey_app.services.slips import waiting_slips

    with shell.database.reading() as session:
        stored = find_round(session, round_.id)
        require_state(stored, STATE_OPEN, **ACT)
        waiting, phones = waiting_slips(session, round_.id), phones_of_round(session, stored)
    lines = []
    if waiting:
        lines.append(
            say(
                f"paper slips entered only once: {waiting}; they are void with the closing and count for nothing",
                f"还有 {waiting} 张纸质答卷只录入了一遍，关闭后作废，不计入得分",
            )
        )
    if phones:
        lines.append(
            say(
                "investigators' phones, which may still hold visits and sealed answers; what they send after the closing does not count "
                "(! see to these first):",
                "调查员的手机上可能还存有访问记录和密封的答卷，关闭后才送到的不计入得分（标 ! 的请先处理）：",
            )
        )
        lines += [_phone_line(phone) for phone in phones]
    return lines


def _phone_line(phone: PhoneOnline) -> str:
    from survey_app.shell import COUNTY_CLOCK

    name = (
        phone.name
        if phone.visits_still
        else say(f"{phone.name} (places given to others)", f"{phone.name}（已改派他人）")
    )
    mark = "!" if phone.told else " "
    if phone.device_id is None:
        return f"{mark} {name}{say(': no phone enrolled', '：未登记手机')}"
    seen = f"{phone.seen_at.astimezone(COUNTY_CLOCK):%Y-%m-%d %H:%M}" if phone.seen_at else say("never", "从未")
    return f"{mark} " + say(
        f"{name}, phone {phone.device_id}: {_state(phone)}; last online: {seen}",
        f"{name}，手机 {phone.device_id}：{_state(phone)}；最近联网：{seen}",
    )


def _state(phone: PhoneOnline) -> str:
    if phone.blocked:
        return say("blocked; enrol it again", "已锁定，须重新登记")
    if phone.overdue:
        return say("have it go online first", "请先让其联网")
    return say("online lately", "近期联过网")
