"""
Draw a sample from a plain DataFrame, and check it as a stranger would.

Run it whole (``python docs/examples/draw.py``) or cell by cell in an editor that knows ``# %%``. Villages and
households are made up.
"""

# %% A frame: one row per household, four villages of different size
import tempfile
from pathlib import Path

import pandas as pd

from sampling import FrameError, draw, load_design, read_frame, verify_draw, write_draw

VILLAGES = {"359900201201": ("上屋村", 120), "359900201202": ("下屋村", 45)}
VILLAGES |= {"359900201203": ("桥头村", 210), "359900201204": ("后山村", 66)}
households = pd.DataFrame(
    [
        {
            "township_code": "359900201000",
            "township": "演示乡",
            "group": "rural",
            "psu_code": code,
            "psu": name,
            "unit_code": f"{code[-3:]}-{number:03d}",
            "unit": f"{name}第 {number} 户",
        }
        for code, (name, size) in VILLAGES.items()
        for number in range(1, size + 1)
    ]
)
print(households.groupby("psu").size())

# %% A design: groups, stages and methods as data; `teaching` takes 2 hits of villages × 3 households
design = load_design("teaching")
for group in design.groups:
    print(group.group, [(stage.stage, stage.method, stage.n) for stage in group.stages], "reserves:", group.reserves)

# %% The frame is checked whole; a bad one is refused with every fault by row and column
frame = read_frame(households, design=design)
print("SHA-256 of frame.csv:", frame.sha256)
for warning in frame.warnings:
    print("warning:", warning.en)

spoilt = households.copy()
spoilt.loc[3, "unit_code"] = "201-001"
spoilt.loc[7, "psu_code"] = "下屋村"
try:
    read_frame(spoilt, design=design)
except FrameError as error:
    for fault in error.faults:
        print("refused:", fault.en, "/", fault.zh)

# %% The draw: the seed is best a public number that nobody could know when the frame was sealed
result = draw(frame, design, seed="2026-11-23 lottery 04 11 19 23 31 33")
print(result.psus)
print(result.sample[["unit_code", "role", "sequence", "reserve_for", "pi", "weight"]])

# %% Names and addresses stay in the frame; the sample's index leads to them
print(frame.table.loc[result.sample.index, ["psu", "unit"]].head())

# %% Two villages × three households, each with the same weight: 441 / 6
main = result.sample[result.sample["role"] == "main"]
assert len(main) == 6
assert (main["weight"] == len(households) / 6).all()

# %% Three files, enough for anyone to redo the draw
with tempfile.TemporaryDirectory() as folder:
    written = write_draw(result, Path(folder) / "draw")
    for english, _, value in verify_draw(written).facts:
        print(f"{english}: {value}")
