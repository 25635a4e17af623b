"""
Bad frames and designs through every door: DataFrame, CSV, XLSX and the command line.

Each case is refused by a sentence in both languages that names the place, by status 1 or 2 on the command line, without
a traceback, and nothing is written. What single cells and keys can be wrong about stands in ``test_frame_faults.py``,
``test_design_files.py`` and ``test_design_options.py``.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest
import yaml
from click.testing import CliRunner, Result
from sampling_factory import SMALL_TOWNSHIP, csv_of, one_stage_rows, rural_rows

from sampling import Design, SamplingError, draw, read_frame
from survey_app.cli import main

Rows = list[dict[str, Any]]
Door = Callable[[Rows], pd.DataFrame | bytes]
LABEL = {"zh": "类别", "en": "Group"}


def design_of(*groups: dict[str, Any]) -> dict[str, Any]:
    return {"name": "own", "title": LABEL, "description": LABEL, "groups": list(groups)}


def delegates(n: int = 4, **more: Any) -> dict[str, Any]:
    stages = [{"stage": "unit", "method": "equal_interval", "n": n}]
    return {"group": "delegates", "label": LABEL, "stages": stages, "reserves": 1, "too_short": "refuse", **more}


def rural(hits: int = 2, take: int = 5, method: str = "pps_equal_interval", **more: Any) -> dict[str, Any]:
    stages = [{"stage": "psu", "method": method, "n": hits}, {"stage": "unit", "method": "equal_interval", "n": take}]
    return {"group": "rural", "label": {"zh": "农村", "en": "Rural"}, "stages": stages, "too_short": "refuse", **more}


def psu_rows(*sizes: Any) -> Rows:
    """A village row for each size, the first seven villages of the township."""
    found = {row["psu_code"]: row for row in rural_rows(SMALL_TOWNSHIP)}
    return [{**row, "unit_code": "", "unit": "", "size": s} for row, s in zip(found.values(), sizes, strict=False)]


def few(households: int, villages: int = 7) -> Rows:
    """The first households of the first villages."""
    codes = sorted({row["psu_code"] for row in rural_rows(SMALL_TOWNSHIP)})[:villages]
    return [
        row
        for row in rural_rows(SMALL_TOWNSHIP)
        if row["psu_code"] in codes and int(row["unit_code"][-3:]) <= households
    ]


def csv_door(rows: Rows) -> bytes:
    return csv_of([{key: str(cell) for key, cell in row.items()} for row in rows])


def xlsx_door(rows: Rows) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    columns = list(rows[0]) if rows else []
    sheet.append(columns)
    for row in rows:
        sheet.append([str(row[c]) if row[c] != row[c] or row[c] in (np.inf, 10**400) else row[c] for c in columns])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


DOORS: dict[str, Door] = {"table": pd.DataFrame, "csv": csv_door, "xlsx": xlsx_door}


def said(rows: Rows, values: dict[str, Any], door: Door) -> SamplingError:
    """What reading and drawing are refused with."""
    design = Design.from_json(values)
    with pytest.raises(SamplingError) as caught:
        draw(read_frame(door(rows), design=design), design, "1")
    return caught.value


def sentences(error: SamplingError) -> Iterator[tuple[str, str]]:
    yield error.en, error.zh
    yield from ((fault.en, fault.zh) for fault in getattr(error, "faults", ()))


def is_chinese(text: str) -> bool:
    return any("\u4e00" <= character <= "\u9fff" for character in text)


class Shell:
    """The command line in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, rows: Rows, values: Any, door: str = "csv") -> tuple[Path, Path]:
        frame, design = self.folder / f"frame.{door}", self.folder / "own.yaml"
        content = DOORS[door](rows)
        assert isinstance(content, bytes)
        frame.write_bytes(content)
        text = values if isinstance(values, str) else yaml.safe_dump(values, allow_unicode=True)
        design.write_text(text, encoding="utf-8")
        return frame, design

    def run(self, *arguments: object, language: str = "en") -> Result:
        before = sorted(self.folder.rglob("*"))
        result = CliRunner().invoke(main, [str(a) for a in arguments], env={"PINGYI_LANG": language})
        assert result.exception is None or isinstance(result.exception, SystemExit), repr(result.exception)
        assert "Traceback" not in result.output
        assert sorted(self.folder.rglob("*")) == before
        return result

    def draw(self, frame: Path, design: Path, language: str = "en") -> Result:
        out = self.folder / "draw"
        return self.run("draw", frame, "--design", design, "--seed", "1", "--out", out, language=language)


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """Take the place of the shell of the web tests, which needs a database."""
    return Shell(tmp_path)


