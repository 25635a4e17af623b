"""Forms of the pages about people."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import SelectMultipleField, StringField, SubmitField, TextAreaField
from wtforms.validators import InputRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget


class ChoicesField(SelectMultipleField):  # type: ignore[misc]
    """Several of a few, each with a box to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class InviteForm(FlaskForm):  # type: ignore[misc]
    """Whom to invite, and as what."""

    display_name = StringField(
        _("姓名"),
        description=_("页面和工作记录上的名字"),
        validators=[InputRequired(_("请填写姓名")), Length(max=40)],
    )
    roles = ChoicesField(_("角色"), description=_("一人一种角色；只有调查队和督导员可以兼任"))
    submit = SubmitField(_("生成邀请链接"))


class LinkForm(FlaskForm):  # type: ignore[misc]
    """One button that makes a link."""

    submit = SubmitField(_("生成链接"))


class CloseAccountForm(FlaskForm):  # type: ignore[misc]
    """Why an account is closed."""

    reason = TextAreaField(
        _("理由"),
        description=_("理由连同您的姓名记入工作记录"),
        validators=[InputRequired(_("请说明停用的理由")), Length(max=500)],
    )
    submit = SubmitField(_("停用账号"))


class RevokeForm(FlaskForm):  # type: ignore[misc]
    """Why a phone is revoked."""

    reason = TextAreaField(
        _("理由"),
        description=_("如：手机遗失；理由连同您的姓名记入工作记录"),
        validators=[InputRequired(_("请说明注销手机的理由")), Length(max=500)],
    )
    submit = SubmitField(_("注销手机"))
