"""`pingyi draw` and `pingyi verify`: the draw in the shell, with no server and no database."""

from __future__ import annotations

from pathlib import Path

import click

from survey_app.cli.designs import named_design
from survey_app.cli.speaking import late_bar, say


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
    """Draw a sample from FRAME (CSV or XLSX) and write frame.csv, sample.csv and draw.json."""
    import sampling

    sampling.check_seed(seed)
    design = named_design(design_name)
    with late_bar(say("Drawing", "抽样")) as bar:
        read = sampling.read_frame(frame, design=design)
        for warning in read.warnings[:100]:
            click.echo(say("warning: ", "提示：") + say(warning.en, warning.zh), err=True)
        if len(read.warnings) > 100:
            more = len(read.warnings) - 100
            click.echo(say(f"… and {more} more warnings", f"……另有 {more} 处提示"), err=True)
        result = sampling.draw(read, design, seed, progress=bar)
    sampling.write_draw(result, out)
    main = int((result.sample["role"] == "main").sum())
    reserve = len(result.sample) - main
    click.echo(
        say(
            f"{main} main and {reserve} reserve units drawn into {out}",
            f"已抽取正式样本 {main} 个、备用样本 {reserve} 个，写入 {out}",
        )
    )
    if result.shortfalls:
        number = len(result.shortfalls)
        click.echo(say(f"shortfalls: {number} (see draw.json)", f"单位不足 {number} 处（见 draw.json）"))
    click.echo(say("fingerprint ", "指纹 ") + result.fingerprint)


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