SIZES: dict[str, tuple[Any, str]] = {
    "NaN": (float("nan"), ""),
    "negative": (-3, "whole number"),
    "fractional": (2.5, "whole number"),
    "a tenth above a whole number": (40.1, "whole number"),
    "beyond a thousand million": (10**9 + 1, "whole number"),
    "beyond 64 bits": (2**63, "whole number"),
    "beyond doubles": (10**400, "whole number"),
    "infinite": (float("inf"), "whole number"),
    "a word": ("fifty", "whole number"),
    "a Chinese number": ("三百", "whole number"),
    "with a thousands' comma": ("1,200", "whole number"),
    "of five thousand digits": ("9" * 5000, "whole number"),
    "a truth value": (True, "whole number"),
    "a superscript": ("3²", "whole number"),
}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("door", DOORS)
def test_a_size_that_is_no_whole_number_is_named_by_row(size: str, door: str) -> None:
    value, words = SIZES[size]
    error = said(psu_rows(40, value, 40), design_of(rural()), DOORS[door])
    assert "Row 3" in error.en
    assert "第 3 行" in error.zh
    assert words in error.en
    assert all(is_chinese(zh) and en for en, zh in sentences(error))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("door", ["csv", "xlsx"])
def test_the_command_line_names_such_a_size_too_and_writes_nothing(size: str, door: str, shell: Shell) -> None:
    frame, design = shell.put(psu_rows(40, SIZES[size][0], 40), design_of(rural()), door)
    drawn, checked = shell.draw(frame, design), shell.run("design", "check", design, "--frame", frame)
    assert (drawn.exit_code, checked.exit_code) == (1, 1)
    assert "Row 3" in drawn.stderr
    assert "Row 3" in checked.stderr


KINDS = [{**row, "subgroup": "ab"[k % 2]} for k, row in enumerate(one_stage_rows("delegates", 8))]
GIVEN = {"by": "subgroup", "allocation": "given", "n": {"a": 2, "b": 1, "c": 1}}
TOO_MANY = {"by": "subgroup", "allocation": "equal", "minimum": 3}
CANNOT_BE_DRAWN: dict[str, tuple[Rows, dict[str, Any], str, str]] = {
    "more units than the list has": (one_stage_rows("delegates", 3), delegates(), "wants 4, the list has 3", "3 个"),
    "as much as all villages have": (few(2), rural(2, 5), "wants 5, the list has 2", "2 个"),
    "a village smaller than its hits ask": (few(6, 1), rural(2, 5), "wants 10, the list has 6", "6 个"),
    "only sizes of 0": (psu_rows(0, 0, 0), rural(), "wants 2, the list has 0", "0 个"),
    "fewer villages than are drawn once": (few(9, 2), rural(3, 1, "equal_interval"), "wants 3, the list has 2", "2 个"),
    "fewer villages with a size than certainty takes": (
        psu_rows(9, 0, 0),
        rural(2, 1, "pps_sampford"),
        "wants 2, the list has 1",
        "1 个",
    ),
    "a stratum that a township has not": (KINDS, delegates(strata=GIVEN), "wants 1, the list has 0", "0 个"),
    "an empty cell for a stratum": (
        [{**KINDS[0], "subgroup": ""}, *KINDS[1:]],
        delegates(strata={"by": "subgroup", "allocation": "equal"}),
        "give every row a stratum",
        "请为每一行填写",
    ),
    "minima above the sample": (KINDS, delegates(strata=TOO_MANY), "delegates: ", "delegates"),
}


@pytest.mark.parametrize("case", CANNOT_BE_DRAWN)
@pytest.mark.parametrize("door", DOORS)
def test_what_cannot_be_drawn_is_refused_with_its_place(case: str, door: str) -> None:
    rows, group, en, zh = CANNOT_BE_DRAWN[case]
    error = said(rows, design_of(group), DOORS[door])
    assert SMALL_TOWNSHIP in error.en
    assert en in error.en
    assert is_chinese(error.zh)
    assert zh in error.zh or SMALL_TOWNSHIP in error.zh


