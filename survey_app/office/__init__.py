"""
The survey team's pages.

rounds    list, make, where a round stands
framing   upload, dry run, sealing
drawing   seed, sample, proof
field     sample by township, a unit's card, progress, closing
cards     print cards, hand a new one out
keys      the two halves of the box's key
comments  what people wrote, by township
results   scores, ranks and downloads     drawn  charts and figures that result pages share
findings  what people said, how sure ranks are, quality of the fieldwork
slips     paper slips, entered twice
record    the hash-chained record
"""

from flask import Blueprint

blueprint = Blueprint("office", __name__, url_prefix="/office")

from survey_app.office import (  # noqa: E402
    cards,
    comments,
    drawing,
    field,
    findings,
    framing,
    jobs,
    keys,
    record,
    results,
    rounds,
    slips,
)

__all__ = [
    "blueprint",
    "cards",
    "comments",
    "drawing",
    "field",
    "findings",
    "framing",
    "jobs",
    "keys",
    "record",
    "results",
    "rounds",
    "slips",
]
