"""
The fictional demo county: its places, its frame with the usual defects, and simulated answers.

places    the county, its townships, villages and communities
names     word lists for people, streets and enterprises
frame     the frame's rows, and a small one with the hard faults
answers   answers of simulated people to a drawn sample

Everything comes from fixed seeds. The county's code, 359900, belongs to no real place, and its structure alone is taken from a real county.
"""

from survey_app.demo.answers import SimulatedAnswer, simulate_answers
from survey_app.demo.faulty import build_faulty_rows
from survey_app.demo.frame import HEADER, build_frame, write_frame_csv
from survey_app.demo.places import DemoCounty, DemoPsu, DemoTownship, build_county

__all__ = [
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
]
