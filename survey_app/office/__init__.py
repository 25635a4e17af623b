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
desk      the supervisor's start page            desk_parts  what its pages share
assigning who visits which village             progress  numbers and chart of the fieldwork
releases  requests for reserves                callbacks completed units asked again
signals   pace of sending, by investigator     people    accounts and phones
findings  what people said, how sure ranks are, quality of the fieldwork
slips     paper slips, entered twice
online    the online appraisal, apart from the sample
record    the hash-chained record
"""

from flask import Blueprint

blueprint = Blueprint("office", __name__, url_prefix="/office")

from survey_app.office import (  # noqa: E402
    assigning,
    callbacks,
    cards,
    comments,
    desk,
    drawing,
    field,
    findings,
    framing,
    jobs,
    keys,
    online,
    people,
    progress,
    record,
    releases,
    results,
    rounds,
    signals,
    slips,
)

__all__ = [
    "assigning",
    "blueprint",
    "callbacks",
    "cards",
    "comments",
    "desk",
    "drawing",
    "field",
    "findings",
    "framing",
    "jobs",
    "keys",
    "online",
    "people",
    "progress",
    "record",
    "releases",
    "results",
    "rounds",
    "signals",
    "slips",
]
