"""`pingyi draw` and `pingyi verify`: the draw in the shell, with no server and no database."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from survey_app.cli.designs import named_design
from survey_app.cli.frames import readable_bytes
from survey_app.cli.speaking import UsageRefused, late_bar, say
from survey_app.cli.typing_errors import refuse_taken

if TYPE_CHECKING:
    from sampling import CoordinationReport, Design, Draw, Fault, Frame

_EARLIER = click.Path(exists=True, path_type=Path)


@click.command()
@click.argument("frame", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--design", "design_name", default="county-110", show_default=True, help="A shipped design's name or a YAML file."
)
@click.option("--seed", required=True, help="The seed; best a public number that nobody could know before.")
@click.option(
    "--stage",
    type=click.Choice(["psu"]),
    help="psu: draw only villages and communities, to be listed (see `pingyi listing`); one-stage groups are drawn whole.",
)
@click.option(
    "--exclude",
    multiple=True,
    type=_EARLIER,
    help="Leave out the units of an earlier draw (its folder or sample.csv); may be given several times. "
    "Not with --stage psu: in two steps it goes with the second draw.",
)
@click.option(
    "--avoid",
    multiple=True,
    type=_EARLIER,
    help="Leave them out only of lists that keep enough units for the design and its reserves.",
)
@click.option(
    "--main-only", is_flag=True, help="With --exclude and --avoid: of an earlier draw count only the main units."
)
@click.option(
    "--out", required=True, type=click.Path(path_type=Path), help="The folder to write; it must not exist or be empty."
)
def draw(
    frame: Path,
    design_name: str,
    seed: str,
    stage: str | None,
    exclude: tuple[Path, ...],
    avoid: tuple[Path, ...],
    main_only: bool,
    out: Path,
) -> None:
    """
    Draw a sample from FRAME (CSV, XLSX or Parquet) and write frame.csv, sample.csv and draw.json.

    Parquet, and CSV of more than 40 MB, is read township by township; its rows stand in the order of township_code.
    With --stage, --exclude or --avoid it is read whole, as far as memory allows.
    """
    import sampling

    sampling.check_seed(seed)
    refuse_taken(out)
    if stage and (exclude or avoid):
        raise _not_with_villages()
    design = _design(design_name, stage)
    if _is_large(frame) and not (stage or exclude or avoid):
        _draw_large(frame, design, seed, out)
        return
    with late_bar(say("Drawing", "抽样")) as bar:
        read = sampling.read_frame(frame, design=design, max_bytes=readable_bytes())
        _warn(read.warnings)
        read = _left_out(read, exclude, avoid, ("main",) if main_only else ("main", "reserve"))
        if stage == "psu":
            read = sampling.read_frame(sampling.psu_frame(read), design=design)
        result = sampling.draw(read, design, seed, progress=bar)
    sampling.write_draw(result, out)
    _say_drawn(result, stage, out)


def _is_large(frame: Path) -> bool:
    """Whether a frame is read township by township, where no option needs it whole."""
    from sampling.frames.parquet import is_parquet
    from sampling.frames.tables import MAX_BYTES

    return is_parquet(frame) or frame.stat().st_size > MAX_BYTES


def _not_with_villages() -> UsageRefused:
    return UsageRefused(
        en="--exclude and --avoid go with the second draw, where the households stand; villages are drawn by their full "
        "sizes, so leave these options out of --stage psu and give them when drawing from the listed frame.",
        zh="--exclude、--avoid 应在第二步（抽住户）时使用：第一步按村（社区）的全部规模抽取；"
        "请在 --stage psu 中去掉这些选项，待用登记后的抽样框抽户时再给出。",
    )


def _draw_large(frame: Path, design: Design, seed: str, out: Path) -> None:
    import sampling

    with late_bar(say("Drawing", "抽样")) as bar:
        drawn = sampling.draw_stream(frame, design, seed, out, progress=bar)
    _warn(drawn.warnings, drawn.more_warnings)
    _say_counts(out, drawn.main, drawn.reserve)
    _say_shortfalls(drawn.shortfalls)
    _say_proof(design, drawn.fingerprint)


def _design(name: str, stage: str | None) -> Design:
    """The design asked for."""
    design = named_design(name)
    if stage == "psu" and not any(group.staged for group in design.groups):
        raise UsageRefused(
            en=f"The design {design.name} draws no group in stages; leave out --stage psu.",
            zh=f"设计 {design.name} 没有分阶段抽取的类别；请去掉 --stage psu。",
        )
    return design


def _left_out(frame: Frame, exclude: tuple[Path, ...], avoid: tuple[Path, ...], roles: tuple[str, ...]) -> Frame:
    """The frame without the units of earlier draws, and what was left out said."""
    import sampling

    if not exclude and not avoid:
        return frame
    table = frame.table
    if exclude:
        table, report = sampling.exclude_units(table, exclude, roles=roles)
        _say_left_out(report)
    if avoid:
        table, report = sampling.avoid_units(table, avoid, frame.design, roles=roles)
        _say_left_out(report)
    left = sampling.read_frame(table, design=frame.design, name=frame.report.name)
    known = {warning.en for warning in frame.warnings}
    # a row's number would be that of the reduced table, which nobody has in hand
    _warn(tuple(warning for warning in left.warnings if warning.row is None and warning.en not in known))
    return left


def _warn(warnings: tuple[Fault, ...], more: int = 0) -> None:
    for warning in warnings[:100]:
        click.echo(say("warning: ", "提示：") + say(warning.en, warning.zh), err=True)
    if more := more + max(len(warnings) - 100, 0):
        click.echo(say(f"… and {more} more warnings", f"……另有 {more} 处提示"), err=True)


def _say_left_out(report: CoordinationReport) -> None:
    lists = int((report.counts["excluded"] > 0).sum())
    click.echo(
        say(
            f"{report.excluded} units of earlier draws left out of {lists} lists; "
            f"{report.not_found} of {report.earlier} earlier units are not in this frame",
            f"已从 {lists} 个名单中排除以往样本单位 {report.excluded} 个；"
            f"以往 {report.earlier} 个单位中有 {report.not_found} 个不在本次抽样框中",
        )
    )
    for kept in report.kept_whole:
        click.echo(say(kept.reason.en, kept.reason.zh))
    click.echo(say("note: ", "说明：") + say(report.effect.en, report.effect.zh), err=True)


def _say_counts(out: Path, main: int, reserve: int) -> None:
    click.echo(
        say(
            f"{main} main and {reserve} reserve units drawn into {out}",
            f"已抽取正式样本 {main} 个、备用样本 {reserve} 个，写入 {out}",
        )
    )


def _say_shortfalls(number: int) -> None:
    if number:
        click.echo(say(f"shortfalls: {number} (see draw.json)", f"单位不足 {number} 处（见 draw.json）"))


def _say_drawn(result: Draw, stage: str | None, out: Path) -> None:
    main = int((result.sample["role"] == "main").sum())
    _say_counts(out, main, len(result.sample) - main)
    unlisted = int((result.psus["listed"] == 0).sum())
    if stage == "psu":
        click.echo(
            say(
                f"{unlisted} villages and communities to be listed (pingyi listing export {out} --frame … --out …)",
                f"需登记住户的村（社区）{unlisted} 个（pingyi listing export {out} --frame … --out …）",
            )
        )
    _say_shortfalls(len(result.shortfalls) - (unlisted if stage == "psu" else 0))
    _say_proof(result.design, result.fingerprint)


def _say_proof(design: Design, fingerprint: str) -> None:
    """The hash of the design, to be held against the one published before the seed; the draw's fingerprint."""
    import sampling

    click.echo(say(f"design {design.name}, SHA-256 ", f"设计 {design.name}，SHA-256 ") + sampling.design_sha256(design))
    click.echo(say("fingerprint ", "指纹 ") + fingerprint)


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--first",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The folder of the draw of villages that this draw continues: checks both, and that they belong together.",
)
def verify(folder: Path, first: Path | None) -> None:
    """Check the draw in FOLDER: hashes, fingerprint, and the whole draw redone."""
    import sampling

    with late_bar(say("Redoing the draw", "重做抽样")) as bar:
        if first is None:
            verification = sampling.verify_draw(folder, progress=bar)
        else:
            continuation = sampling.verify_continuation(folder, first, progress=bar)
            verification = continuation.second
    click.echo(
        say(
            f"the draw is right: {verification.main} main and {verification.reserve} reserve units, "
            f"fingerprint {verification.fingerprint}",
            f"抽样无误：正式样本 {verification.main} 个，备用样本 {verification.reserve} 个，"
            f"指纹 {verification.fingerprint}",
        )
    )
    if first is not None:
        click.echo(
            say(
                f"it continues the draw {continuation.first.fingerprint[:16]}…: the same {continuation.psus} villages, "
                f"{continuation.listed_units} units listed in {continuation.listed_psus} of them",
                f"本抽样接续抽样 {continuation.first.fingerprint[:16]}…：村（社区）同为 {continuation.psus} 个，"
                f"其中 {continuation.listed_psus} 个已登记共 {continuation.listed_units} 个单元",
            )
        )
