"""Forms of signing in."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField, SubmitField
from wtforms.validators import EqualTo, InputRequired, Length


class SignInForm(FlaskForm):  # type: ignore[misc]
    """Name and password."""

    name = StringField(_("用户名"), validators=[InputRequired(_("请输入用户名")), Length(max=100)])
    password = PasswordField(_("密码"), validators=[InputRequired(_("请输入密码")), Length(max=200)])
    submit = SubmitField(_("登录"))


class EnterForm(FlaskForm):  # type: ignore[misc]
    """One button: a link is used up only when it is pressed, never by a preview of the page."""

    submit = SubmitField(_("进入"))


class InviteeForm(FlaskForm):  # type: ignore[misc]
    """The name and the password that an invited person chooses."""

    name = StringField(
        _("用户名"),
        description=_("3 至 40 个字符，不含空格"),
        validators=[InputRequired(_("请输入用户名")), Length(max=40)],
    )
    password = PasswordField(
        _("密码"),
        description=_("至少 10 个字符"),
        validators=[InputRequired(_("请输入密码")), Length(min=10, max=200, message=_("密码应为 10 至 200 个字符"))],
    )
    again = PasswordField(
        _("再输一次密码"),
        validators=[InputRequired(_("请再输一次密码")), EqualTo("password", _("两次输入的密码不同"))],
    )
    submit = SubmitField(_("开始使用"))
