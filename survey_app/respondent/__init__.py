"""
The respondent's pages: no JavaScript, no cookies, no session; the token in the path is the permission.

views  the questionnaire of a card
codes  the front page, where the code of a card can be typed
"""

from survey_app.respondent import codes
from survey_app.respondent.views import blueprint

__all__ = ["blueprint", "codes"]
