"""
The respondent's pages: no cookies, no session, nothing that needs a script; the token in the path is the permission.

views      the questionnaire of a card
straight   the same without Flask, where its page is kept already
codes      the front page, where the code of a card can be typed
notices    what a card that cannot be answered is told, and whom to call
anonymity  what becomes of an answer
online     the online appraisal, open to everyone
"""

from survey_app.respondent import anonymity, codes, online
from survey_app.respondent.straight import StraightAway
from survey_app.respondent.views import blueprint

__all__ = ["StraightAway", "anonymity", "blueprint", "codes", "online"]
