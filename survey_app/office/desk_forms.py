"""Forms of the supervisor's desk."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import IntegerField, RadioField, SelectField, StringField, SubmitField
from wtforms.validators import InputRequired, Length, NumberRange

from survey_app.office.people_forms import ChoicesField
from survey_app.services.assigning import TRAVEL, TRAVEL_LIMIT


class DecideForm(FlaskForm):  # type: ignore[misc]
    """What the supervisor says to a request."""

    reason = StringField(
        _("意见"),
        description=_("不同意时必填，调查员会看到"),
        validators=[Length(max=200, message=_("意见最多 200 个字，请删减"))],
    )


class RuleForm(FlaskForm):  # type: ignore[misc]
    """Who decides on releases."""

    rule = RadioField(_("备用样本的启用"), validators=[InputRequired()])
    submit = SubmitField(_("保存"))


class BalanceForm(FlaskForm):  # type: ignore[misc]
    """Among whom all places are shared out."""

    # Not marked as required: a browser would then ask that every box be ticked. The service refuses that nobody is chosen.
    people = ChoicesField(_("调查员"), coerce=int)
    travel = IntegerField(
        _("到一处的路程，折合几户"),
        description=_("一处的工作量 = 正式样本户数 + 路程"),
        default=TRAVEL,
        validators=[InputRequired(_("请填写路程")), NumberRange(0, TRAVEL_LIMIT)],
    )
    submit = SubmitField(_("按工作量均分"))


class PlacesForm(FlaskForm):  # type: ignore[misc]
    """Who visits each place; its fields are made by the page, one a place."""

    submit = SubmitField(_("保存分配"))


class BatchForm(FlaskForm):  # type: ignore[misc]
    """One button: the next batch."""

    submit = SubmitField(_("抽取下一批回访"))


class ResultForm(FlaskForm):  # type: ignore[misc]
    """What a call-back came to."""

    result = SelectField(_("回访结果"))
    submit = SubmitField(_("保存"))
