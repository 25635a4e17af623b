"""`pingyi simulate`, `pingyi close` and `pingyi export`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from survey_app.cli.before_closing import confirm_closing
from survey_app.cli.speaking import UsageRefused, by_and_reason, late_bar, named, say, stated, system_user
from survey_app.cli.typing_errors import refuse_taken

if TYPE_CHECKING:
    from survey_app.models import Round
    from survey_app.services.rounds import Actor
    from survey_app.shell import Shell

ROUND_HELP = "The round's code, such as 359900-2026-1; may be left out where only one fits."


@click.command()
@click.option("--round", "code", help=ROUND_HELP)
@click.option("--seed", default=1, show_default=True, help="The seed of the simulated people.")
@click.option("--rate", default=0.92, show_default=True, type=click.FloatRange(0, 1), help="The share that answers.")
@by_and_reason
def simulate(code: str | None, seed: int, rate: float, by: str, reason: str) -> None:
    """Answer for the sample of a demo round in the field."""
    from survey_app.services.demo import simulate_round

    shell, actor, round_ = find_round(code, "open", by)
    with late_bar(say("Answering", "模拟作答")) as bar:
        answered = simulate_round(
            shell, actor, round_.id, seed=seed, response_rate=rate, progress=bar, reason=stated(reason)
        )
    click.echo(
        say(
            f"{answered} simulated answers are in the box of {round_.code}",
            f"{round_.code} 已收入 {answered} 份模拟答卷",
        )
    )


@click.command()
@click.option("--round", "code", help=ROUND_HELP)
@click.option("--yes", is_flag=True, help="Close without asking; what the closing voids is said all the same.")
@by_and_reason
def close(code: str | None, yes: bool, by: str, reason: str) -> None:
    """Close a round in the field and open its ballot box."""
    from survey_app.models.rounds import KEY_PRINTED
    from survey_app.services.closing import close_round, traces_left

    shell, actor, round_ = find_round(code, "open", by)
    confirm_closing(shell, round_, agreed=yes)
    halves = ask_halves(shell, actor, round_.id) if round_.key_holding == KEY_PRINTED else None
    with late_bar(say("Opening the box", "开箱")) as bar:
        answers = close_round(shell, actor, round_.id, bar, reason=stated(reason), halves=halves)
    click.echo(say(f"{round_.code} is closed with {answers} answers", f"{round_.code} 已关闭，共 {answers} 份答卷"))
    if left := traces_left(shell, round_.id):
        click.echo(say("note: ", "说明：") + say(*left), err=True)


def ask_halves(shell: Shell, actor: Actor, round_id: int) -> dict[str, int]:
    """Ask both holders for their halves, line by line, without showing what is typed; a mistyped line is asked again."""
    from survey_app.services.key_halves import HOLDER_NAMES, HOLDERS, check_halves
    from survey_app.services.written_halves import LINES, line_fault, read_half

    def line(holder: str, number: int) -> str:
        en, zh = HOLDER_NAMES[holder]
        while True:
            typed: str = click.prompt(
                say(f"{en}, line {number} of {LINES}", f"{zh}，第 {number} 行，共 {LINES} 行"),
                hide_input=True,
                err=True,
            )
            fault = line_fault(typed)
            if fault is None:
                return typed
            click.echo(say(*fault), err=True)

    halves = {}
    for holder in HOLDERS:
        half = read_half([line(holder, number) for number in range(1, LINES + 1)])
        check_halves(shell, actor, round_id, {holder: half})
        halves[holder] = half
    return halves


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--round", "code", help=ROUND_HELP)
def export(folder: Path, code: str | None) -> None:
    """Write a closed round's responses, scores and draw into FOLDER."""
    from survey_app.services.result_files import export_round

    refuse_taken(folder)
    shell, actor, round_ = find_round(code, "closed")
    with late_bar(say("Exporting", "导出")) as bar:
        export_round(shell, actor, round_.id, folder, bar)
    click.echo(say(f"{round_.code} exported into {folder}", f"{round_.code} 已导出到 {folder}"))


def find_round(code: str | None, state: str, by: str | None = None) -> tuple[Shell, Actor, Round]:
    """Return the round of this code, or the only one in this state, and who acts on it."""
    from sqlalchemy import select

    from survey_app.config import load_config
    from survey_app.models import Round
    from survey_app.opening import open_shell
    from survey_app.services.rounds import Actor

    name = named(by or system_user())
    shell = open_shell(load_config())
    with shell.database.reading() as session:
        found = session.scalars(select(Round).order_by(Round.id)).all()
    fitting = [round_ for round_ in found if (round_.code == code if code else round_.state == state)]
    if len(fitting) != 1:
        codes = ", ".join(f"{round_.code} ({round_.state})" for round_ in found) or "–"
        raise UsageRefused(
            en=f"name one round with --round; there are: {codes}", zh=f"请用 --round 指明一个轮次，现有：{codes}"
        )
    return shell, Actor(name=name, county_id=fitting[0].county_id), fitting[0]
