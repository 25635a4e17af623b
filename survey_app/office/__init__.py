"""
The survey team's pages.

rounds    list, make, where a round stands
framing   upload, dry run, sealing
drawing   seed, sample, proof
field     sample by township, a unit's card, progress, closing
cards     print cards, hand a new one out
results   scores, ranks and downloads     drawn  charts and figures that result pages share
findings  what people said, how sure ranks are, quality of the fieldwork
slips     paper slips, entered twice
record    the hash-chained record
"""

from flask import Blueprint

blueprint = Blueprint("office", __name__, url_prefix="/office")

from survey_app.office import cards, drawing, field, findings, framing, jobs, record, results, rounds, slips  # noqa: E402

__all__ = [
    "blueprint",
    "cards",
    "drawing",
    "field",
    "findings",
    "framing",
    "jobs",
    "record",
    "results",
    "rounds",
    "slips",
]