@pytest.mark.parametrize("case", CANNOT_BE_DRAWN)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_command_line_refuses_to_draw_it_and_the_check_names_it(case: str, language: str, shell: Shell) -> None:
    rows, group, _, _ = CANNOT_BE_DRAWN[case]
    frame, design = shell.put(rows, design_of(group))
    drawn = shell.draw(frame, design, language)
    assert drawn.exit_code == 1
    assert SMALL_TOWNSHIP in drawn.stderr
    checked = shell.run("design", "check", design, "--frame", frame, language=language)
    assert checked.exit_code == 1
    assert SMALL_TOWNSHIP in checked.output
    assert is_chinese(drawn.stderr) == is_chinese(checked.output) == (language == "zh")


@pytest.mark.parametrize("case", [name for name, (_, _, en, _) in CANNOT_BE_DRAWN.items() if "the list has" in en])
def test_the_same_is_drawn_with_its_shortfall_named_where_the_design_takes_all(case: str, shell: Shell) -> None:
    rows, group, _, _ = CANNOT_BE_DRAWN[case]
    frame, design = shell.put(rows, design_of({**group, "too_short": "take_all"}))
    checked = shell.run("design", "check", design, "--frame", frame)
    assert (checked.exit_code, "to know: " in checked.output) == (0, True)
    own = Design.from_json(yaml.safe_load(design.read_text(encoding="utf-8")))
    result = draw(read_frame(frame, design=own), own, "1")
    assert any(s["take"] == "main" and s["taken"] < s["wanted"] for s in result.shortfalls)


def twice(rows: Rows, **cells: Any) -> Rows:
    return [*rows, {**rows[0], **cells}]


CONTRADICTIONS: dict[str, tuple[Rows, dict[str, Any], str]] = {
    "a unit code twice": (twice(one_stage_rows("delegates", 8)), delegates(), "row 2"),
    "a unit code twice, once in full width": (
        twice(one_stage_rows("delegates", 8), unit_code="０００１"),
        delegates(),
        "row 2",
    ),
    "a village row twice": (twice(psu_rows(9, 8, 7)), rural(), "350722204201"),
    "two names for one village": (twice(few(9), unit_code="x", psu="别村"), rural(), "别村"),
    "two names for one township": (
        twice(one_stage_rows("delegates", 8), unit_code="x", township="别乡"),
        delegates(),
        "别乡",
    ),
    "one village in two townships": (
        twice(few(9), unit_code="x", township_code="350722203000", township="枫溪乡"),
        rural(),
        "350722204201",
    ),
}


@pytest.mark.parametrize("case", CONTRADICTIONS)
@pytest.mark.parametrize("door", DOORS)
def test_a_contradiction_names_both_sides(case: str, door: str) -> None:
    rows, group, words = CONTRADICTIONS[case]
    error = said(rows, design_of(group), DOORS[door])
    assert f"Row {len(rows) + 1}" in error.en
    assert words in error.en
    assert f"第 {len(rows) + 1} 行" in error.zh


@pytest.mark.parametrize("case", CONTRADICTIONS)
def test_the_command_line_names_a_contradiction_too(case: str, shell: Shell) -> None:
    rows, group, words = CONTRADICTIONS[case]
    drawn = shell.draw(*shell.put(rows, design_of(group), "xlsx"))
    assert (drawn.exit_code, words in drawn.stderr) == (1, True)


def staged(*names: str) -> dict[str, Any]:
    return design_of(delegates(stages=[{"stage": name, "method": "simple_random", "n": 1} for name in names]))


def without(key: str) -> dict[str, Any]:
    return design_of({k: v for k, v in delegates().items() if k != key})


