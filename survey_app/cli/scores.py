"""`pingyi score`: the official scores in the shell."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from survey_app.cli.speaking import UsageRefused, late_bar, say
from survey_app.cli.typing_errors import refuse_taken

if TYPE_CHECKING:
    from analysis import Scheme
    from analysis.labels import Label


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
@click.option(
    "--format",
    "formats",
    multiple=True,
    default=("csv,xlsx",),
    show_default=True,
    help="Of csv, xlsx, docx, sav, dta, parquet, ddi, r; several with commas, or the option again.",
)
@click.option(
    "--lang",
    "language",
    type=click.Choice(["zh", "en"]),
    default="zh",
    show_default=True,
    help="Of the report and labels.",
)
def score(
    responses: Path, draw_folder: Path | None, scheme: str, out: Path, formats: tuple[str, ...], language: str
) -> None:
    """Score the answers in RESPONSES and write tables, the workbook, the report or files for other programs."""
    import analysis
    from analysis.exports import ExportSource

    refuse_taken(out)
    rules = _scheme(scheme)
    if draw_folder is not None:
        import sampling

        sampling.verify_draw(draw_folder)
    asked = [name.strip().lower() for given in formats for name in given.split(",") if name.strip()]
    steps = 2 + len(asked)
    with late_bar(say("Scoring", "计分")) as bar:
        bar(0, steps)
        read = analysis.read_responses(responses)
        bar(1, steps)
        scores = analysis.score(read, rules)
        bar(2, steps)
        source = ExportSource(
            scores, read, settings=_draw_settings(draw_folder), language="en" if language == "en" else "zh"
        )
        analysis.write_scores(source, out, formats=asked, progress=lambda done, _: bar(2 + done, steps))
    for note in scores.notes:
        click.echo(say("note: ", "说明：") + say(note.en, note.zh), err=True)
    number = len(scores.townships)
    click.echo(say(f"{number} townships scored into {out}", f"已为 {number} 个乡镇计分，写入 {out}"))


def _draw_settings(folder: Path | None) -> tuple[tuple[Label, str], ...]:
    """Seed and fingerprint of the draw, for the notes of the exports."""
    from analysis.exports.provenance import draw_settings

    if folder is None:
        return ()
    facts = json.loads((folder / "draw.json").read_text("utf-8"))
    return draw_settings(str(facts["seed"]), str(facts["fingerprint"]))


def _scheme(name: str) -> Scheme:
    """A scheme by its name or file; an unknown name is a refusal of what was typed."""
    import analysis

    try:
        return analysis.load_scheme(name)
    except analysis.SchemeError as error:
        if Path(name).exists():
            raise
        raise UsageRefused(en=error.en, zh=error.zh) from error
