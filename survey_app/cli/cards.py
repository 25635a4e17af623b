"""`pingyi cards`."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import click

from survey_app.cli.rounds import find_round
from survey_app.cli.speaking import UsageRefused, late_bar, say

WAYS = ("township", "investigator", "village")


@click.command()
@click.argument("code", metavar="[ROUND]", required=False)
@click.option("--round", "named", help="The same as ROUND.")
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="A new folder.")
@click.option(
    "--by", default="township", show_default=True, type=click.Choice(WAYS), help="A folder for each of these."
)
@click.option("--deadline", type=click.DateTime(["%Y-%m-%d"]), help="The day the cards ask an answer by; kept.")
@click.option("--contact", help="Whom to ask, as the cards say it; kept.")
def cards(
    code: str | None, named: str | None, out: Path, by: str, deadline: datetime | None, contact: str | None
) -> None:
    """
    Write cards, the investigators' lists, links.csv and questionnaires on paper of ROUND.

    ROUND is its code, and may be left out where only one is in the field.
    """
    from survey_app.services import card_files, handouts

    shell, actor, round_ = find_round(code or named, "open")
    if out.exists() and any(out.iterdir()):
        raise UsageRefused(en=f"the folder {out} is not empty; name a new one", zh=f"文件夹 {out} 非空，请指定新文件夹")
    answer_by: date | None = deadline.date() if deadline else round_.answer_by
    contact = round_.contact if contact is None else contact
    if deadline is not None or contact != round_.contact:
        card_files.set_card_facts(shell, actor, round_.id, answer_by=answer_by, contact=contact)
    if not (answer_by and contact):
        click.echo(
            say(
                "the cards leave room to write deadline or contact by hand; --deadline and --contact print them",
                "卡上的截止日期或联系方式留空手写；可用 --deadline、--contact 印上",
            ),
            err=True,
        )
    with late_bar(say("Making the cards", "生成答卷卡")) as bar:
        # The folder comes with the first file: a refusal leaves none behind.
        for name, content in card_files.make_files(shell, actor, round_.id, by=by, progress=bar):
            out.mkdir(mode=0o700, parents=True, exist_ok=True)
            handouts.write_secret(out / name, content)
    links = (out / "links.csv").read_bytes().count(b"\n") - 1
    click.echo(
        say(
            f"{links} cards of {round_.code} written into {out}; whoever has them can answer, so keep them safe",
            f"{round_.code} 的 {links} 张答卷卡已写入 {out}；谁拿到谁就能作答，请妥善保管",
        )
    )
