"""design show, design check: look at a sampling design, and hold it against a frame before anything is drawn."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from survey_app.cli.frames import readable_bytes
from survey_app.cli.speaking import BAD_DATA, UsageRefused, say

if TYPE_CHECKING:
    from sampling import Design, GroupDesign, Strata


@click.group()
def design() -> None:
    """Show a sampling design, or check it against a frame."""


@design.command()
@click.argument("name", required=False)
def show(name: str | None) -> None:
    """Say in words what the design NAME (shipped, or a YAML file) draws; without NAME list the shipped ones."""
    import sampling

    if name is None:
        for known in sampling.list_designs():
            own = sampling.load_design(known)
            click.echo(f"{known:<20} {say(own.title.en, own.title.zh)}")
        return
    own = named_design(name)
    click.echo(say(own.title.en, own.title.zh))
    click.echo(say(own.description.en, own.description.zh))
    for group in own.groups:
        click.echo()
        for line in _group_lines(group):
            click.echo(line)
    click.echo()
    click.echo(say("SHA-256 of the design ", "设计 SHA-256 ") + sampling.design_sha256(own))


@design.command()
@click.argument("name")
@click.option(
    "--frame",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A frame (CSV, XLSX or Parquet) to hold the design against.",
)
def check(name: str, frame: Path | None) -> None:
    """Check the design NAME (shipped, or a YAML file), and every problem that a frame would have with it."""
    import sampling

    own = named_design(name)
    if frame is None:
        click.echo(say(f"The design {own.name} is sound.", f"抽样设计 {own.name} 无误。"))
        return
    problems = own.check(sampling.read_frame(frame, design=own, max_bytes=readable_bytes()))
    for problem in problems:
        kind = say("stops the draw: ", "不能抽样：") if problem.stops else say("to know: ", "提示：")
        click.echo(kind + say(problem.en, problem.zh))
    if any(problem.stops for problem in problems):
        sys.exit(BAD_DATA)
    known = say(f", {len(problems)} things to know", f"，提示 {len(problems)} 处") if problems else ""
    click.echo(
        say(
            f"The design {own.name} can be drawn from {frame.name}{known}.",
            f"可按 {own.name} 从 {frame.name} 抽样{known}。",
        )
    )


def named_design(name: str) -> Design:
    """A design by its name or file; an unknown name is a refusal of what was typed."""
    import sampling

    try:
        return sampling.load_design(name)
    except sampling.DesignError as error:
        if Path(name).exists():
            raise
        raise UsageRefused(en=error.en, zh=error.zh) from error


def _group_lines(group: GroupDesign) -> list[str]:
    from sampling import METHODS
    from sampling.fieldwork.household import RULES

    lines = [f"{group.group} {say(group.label.en, group.label.zh)}"]
    for stage in group.stages:
        method = METHODS[stage.method]
        much = str(stage.n) if stage.rate is None else str(stage.rate)
        certain = say(", large ones once", "，大群必选") if stage.with_certainty else ""
        lines.append(f"  {stage.stage:<5} {much:>5}  {say(method.en, method.zh)}{certain}")
    lines.append("  " + say("ordered by ", "排序：") + ", ".join(group.order_by))
    if group.strata is not None:
        lines.append("  " + say("strata by ", "分层：") + f"{group.strata.by}, {group.strata.allocation}")
        lines += [f"    {name}: {figures}" for name, figures in _figures(group.strata)]
    if group.reserves:
        lines.append("  " + say(f"{group.reserves} reserves for each unit", f"每个样本单位备 {group.reserves} 个"))
    if group.too_short == "refuse":
        lines.append("  " + say("refuses a list that is too short", "名单不足时不抽样"))
    else:
        lines.append("  " + say("takes all of a list that is too short, and reports it", "名单不足时全部抽取并报告"))
    if group.within:
        lines.append("  " + say("within the household: ", "户内：") + say(*RULES[group.within].name))
    return lines


def _figures(strata: Strata) -> Iterator[tuple[str, str]]:
    """Yield what the strata have beyond their allocation: the name of each figure, and what it is for which stratum."""
    names = {
        "n": ("sample size", "样本量"),
        "minimum": ("at least", "下限"),
        "maximum": ("at most", "上限"),
        "sd": ("standard deviation", "标准差"),
        "cost": ("cost of a unit", "单位费用"),
        "cv": ("coefficient of variation", "变异系数"),
    }
    for name, label in names.items():
        if given := dict(getattr(strata, name)):
            others = say("each" if len(given) == 1 else "others", "各层" if len(given) == 1 else "其余各层")
            parts = [f"{others if code == '*' else code} {figure}" for code, figure in given.items()]
            yield f"{name} ({say(*label)})", ", ".join(sorted(parts, key=lambda part: part.startswith(f"{others} ")))
    if strata.power:
        yield f"power ({say('exponent', '幂指数')})", strata.power
