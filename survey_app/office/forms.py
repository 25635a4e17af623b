"""Forms of the survey team's pages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import (
    BooleanField,
    DateField,
    Field,
    HiddenField,
    IntegerField,
    SelectField,
    StringField,
    SubmitField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, NumberRange, ValidationError

from sampling import SamplingError
from survey_app.errors import AppError


class ListedField(SelectField):  # type: ignore[misc]
    """One of the designs listed, whatever was sent."""

    def pre_validate(self, form: FlaskForm) -> None:
        """Refuse a name that the page does not offer; it could be a file's."""
        if self.data not in {value for value, _label in self.choices}:
            raise ValidationError(_("请从列表中选择抽样设计"))


class RoundForm(FlaskForm):  # type: ignore[misc]
    """A new round."""

    year = IntegerField(_("年度"), validators=[InputRequired(_("请输入年度")), NumberRange(2000, 2100)])
    wave = IntegerField(_("第几轮"), validators=[InputRequired(_("请输入轮次")), NumberRange(1, 9)])
    name = StringField(_("名称"), validators=[InputRequired(_("请输入名称")), Length(max=80)])
    design = ListedField(_("抽样设计"))
    submit = SubmitField(_("建立评议轮次"))


class FrameForm(FlaskForm):  # type: ignore[misc]
    """A frame's file."""

    file = FileField(_("抽样框文件（XLSX 或 CSV）"), validators=[FileRequired(_("请选择文件"))])
    submit = SubmitField(_("检查抽样框"))


class SealForm(FlaskForm):  # type: ignore[misc]
    """The confirmation that seals the frame."""

    submit = SubmitField(_("封存抽样框"))


def without_blank_ends(_form: FlaskForm, field: Field) -> None:
    """Refuse blanks at the ends, which count in a seed but are seldom meant, rather than take them off unasked."""
    if field.data != field.data.strip():
        raise ValidationError(_("随机种子首尾有空格；空格也算种子的一部分，请去掉"))


class DrawForm(FlaskForm):  # type: ignore[misc]
    """The seed of a draw."""

    seed = StringField(
        _("随机种子"),
        description=_("最好用此刻还无人知道的公开数字，如封存之后开奖的彩票号码"),
        validators=[InputRequired(_("请输入随机种子")), Length(max=200), without_blank_ends],
    )
    submit = SubmitField(_("抽取样本"))


class RedrawForm(DrawForm):
    """The seed and the reason of a redraw."""

    reason = TextAreaField(_("重新抽样的理由"), validators=[InputRequired(_("请说明理由")), Length(max=500)])
    submit = SubmitField(_("重新抽取样本"))


class OpenForm(FlaskForm):  # type: ignore[misc]
    """The start of the fieldwork."""

    submit = SubmitField(_("开始调查"))


class CardsForm(FlaskForm):  # type: ignore[misc]
    """What the cards say of time and help, and how they are sorted."""

    answer_by = DateField(
        _("截止日期"),
        description=_("印在卡上；到期后仍可作答，直到关闭本轮"),
        validators=[InputRequired(_("请填写截止日期"))],
    )
    contact = StringField(
        _("联系方式"),
        description=_("被调查人有疑问时找谁，如“县调查队 0599-1234567”"),
        validators=[InputRequired(_("请填写联系方式")), Length(max=80)],
    )
    township_code = SelectField(_("范围"))
    by = SelectField(_("分册"))
    submit = SubmitField(_("生成答卷卡"))


class TakeForm(FlaskForm):  # type: ignore[misc]
    """The download of what was made, which removes it from the server."""

    submit = SubmitField(_("下载"))


class ExportsForm(FlaskForm):  # type: ignore[misc]
    """The making of every format, which takes a while."""

    submit = SubmitField(_("生成全部格式（SPSS、Stata、Parquet、R、DDI 和答卷）"))


class ReissueForm(FlaskForm):  # type: ignore[misc]
    """The reason why a card is replaced."""

    reason = TextAreaField(
        _("补发的理由"),
        description=_("如：卡片遗失；理由连同您的姓名记入工作记录"),
        validators=[InputRequired(_("请说明补发的理由")), Length(max=500)],
    )
    submit = SubmitField(_("作废旧卡并补发"))


class SlipCodeForm(FlaskForm):  # type: ignore[misc]
    """The code that stands on a paper slip."""

    code = StringField(
        _("纸卷上的代码"),
        description=_("四位一组，共 13 个字符"),
        validators=[InputRequired(_("请输入代码")), Length(max=80)],
    )
    submit = SubmitField(_("录入此份"))


class SlipForm(FlaskForm):  # type: ignore[misc]
    """One entry of a slip; the second also asks for the code written on the paper after the first."""

    code = HiddenField(validators=[InputRequired(), Length(max=80)])
    slip_code = StringField(_("第一次录入后写在纸上的代码"), validators=[Length(max=40)])
    digits = StringField(
        _("答案"),
        description=_("每题一个数字，依次录入，可用空格分开：1 满意，2 基本满意，3 不满意，4 不了解，0 未答"),
        validators=[InputRequired(_("请录入答案")), Length(max=200)],
    )
    comment = TextAreaField(_("留言（照原文录入，没有则留空）"), validators=[Length(max=2000)])
    wrong_first = BooleanField(_("已与纸卷核对，第一次录入有误：以此次录入代替，由另一人再录一遍"))
    submit = SubmitField(_("保存录入"))


class DiscardSlipForm(FlaskForm):  # type: ignore[misc]
    """Why a first entry is thrown away."""

    code = HiddenField(validators=[InputRequired(), Length(max=80)])
    reason = TextAreaField(
        _("作废第一次录入的理由"),
        description=_("如：写在纸上的代码看不清；理由连同您的姓名记入工作记录"),
        validators=[InputRequired(_("请说明理由")), Length(max=500)],
    )
    submit = SubmitField(_("作废第一次录入"))


class OnlineForm(FlaskForm):  # type: ignore[misc]
    """The opening of the online appraisal."""

    submit = SubmitField(_("开放网上评议"))


class CloseForm(FlaskForm):  # type: ignore[misc]
    """The closing, which cannot be undone."""

    confirm = BooleanField(_("我知道关闭后不能再收答卷，也不能恢复"), validators=[InputRequired(_("请先勾选确认"))])
    submit = SubmitField(_("关闭本轮并开箱"))


@contextmanager
def refusals_on(field: Field, language: str) -> Iterator[None]:
    """Show what a service refuses beneath the field that was wrong."""
    try:
        yield
    except (AppError, SamplingError) as error:
        field.errors = [*field.errors, error.en if language == "en" else error.zh]
