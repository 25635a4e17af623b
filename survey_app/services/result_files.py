"""The files that a closed round gives: answers, scores, the workbook, the report, files for other programs."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from survey_app.errors import NotFound
from survey_app.services import assignments, commenting, online, results, sentences
from survey_app.services.drawing import draw_files, zip_files
from survey_app.services.framing import frame_content
from survey_app.services.rounds import Actor, current_draw, get_round
from survey_app.shell import Progress, Shell, no_progress

if TYPE_CHECKING:
    from analysis import ExportSource


def responses_zip(shell: Shell, actor: Actor, round_id: int) -> bytes:
    """Return the responses folder as a zip, the comments in a file of their own beside it."""
    return zip_files(_responses_files(shell, actor, round_id) | _comment_files(shell, actor, round_id))


def online_zip(shell: Shell, actor: Actor, round_id: int) -> bytes:
    """Return the folder of a closed round's online answers as a zip."""
    with tempfile.TemporaryDirectory(prefix="online-", dir=shell.config.home) as work:
        folder = Path(work) / "online"
        if online.write_online(shell, actor, round_id, folder) is None:
            raise NotFound
        files = {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }
    return zip_files(files)


def export_source(shell: Shell, actor: Actor, round_id: int, language: str = "zh") -> ExportSource:
    """Return scores and answers with the draw's seed and fingerprint: what `pingyi score --draw` writes from the export."""
    from analysis import ExportSource
    from analysis.exports.provenance import draw_settings

    found = results.round_results(shell, actor, round_id)
    with shell.database.reading() as session:
        draw = current_draw(session, round_id)
        settings = () if draw is None else draw_settings(draw.seed, draw.fingerprint)
    return ExportSource(found.scores, found.responses, settings=settings, language="en" if language == "en" else "zh")


def scores_workbook(shell: Shell, actor: Actor, round_id: int) -> bytes:
    """Return scores.xlsx."""
    from analysis import score_files

    return score_files(export_source(shell, actor, round_id), ["xlsx"])["scores.xlsx"]


def report(shell: Shell, actor: Actor, round_id: int, language: str) -> bytes:
    """Return the analysis report as Word: with the change since the last wave, the fieldwork's quality, other readings."""
    from analysis import score_files

    return score_files(_full_source(shell, actor, round_id, language), ["docx"])["report.docx"]


def every_file(shell: Shell, actor: Actor, round_id: int, language: str, progress: Progress) -> dict[str, bytes]:
    """Return every format, and the responses folder from which the R script starts, by name."""
    from analysis import EXPORTS, score_files

    total = len(EXPORTS) + 3  # the scores, what goes with them, the answers
    progress(0, total)
    results.round_results(shell, actor, round_id)
    progress(1, total)
    source = _full_source(shell, actor, round_id, language)
    progress(2, total)
    answers = _responses_files(shell, actor, round_id) | _comment_files(shell, actor, round_id)
    progress(3, total)
    files = score_files(source, EXPORTS, progress=lambda done, _: progress(3 + done, total))
    return answers | {f"scores/{name}": content for name, content in files.items()}


def export_round(shell: Shell, actor: Actor, round_id: int, folder: Path, progress: Progress = no_progress) -> None:
    """Write a closed round whole: ``responses/``, ``scores/``, ``draw/`` and ``comments.csv`` in this folder."""
    from analysis import write_scores

    folder.mkdir(parents=True, exist_ok=True)
    results.write_export(shell, actor, round_id, folder / "responses")
    for name, content in _comment_files(shell, actor, round_id).items():
        (folder / name).write_bytes(content)
    progress(1, 4)
    source = export_source(shell, actor, round_id)
    progress(2, 4)
    write_scores(source, folder / "scores")
    progress(3, 4)
    with shell.database.reading() as session:
        files = draw_files(session, get_round(session, actor.county_id, round_id), frame_content(shell, round_id))
    (folder / "draw").mkdir()
    for name, content in files.items():
        (folder / "draw" / name).write_bytes(content)
    progress(4, 4)


def _responses_files(shell: Shell, actor: Actor, round_id: int) -> dict[str, bytes]:
    with tempfile.TemporaryDirectory(prefix="export-", dir=shell.config.home) as work:
        folder = Path(work) / "responses"
        results.write_export(shell, actor, round_id, folder)
        return _files_below(Path(work), folder.rglob("*"))


def _comment_files(shell: Shell, actor: Actor, round_id: int) -> dict[str, bytes]:
    return {"comments.csv": commenting.comments_csv(shell, actor, round_id)}


def _files_below(top: Path, paths: Iterable[Path]) -> dict[str, bytes]:
    return {path.relative_to(top).as_posix(): path.read_bytes() for path in sorted(paths) if path.is_file()}


def _full_source(shell: Shell, actor: Actor, round_id: int, language: str) -> ExportSource:
    from analysis import quality_sentences, sensitivity_sentences
    from analysis.exports.provenance import quality_settings

    source = export_source(shell, actor, round_id, language)
    found = results.round_results(shell, actor, round_id)
    changes = results.changes(shell, actor, round_id)
    with shell.database.reading() as session:
        round_ = get_round(session, actor.county_id, round_id)
        title, is_demo = round_.name, round_.county.is_demo
        names = sentences.place_names(session, round_)
        quality = found.quality(assignments.wholly_theirs(session, round_))
    return replace(
        source,
        title=title,
        is_demo=is_demo,
        changes=None if changes is None else changes.townships,
        quality=quality_sentences(quality, names),
        sensitivity=sensitivity_sentences(found.sensitivity()),
        settings=(*source.settings, *quality_settings(quality)),
    )