ONE_OF_THREE = "[unit], [psu, unit] or [psu, ssu, unit]"
NESTED = "a: &a\n  b: *a\n"
BAD_DESIGNS: dict[str, tuple[Any, str]] = {
    "no stages": (without("stages"), "'stages', which is missing"),
    "an empty list of stages": (staged(), "at least one"),
    "clusters only": (staged("psu"), ONE_OF_THREE),
    "the second stage without the first": (staged("ssu", "unit"), ONE_OF_THREE),
    "units before their villages": (staged("unit", "psu"), ONE_OF_THREE),
    "villages within villages": (staged("psu", "psu", "unit"), ONE_OF_THREE),
    "a stage within itself": (staged("psu", "ssu", "psu", "unit"), ONE_OF_THREE),
    "an unknown stage": (staged("village", "unit"), "nearest"),
    "a mapping that holds itself": (NESTED, "own.yaml"),
    "an unknown key": (design_of(delegates(reservs=2)), "nearest: reserves"),
    "an unknown key in a stage": (
        design_of(delegates(stages=[{"stage": "unit", "metod": "circular", "n": 1}])),
        "nearest: method",
    ),
    "an unknown key at the top": ({**design_of(delegates()), "gruops": []}, "nearest: groups"),
    "NaN for a number": (design_of(delegates(n=float("nan"))), "whole number"),
    "infinity for a number": (design_of(delegates(n=float("inf"))), "whole number"),
    "a fraction for a number": (design_of(delegates(n=2.5)), "whole number"),
    "a date for a number": ("name: 2026-01-01\n", "own.yaml"),
    "a rate of a thousand digits": (
        design_of(delegates(stages=[{"stage": "unit", "method": "circular", "rate": "1/" + "9" * 5000}])),
        "a share above 0",
    ),
    "a rate in other digits": (
        design_of(delegates(stages=[{"stage": "unit", "method": "circular", "rate": "1/²"}])),
        "a share above 0",
    ),
    "a whole number of five thousand digits": ("name: " + "9" * 5000, "own.yaml"),
    "a hexadecimal number of five thousand digits": ("name: 0x" + "f" * 5000, "too many digits"),
    "such a number as a key": ("? 0x" + "f" * 5000 + "\n: 1\n", "too many digits"),
    "such a number as a stratum": (
        yaml.safe_dump(
            design_of(delegates(strata={"by": "subgroup", "allocation": "equal", "minimum": {"KEY": 1}}))
        ).replace("KEY: 1", "? 0x" + "f" * 5000 + "\n      : 1"),
        "too many digits",
    ),
    "such a number as a rate": (
        yaml.safe_dump(design_of(delegates(stages=[{"stage": "unit", "method": "circular", "rate": "RATE"}]))).replace(
            "RATE", "0x" + "f" * 5000
        ),
        "a share above 0",
    ),
    "a tag of another language": ("!!python/object/apply:os.system ['true']", "own.yaml"),
    "nothing": ("", "the whole file"),
}


@pytest.mark.parametrize("case", BAD_DESIGNS)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_bad_design_is_refused_by_place_before_anything_is_read(case: str, language: str, shell: Shell) -> None:
    values, words = BAD_DESIGNS[case]
    frame, design = shell.put(one_stage_rows("delegates", 8), values)
    drawn, checked = shell.draw(frame, design, language), shell.run("design", "check", design, language=language)
    assert drawn.exit_code == checked.exit_code == 1
    assert drawn.stderr == checked.stderr
    faults = drawn.stderr.splitlines()
    assert faults
    assert all(line.startswith("own.yaml") and "{" not in line for line in faults)
    assert all(("请" in line) == (language == "zh") for line in faults)
    assert language == "zh" or words in drawn.stderr


@pytest.mark.parametrize("door", DOORS)
def test_ten_thousand_faults_are_counted_and_a_hundred_told_at_every_door(door: str, shell: Shell) -> None:
    rows = [{**row, "order": "x"} for row in one_stage_rows("delegates", 10_000)]
    error = said(rows, design_of(delegates()), DOORS[door])
    assert (len(list(sentences(error))) - 1, getattr(error, "more", 0)) == (100, 9_900)
    if door != "table":
        drawn = shell.draw(*shell.put(rows, design_of(delegates()), door))
        lines = drawn.stderr.splitlines()
        assert (drawn.exit_code, len(lines), lines[-1]) == (1, 101, "… and 9900 more")


@pytest.mark.parametrize("seed", ["", "a|b", "a\nb", "\ud800"])
def test_a_seed_that_cannot_stand_in_a_label_is_bad_usage(seed: str, shell: Shell) -> None:
    frame, design = shell.put(one_stage_rows("delegates", 8), design_of(delegates()))
    out = shell.folder / "draw"
    assert shell.run("draw", frame, "--design", design, "--seed", seed, "--out", out).exit_code == 2


@pytest.mark.parametrize("content", [b"", b"\x00" * 64, b"PK\x03\x04 no workbook", b"%PDF-1.7", "，，，\n".encode()])
def test_a_file_that_is_no_list_is_refused(content: bytes, shell: Shell) -> None:
    _, design = shell.put([], design_of(delegates()))
    frame = shell.folder / "list.xlsx"
    frame.write_bytes(content)
    drawn = shell.draw(frame, design, "zh")
    assert (drawn.exit_code, is_chinese(drawn.stderr)) == (1, True)
