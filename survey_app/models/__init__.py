"""
The tables, and nothing but tables.

counties   county, township, year, last year's ranks
people     people, roles, single-use links, phones
rounds     rounds, their frozen questionnaires, the public points of their key
frames     sealed frame, its PSUs, contact data
samples    draws, sample units, cards, who has answered, assignments and those before them
ballots    sealed ballots; responses, comments and receipts once opened
visits     visits, released reserves, call-backs
slips      paper slips between their two entries
online     the online appraisal, apart from the sample
record     the hash-chained record
jobs       background jobs
"""

from survey_app.models.ballots import Ballot, Comment, Receipt, Response
from survey_app.models.base import Base
from survey_app.models.counties import County, LastRank, Township, Year
from survey_app.models.frames import Contact, FramePsu, SealedFrame
from survey_app.models.jobs import Job
from survey_app.models.online import OnlineAppraisal, OnlineBallot, OnlineCode, OnlineResponse
from survey_app.models.people import Device, Person, PersonRole, SignInLink
from survey_app.models.record import RecordEntry
from survey_app.models.rounds import KeyHalf, Round, RoundQuestionnaire
from survey_app.models.samples import AnsweredUnit, Assignment, Card, PastAssignment, SampleUnit, StoredDraw
from survey_app.models.slips import Slip
from survey_app.models.visits import Callback, ReserveRelease, Visit

__all__ = [
    "AnsweredUnit",
    "Assignment",
    "Ballot",
    "Base",
    "Callback",
    "Card",
    "Comment",
    "Contact",
    "County",
    "Device",
    "FramePsu",
    "Job",
    "KeyHalf",
    "LastRank",
    "OnlineAppraisal",
    "OnlineBallot",
    "OnlineCode",
    "OnlineResponse",
    "PastAssignment",
    "Person",
    "PersonRole",
    "Receipt",
    "RecordEntry",
    "ReserveRelease",
    "Response",
    "Round",
    "RoundQuestionnaire",
    "SampleUnit",
    "SealedFrame",
    "SignInLink",
    "Slip",
    "StoredDraw",
    "Township",
    "Visit",
    "Year",
]
