"""`pingyi score`: the official scores in the shell."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from survey_app.cli.speaking import UsageRefused, late_bar, say
from survey_app.cli.typing_errors import refuse_taken

if TYPE_CHECKING:
    from analysis import ExportSource, Responses, Scheme
    from analysis.labels import Label


@click.command()
@click.argument("responses", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--draw",
    "draw_folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The folder of the draw; checked before the scores, and that the answers are of it.",
)
@click.option(
    "--before",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The last wave's folder of answers; the report compares with it.",
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
@click.option(
    "--quality/--no-quality",
    default=None,
    help="Look at the quality of the fieldwork; in the report, else on the screen.  [default: with docx]",
)
@click.option(
    "--sensitivity/--no-sensitivity",
    default=None,
    help="Say which ranks other readings of the rules would change; in the report, else on the screen.  [default: with docx]",
)
def score(
    responses: Path,
    draw_folder: Path | None,
    before: Path | None,
    scheme: str,
    out: Path,
    formats: tuple[str, ...],
    language: str,
    quality: bool | None,
    sensitivity: bool | None,
) -> None:
    """Score the answers in RESPONSES and write tables, the workbook, the report or files for other programs."""
    import analysis

    refuse_taken(out)
    asked = _formats(formats)
    rules = _scheme(scheme)
    if draw_folder is not None:
        import sampling

        sampling.verify_draw(draw_folder)
    is_report = "docx" in asked
    wanted = _Wanted(
        draw_folder,
        before,
        quality=is_report if quality is None else quality,
        sensitivity=is_report if sensitivity is None else sensitivity,
    )
    with late_bar(say("Scoring", "计分")) as bar:
        steps = wanted.steps + len(asked)
        source = _source(responses, rules, wanted, "en" if language == "en" else "zh", lambda done: bar(done, steps))
        analysis.write_scores(source, out, formats=asked, progress=lambda done, _: bar(wanted.steps + done, steps))
    for note in source.scores.notes:
        click.echo(say("note: ", "说明：") + say(note.en, note.zh), err=True)
    if not is_report:
        for sentence in (*source.quality, *source.sensitivity):
            click.echo(say(sentence.en, sentence.zh))
    number = len(source.scores.townships)
    click.echo(
        say(
            f"{number} {'township' if number == 1 else 'townships'} scored into {out}",
            f"已为 {number} 个乡镇计分，写入 {out}",
        )
    )


@dataclass(frozen=True)
class _Wanted:
    """What goes with the scores."""

    draw: Path | None
    before: Path | None
    quality: bool
    sensitivity: bool

    @property
    def steps(self) -> int:
        """Reading and scoring, the last wave, and the two looks."""
        return 2 + (self.before is not None) + self.quality + self.sensitivity


def _source(
    folder: Path, rules: Scheme, wanted: _Wanted, language: Literal["zh", "en"], tell: Callable[[int], None]
) -> ExportSource:
    """Read and score, and whatever else was asked for; told after each step how many are done."""
    import analysis
    from analysis.exports import ExportSource
    from analysis.exports.provenance import quality_settings
    from survey_app.services.analysing import QUALITY_SEED
    from survey_app.services.answers_of_draw import refuse_other_draw

    steps = count(1)
    tell(0)
    read = analysis.read_responses(folder)
    if wanted.draw is not None:
        refuse_other_draw(read, wanted.draw)
    tell(next(steps))
    source = ExportSource(analysis.score(read, rules), read, settings=_draw_settings(wanted.draw), language=language)
    tell(next(steps))
    if wanted.before is not None:
        last = _last_wave(wanted.before)
        _refuse_no_earlier(read, last, wanted.before)
        changes = analysis.change(source.scores, analysis.score(last, rules))
        noted = replace(source.scores, notes=(*source.scores.notes, *changes.notes))
        source = replace(source, scores=noted, changes=changes.townships)
        tell(next(steps))
    if wanted.quality:
        found = analysis.fieldwork_quality(read, scheme=rules, rng=QUALITY_SEED)
        source = replace(
            source,
            quality=analysis.quality_sentences(found, analysis.PlaceNames.of(read, rules)),
            settings=(*source.settings, *quality_settings(found)),
        )
        tell(next(steps))
    if wanted.sensitivity:
        source = replace(source, sensitivity=analysis.sensitivity_sentences(analysis.sensitivity(read, rules)))
        tell(next(steps))
    return source


def _last_wave(folder: Path) -> Responses:
    """Both folders hold files of the same names: the refusal of one of the last wave begins with the folder."""
    import analysis

    try:
        return analysis.read_responses(folder)
    except analysis.ResponsesError:
        click.echo(say(f"--before {folder}:", f"--before {folder}："), err=True)
        raise


def _refuse_no_earlier(now: Responses, last: Responses, folder: Path) -> None:
    """Two waves of one round have an order; between rounds of other names none can be read from the names."""
    import analysis

    here, there = (int(next(iter(read.groups.values()))["wave"].iloc[0]) for read in (now, last))
    if now.round == last.round and there >= here:
        raise analysis.AnalysisError(
            f"--before {folder}: expected a wave before wave {here} of round {now.round}, found wave {there} of the same round; "
            "give the last wave's answers.",
            f"--before {folder}：应为轮次 {now.round} 第 {here} 期之前的一期，实为该轮次第 {there} 期，请给出上一期的答卷。",
        )


def _formats(given: tuple[str, ...]) -> tuple[str, ...]:
    """The formats asked for; none, an empty or an unknown one is a refusal of what was typed."""
    import analysis
    from analysis.exports import known_formats

    names = [name.strip().lower() for each in given for name in each.split(",")]
    try:
        return known_formats([name for name in names if name])
    except analysis.ExportError as error:
        raise UsageRefused(en=f"--format: {error.en}", zh=f"--format：{error.zh}") from error


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
