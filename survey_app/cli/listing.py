"""`pingyi listing`: the sheets that villages fill in between the two steps of a draw."""

from __future__ import annotations

import os
from pathlib import Path

import click

from survey_app.cli.frames import readable_bytes
from survey_app.cli.speaking import UsageRefused, late_bar, say
from survey_app.cli.typing_errors import refuse_taken

_DRAW = click.argument("draw_folder", metavar="DRAW_DIR", type=click.Path(exists=True, file_okay=False, path_type=Path))
_FRAME = click.option(
    "--frame",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The frame that the draw was made from, with names.",
)


@click.group()
def listing() -> None:
    """Write listing sheets for the villages of a draw (export), and read the filled ones (import)."""


@listing.command("export")
@_DRAW
@_FRAME
@click.option(
    "--out", required=True, type=click.Path(path_type=Path), help="The folder to write; it must not exist or be empty."
)
def export_sheets(draw_folder: Path, frame: Path, out: Path) -> None:
    """Write one workbook for each village that was hit in DRAW_DIR and has no listed households."""
    import sampling

    refuse_taken(out)
    drawn = sampling.named_draw(draw_folder, frame, max_bytes=readable_bytes())
    with late_bar(say("Writing sheets", "生成名录")) as bar:
        sheets = sampling.listing_sheets(drawn, out, progress=bar)
    number = len(sheets)
    click.echo(say(f"{number} listing sheets written into {out}", f"已生成 {number} 份住户名录，写入 {out}"))


@listing.command("import")
@_DRAW
@_FRAME
@click.option(
    "--sheets",
    required=True,
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    help="The folder of the filled workbooks, or one workbook; may be given several times.",
)
@click.option(
    "--out", required=True, type=click.Path(path_type=Path), help="The frame to write (CSV); it must not exist."
)
def import_sheets(draw_folder: Path, frame: Path, sheets: tuple[Path, ...], out: Path) -> None:
    """Check the filled workbooks and write the frame of the second draw: the first one with the listed households."""
    import sampling

    if out.exists():
        raise UsageRefused(
            en=f"{out} exists; a frame is never written over another, name a new file.",
            zh=f"{out} 已存在；抽样框不会覆盖已有文件，请另给一个文件名。",
        )
    drawn = sampling.named_draw(draw_folder, frame, max_bytes=readable_bytes())
    with late_bar(say("Reading sheets", "读取名录")) as bar:
        source = sheets[0] if len(sheets) == 1 else sheets
        listings = sampling.read_listings(source, drawn, progress=bar)
    table = sampling.with_listings(drawn.frame.table, listings)
    sampling.read_frame(table, design=drawn.design)  # what a second draw would refuse is refused now
    for warning in listings.warnings:
        click.echo(say("warning: ", "提示：") + say(warning.en, warning.zh), err=True)
    _write(out, table.to_csv(index=False, lineterminator="\n").encode("utf-8-sig"))
    done, units = len(listings.counts), len(listings.table)
    click.echo(
        say(
            f"{units} households of {done} villages added, {len(listings.missing)} villages still missing; "
            f"the frame for the second draw is {out}",
            f"已加入 {done} 个村（社区）的住户 {units} 户，尚缺 {len(listings.missing)} 个；第二步抽样用的抽样框为 {out}",
        )
    )


def _write(path: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    try:
        partial.write_bytes(content)
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)
