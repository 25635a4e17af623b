"""
The fictional demo county: its places, its frame with the usual defects, and simulated answers.

county    the county, its townships, villages and communities
names     word lists for people, villages and enterprises
frame     the frame's rows
faulty    a small frame with the hard faults
files     a frame as CSV or XLSX
answers   answers of simulated people to a drawn sample
chance    the seeded random numbers behind all this

Everything comes from fixed seeds. The county's code, 359900, belongs to no real place, and its structure alone is taken from a real county.
"""

from survey_app.demo.answers import SimulatedAnswer, simulate_answers
from survey_app.demo.county import DEFAULT_SEED, DemoCounty, DemoPsu, DemoTownship, build_county
from survey_app.demo.faulty import build_faulty_rows
from survey_app.demo.files import write_frame_csv, write_frame_xlsx
from survey_app.demo.frame import HEADER, build_frame

__all__ = [
    "DEFAULT_SEED",
    "HEADER",
    "DemoCounty",
    "DemoPsu",
    "DemoTownship",
    "SimulatedAnswer",
    "build_county",
    "build_faulty_rows",
    "build_frame",
    "simulate_answers",
    "write_frame_csv",
    "write_frame_xlsx",
]
