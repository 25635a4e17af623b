"""Forms of signing in."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField, SubmitField
from wtforms.validators import InputRequired, Length


class SignInForm(FlaskForm):  # type: ignore[misc]
    """Name and password."""

    name = StringField(_("用户名"), validators=[InputRequired(_("请输入用户名")), Length(max=100)])
    password = PasswordField(_("密码"), validators=[InputRequired(_("请输入密码")), Length(max=200)])
    submit = SubmitField(_("登录"))


class EnterForm(FlaskForm):  # type: ignore[misc]
    """One button: a link is used up only when it is pressed, never by a preview of the page."""

    submit = SubmitField(_("进入"))
