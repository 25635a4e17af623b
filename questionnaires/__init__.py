"""
The questionnaires of the public appraisal: data files, and their strict reader.

errors       QuestionnaireError, in both languages
model        Questionnaire and its parts, as frozen values
reading      take values out of a parsed file and name the place of each fault
loader       load_questionnaires, online_questionnaire, load_questionnaire, parse_questionnaire
definitions/ one file a group of the sample; a new group's questionnaire is a new file here; open/ that of the online appraisal

Pure: no web, no database, nothing of the other packages.
"""

from questionnaires.errors import QuestionnaireError
from questionnaires.loader import load_questionnaire, load_questionnaires, online_questionnaire, parse_questionnaire
from questionnaires.model import Comment, Dimension, FormMarks, Item, Questionnaire, ScaleOption, Text

__all__ = [
    "Comment",
    "Dimension",
    "FormMarks",
    "Item",
    "Questionnaire",
    "QuestionnaireError",
    "ScaleOption",
    "Text",
    "load_questionnaire",
    "load_questionnaires",
    "online_questionnaire",
    "parse_questionnaire",
]
