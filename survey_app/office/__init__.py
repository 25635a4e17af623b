"""
The survey team's pages.

rounds    list, make, where a round stands
framing   upload, dry run, sealing
drawing   seed, sample, proof
field     sample by township, cards, progress, closing
results   scores and downloads
record    the hash-chained record
"""

from flask import Blueprint

blueprint = Blueprint("office", __name__, url_prefix="/office")

from survey_app.office import drawing, field, framing, jobs, record, results, rounds  # noqa: E402

__all__ = ["blueprint", "drawing", "field", "framing", "jobs", "record", "results", "rounds"]
