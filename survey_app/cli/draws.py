"""`pingyi draw` and `pingyi verify`: the draw in the shell, with no server and no database."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from survey_app.cli.speaking import UsageRefused, late_bar, say

if TYPE_CHECKING:
    from sampling import Design, Fault


@click.command()
@click.argument("frame", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--design", "design_name", default="county-110", show_default=True, help="A shipped design's name or a YAML file."
)
@click.option("--seed", required=True, help="The seed; best a public number that nobody could know before.")
@click.option(
    "--out", required=True, type=click.Path(path_type=Path), help="The folder to write; it must not exist or be empty."
)
def draw(frame: Path, design_name: str, seed: str, out: Path) -> None:
    """
    Draw a sample from FRAME (CSV, XLSX or Parquet) and write frame.csv, sample.csv and draw.json.

    Parquet, and CSV that is too large to be read at once, is read township by township; its rows stand in the order
    of township_code.
    """
    import sampling
    from sampling.pieces import is_parquet
    from sampling.tables import MAX_BYTES

    sampling.check_seed(seed)
    try:
        design = sampling.load_design(design_name)
    except sampling.DesignError as error:
        if Path(design_name).exists():
            raise
        raise UsageRefused(en=error.en, zh=error.zh) from error
    large = is_parquet(frame) or frame.stat().st_size > MAX_BYTES
    (_draw_large if large else _draw_whole)(frame, design, seed, out)


def _draw_whole(frame: Path, design: Design, seed: str, out: Path) -> None:
    import sampling

    with late_bar(say("Drawing", "抽样")) as bar:
        read = sampling.read_frame(frame, design=design)
        _warn(read.warnings)
        result = sampling.draw(read, design, seed, progress=bar)
    sampling.write_draw(result, out)
    main = int((result.sample["role"] == "main").sum())
    _tell(out, main, len(result.sample) - main, len(result.shortfalls), result.fingerprint)


def _draw_large(frame: Path, design: Design, seed: str, out: Path) -> None:
    import sampling

    with late_bar(say("Drawing", "抽样")) as bar:
        drawn = sampling.draw_stream(frame, design, seed, out, progress=bar)
    _warn(drawn.warnings, drawn.more_warnings)
    _tell(out, drawn.main, drawn.reserve, drawn.shortfalls, drawn.fingerprint)


def _warn(warnings: Sequence[Fault], more: int = 0) -> None:
    for warning in warnings[:100]:
        click.echo(say("warning: ", "提示：") + say(warning.en, warning.zh), err=True)
    if more := more + max(len(warnings) - 100, 0):
        click.echo(say(f"… and {more} more warnings", f"……另有 {more} 处提示"), err=True)


def _tell(out: Path, main: int, reserve: int, shortfalls: int, fingerprint: str) -> None:
    click.echo(
        say(
            f"{main} main and {reserve} reserve units drawn into {out}",
            f"已抽取正式样本 {main} 个、备用样本 {reserve} 个，写入 {out}",
        )
    )
    if shortfalls:
        click.echo(say(f"shortfalls: {shortfalls} (see draw.json)", f"单位不足 {shortfalls} 处（见 draw.json）"))
    click.echo(say("fingerprint ", "指纹 ") + fingerprint)


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
def verify(folder: Path) -> None:
    """Check the draw in FOLDER: hashes, fingerprint, and the whole draw redone."""
    import sampling

    with late_bar(say("Redoing the draw", "重做抽样")) as bar:
        verification = sampling.verify_draw(folder, progress=bar)
    click.echo(
        say(
            f"the draw is right: {verification.main} main and {verification.reserve} reserve units, "
            f"fingerprint {verification.fingerprint}",
            f"抽样无误：正式样本 {verification.main} 个，备用样本 {verification.reserve} 个，"
            f"指纹 {verification.fingerprint}",
        )
    )
