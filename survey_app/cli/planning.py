"""`pingyi plan`: how precise a design will be, and what another one would give."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING

import click

from survey_app.cli.speaking import UsageRefused, say, speaks_chinese

if TYPE_CHECKING:
    from sampling import Comparison, Design, DesignPlan

HEADERS = (
    ("group", "组"),
    ("clusters × take", "群数×每群"),
    ("units", "样本量"),
    ("answers", "答卷数"),
    ("deff", "设计效应"),
    ("se", "标准误"),
    ("± points", "误差±分"),
    ("differ beyond", "可判定差"),
    ("detectable", "可查出差"),
)


@click.command()
@click.option(
    "--design", "design_name", default="county-110", show_default=True, help="A shipped design's name or a YAML file."
)
@click.option(
    "--sd", default="18", show_default=True, help="Standard deviation of respondents' totals, in points of 100."
)
@click.option("--icc", default="0.05", show_default=True, help="Correlation of two respondents of one cluster.")
@click.option("--response", default="1", show_default=True, help="Expected response rate, such as 0.8.")
@click.option(
    "--confidence", default="0.95", show_default=True, help="Of the intervals and of the test of a difference."
)
@click.option("--power", default="0.8", show_default=True, help="Probability of finding the detectable difference.")
@click.option(
    "--population",
    multiple=True,
    help="Units of a group in a township, GROUP=N; a number alone is for all groups. Repeatable.",
)
@click.option(
    "--compare",
    multiple=True,
    help="A group drawn otherwise, CLUSTERSxTAKE or GROUP=CLUSTERSxTAKE, such as 10x5. Repeatable.",
)
@click.option(
    "--out",
    multiple=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="A .csv for the table or an .svg for the chart. Repeatable.",
)
def plan(
    design_name: str,
    sd: str,
    icc: str,
    response: str,
    confidence: str,
    power: str,
    population: tuple[str, ...],
    compare: tuple[str, ...],
    out: tuple[Path, ...],
) -> None:
    """Tell how precise a township's scores will be, and compare designs."""
    import sampling

    _check_suffixes(out)
    try:
        design = sampling.load_design(design_name)
        first = sampling.plan_design(
            design, sd=sd, icc=icc, response=response, population=_populations(population, design)
        )
        plans = [first, *(_other(first, text, design) for text in compare)]
        comparison = sampling.compare_designs(plans, confidence=confidence, power=power)
    except (sampling.PlanningError, sampling.DesignError) as error:
        if isinstance(error, sampling.DesignError) and Path(design_name).exists():
            raise
        raise UsageRefused(en=error.en, zh=error.zh) from error
    _print(comparison, design)
    for path in out:
        _write(path, comparison, plans, design, confidence)
        click.echo(say(f"written: {path}", f"已写入 {path}"))


def _print(comparison: Comparison, design: Design) -> None:
    """A table for each design, and how to read it."""
    labels = _labels(design)
    for name in dict.fromkeys(row.design for row in comparison.rows):
        click.echo(name)
        rows = [[say(*header) for header in HEADERS]]
        for row in comparison.rows:
            if row.design == name:
                drawn = f"{row.clusters} × {row.take}" if row.take and row.take > 1 else ""
                shown = row.precision
                figures = (shown.deff, shown.se, shown.moe, row.significant, row.detectable)
                rows.append(
                    [
                        labels[row.group],
                        drawn,
                        f"{shown.n}",
                        f"{shown.answers:g}",
                        *(f"{figure:.2f}" for figure in figures),
                    ]
                )
        click.echo("\n".join(_aligned(rows)) + "\n")
    level, chance = f"{comparison.confidence:.4g}", f"{comparison.power:.4g}"
    click.echo(
        say(
            f"± at a confidence of {level}. Two scores that lie further apart than “differ beyond” are called different at that "
            f"confidence; a true difference of “detectable” is found with probability {chance}.",
            f"误差按置信度 {level} 计。两个乡镇得分之差超过“可判定差”时，按此置信度判为有差别；真实差别达“可查出差”时，有 {chance} 的概率被查出。",
        )
    )


def _aligned(rows: list[list[str]]) -> list[str]:
    """Columns side by side, the first to the left, figures to the right; a Chinese character is two wide."""
    widths = [max(_columns(cell) for cell in column) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        cells = [" " * (width - _columns(cell)) + cell for cell, width in zip(row, widths, strict=True)]
        cells[0] = row[0] + " " * (widths[0] - _columns(row[0]))
        lines.append("  " + "  ".join(cells))
    return lines


def _columns(text: str) -> int:
    """How many columns of a terminal a text takes."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def _populations(given: tuple[str, ...], design: Design) -> dict[str, int] | None:
    """GROUP=N, or N for all groups."""
    if not given:
        return None
    sizes: dict[str, int] = {}
    for text in given:
        read = re.fullmatch(r"(?:([^=]+)=)?([0-9]{1,18})", text.strip())
        if read is None:
            raise UsageRefused(
                en=f"--population expects a number or GROUP=NUMBER, such as rural=1200, got “{text}”; correct it.",
                zh=f"--population 应为数字或“组=数字”，如 rural=1200，实为“{text}”；请改正。",
            )
        group, number = read.groups()
        sizes |= {group: int(number)} if group else {own.group: int(number) for own in design.groups}
    return sizes


def _other(first: DesignPlan, text: str, design: Design) -> DesignPlan:
    """The first plan with one group drawn as CLUSTERSxTAKE."""
    import sampling

    read = re.fullmatch(r"(?:([^=]+)=)?([0-9]{1,18})\s*[xX×*]\s*([0-9]{1,18})", text.strip())
    if read is None:
        raise UsageRefused(
            en=f"--compare expects CLUSTERSxTAKE, such as 10x5, or GROUP=CLUSTERSxTAKE, got “{text}”; correct it.",
            zh=f"--compare 应为“群数x每群个数”，如 10x5，或“组=群数x每群个数”，实为“{text}”；请改正。",
        )
    group, clusters, take = read.groups()
    changed = sampling.with_clusters(first, int(clusters), int(take), group=group)
    code, drawn = changed.name.rsplit(" ", 1)
    return changed._replace(name=f"{_labels(design)[code]} {drawn}")


def _labels(design: Design) -> dict[str, str]:
    """Group → its name in the language of the command line."""
    return {group.group: say(group.label.en, group.label.zh) for group in design.groups} | {
        "appraisal": say("Public appraisal score", "公众评议总分")
    }


def _check_suffixes(out: tuple[Path, ...]) -> None:
    """Refuse a file of another kind before anything is worked out."""
    for path in out:
        if path.suffix.lower() not in {".csv", ".svg"}:
            raise UsageRefused(
                en=f"--out writes a .csv or an .svg, got “{path}”; name the file so.",
                zh=f"--out 只写 .csv 或 .svg 文件，实为“{path}”；请改文件名。",
            )


def _write(path: Path, comparison: Comparison, plans: list[DesignPlan], design: Design, confidence: str) -> None:
    """The table, or the chart: designs side by side where there are several, else error against sample size."""
    import sampling

    lang, labels = "zh" if speaks_chinese() else "en", _labels(design)
    if path.suffix.lower() == ".csv":
        text = "\ufeff" + comparison.csv()
    elif len(plans) > 1:
        text = sampling.comparison_chart(comparison, lang=lang, labels=labels)
    else:
        group = max(plans[0].groups, key=lambda group: (group.take > 1, group.n))
        text = sampling.size_chart(group, confidence=confidence, lang=lang, label=labels[group.group])
    path.write_text(text, encoding="utf-8", newline="\n")
