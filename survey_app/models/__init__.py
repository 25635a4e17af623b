"""
The tables, and nothing but tables.

counties   county, township, year, last year's ranks
people     people, roles, single-use sign-in links
rounds     rounds and their frozen questionnaires
frames     sealed frame, its PSUs, contact data
samples    draws, sample units, cards, who has answered, assignments
ballots    sealed ballots; responses and comments once opened
record     the hash-chained record
jobs       background jobs
"""

from survey_app.models.ballots import Ballot, Comment, Response
from survey_app.models.base import Base
from survey_app.models.counties import County, LastRank, Township, Year
from survey_app.models.frames import Contact, FramePsu, SealedFrame
from survey_app.models.jobs import Job
from survey_app.models.people import Person, PersonRole, SignInLink
from survey_app.models.record import RecordEntry
from survey_app.models.rounds import Round, RoundQuestionnaire
from survey_app.models.samples import AnsweredUnit, Assignment, Card, SampleUnit, StoredDraw

__all__ = [
    "AnsweredUnit",
    "Assignment",
    "Ballot",
    "Base",
    "Card",
    "Comment",
    "Contact",
    "County",
    "FramePsu",
    "Job",
    "LastRank",
    "Person",
    "PersonRole",
    "RecordEntry",
    "Response",
    "Round",
    "RoundQuestionnaire",
    "SampleUnit",
    "SealedFrame",
    "SignInLink",
    "StoredDraw",
    "Township",
    "Year",
]
