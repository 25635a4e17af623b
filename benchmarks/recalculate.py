"""
The workbook worked out by another program: LibreOffice computes every formula of ``scores.xlsx``, and its figures are held against ours.

    python -m benchmarks.recalculate [RESPONSES_FOLDER]

Without a folder: simulated answers to a sample of the demo county. The figures that stand beside the formulas are taken out first, so that
nothing but LibreOffice can have made what is compared. Ends with status 1 where a figure differs by more than 1e-9, and with 2 where
LibreOffice is not installed.
"""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from python_calamine import CalamineWorkbook

from analysis import ExportSource, read_responses, score, score_files
from benchmarks.material import demo_frame, demo_responses
from sampling import draw, load_design, read_frame

WITHIN = 1e-9
SECONDS = 300
_FORMULA_CELL = re.compile(r"(<f>.*?</f>)<v>[^<]*</v>", re.DOTALL)


def main() -> int:
    """Compare every number of every sheet; return the exit status."""
    program = shutil.which("soffice") or shutil.which("libreoffice")
    if program is None:
        print("LibreOffice is not installed: nothing was compared", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as work:
        folder = Path(sys.argv[1]) if len(sys.argv) > 1 else _demo(Path(work))
        responses = read_responses(folder)
        ours = score_files(ExportSource(score(responses), responses), ["xlsx"])["scores.xlsx"]
        bare, formulas = without_figures(ours)
        theirs = recalculated(program, bare, Path(work))
    numbers, largest, where = compare(ours, theirs)
    print(f"{formulas} formulas worked out by LibreOffice; {numbers} numbers compared")
    print(f"largest difference: {largest:.2g}" + (f", {where}" if largest else ""))
    if not formulas or largest > WITHIN:
        print(f"expected formulas, and no difference above {WITHIN:g}", file=sys.stderr)
        return 1
    return 0


def _demo(work: Path) -> Path:
    """A responses folder of the demo county."""
    design = load_design("county-110")
    return demo_responses(work / "responses", draw(read_frame(demo_frame(work), design=design), design, seed="demo"))


def without_figures(workbook: bytes) -> tuple[bytes, int]:
    """The workbook without the figures that stand beside its formulas, and how many formulas it has."""
    out, formulas = io.BytesIO(), 0
    with zipfile.ZipFile(io.BytesIO(workbook)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name.startswith("xl/worksheets/sheet"):
                text, number = _FORMULA_CELL.subn(r"\1", content.decode("utf-8"))
                content, formulas = text.encode("utf-8"), formulas + number
            new.writestr(name, content)
    return out.getvalue(), formulas


def recalculated(program: str, workbook: bytes, work: Path) -> bytes:
    """The workbook as LibreOffice saves it."""
    (work / "bare.xlsx").write_bytes(workbook)
    subprocess.run(
        [
            program, f"-env:UserInstallation={(work / 'profile').as_uri()}", "--headless", "--convert-to", "xlsx:Calc MS Excel 2007 XML",
            "--outdir", str(work / "out"), str(work / "bare.xlsx"),
        ],
        check=True, capture_output=True, timeout=SECONDS,
    )  # fmt: skip
    return (work / "out" / "bare.xlsx").read_bytes()


def compare(ours: bytes, theirs: bytes) -> tuple[int, float, str]:
    """How many numbers there are, their largest difference, and where it is; anything else must be equal."""
    one, other = (CalamineWorkbook.from_filelike(io.BytesIO(each)) for each in (ours, theirs))
    if one.sheet_names != other.sheet_names:
        raise SystemExit(f"expected the sheets {one.sheet_names}, found {other.sheet_names}")
    numbers, largest, where = 0, 0.0, ""
    for sheet in one.sheet_names:
        pairs = zip(one.get_sheet_by_name(sheet).to_python(), other.get_sheet_by_name(sheet).to_python(), strict=True)
        for row, (left, right) in enumerate(pairs, start=1):
            for column, (mine, its) in enumerate(zip(left, right, strict=True), start=1):
                if isinstance(mine, float) and isinstance(its, float):
                    numbers += 1
                    if abs(mine - its) > largest:
                        largest, where = abs(mine - its), f"sheet {sheet}, row {row}, column {column}"
                elif mine != its:
                    raise SystemExit(f"sheet {sheet}, row {row}, column {column}: expected {mine!r}, found {its!r}")
    return numbers, largest, where


if __name__ == "__main__":
    sys.exit(main())
