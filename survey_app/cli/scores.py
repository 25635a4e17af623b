"""`pingyi score`: the official scores in the shell."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from survey_app.cli.speaking import UsageRefused, late_bar, say
from survey_app.cli.typing_errors import refuse_taken

if TYPE_CHECKING:
    from analysis import Scheme


@click.command()
@click.argument("responses", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--draw",
    "draw_folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The folder of the draw; checked before the scores.",
)
@click.option("--scheme", default="county", show_default=True, help="A shipped scheme's name or a YAML file.")
@click.option(
    "--out", required=True, type=click.Path(path_type=Path), help="The folder to write; it must not exist or be empty."
)
def score(responses: Path, draw_folder: Path | None, scheme: str, out: Path) -> None:
    """Score the answers in RESPONSES and write items.csv, groups.csv, townships.csv and scores.xlsx."""
    import analysis

    refuse_taken(out)
    rules = _scheme(scheme)
    if draw_folder is not None:
        import sampling

        sampling.verify_draw(draw_folder)
    with late_bar(say("Scoring", "计分")) as bar:
        bar(0, 3)
        read = analysis.read_responses(responses)
        bar(1, 3)
        scores = analysis.score(read, rules)
        bar(2, 3)
        analysis.write_scores(scores, out)
        bar(3, 3)
    for note in scores.notes:
        click.echo(say("note: ", "说明：") + say(note.en, note.zh), err=True)
    number = len(scores.townships)
    click.echo(say(f"{number} townships scored into {out}", f"已为 {number} 个乡镇计分，写入 {out}"))


def _scheme(name: str) -> Scheme:
    """A scheme by its name or file; an unknown name is a refusal of what was typed."""
    import analysis

    try:
        return analysis.load_scheme(name)
    except analysis.SchemeError as error:
        if Path(name).exists():
            raise
        raise UsageRefused(en=error.en, zh=error.zh) from error
