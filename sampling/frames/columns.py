"""
The columns of a frame: their names in the contract, and what else lists call them.

CANONICAL         the columns that Pingyi knows, in the order of the contract
OFFICIAL          those of ``frame.csv``: no names, no addresses, no phones
canonical(header) the column that a header means, or None
half_width(text)  full-width digits, letters and signs read as half-width ones
"""

from __future__ import annotations

import re
from typing import NamedTuple

OFFICIAL = ("township_code", "group", "psu_code", "ssu_code", "subgroup", "unit_code", "order", "size")
CANONICAL = (
    *("township_code", "township", "group", "unit_code", "unit", "psu_code", "psu", "ssu_code", "ssu"),
    *("subgroup", "phone", "order", "size", "address"),
)
"""``address`` is no column of the contract but known, since it is contact data and must be found to be removed."""

CODES = ("township_code", "group", "unit_code", "psu_code", "ssu_code", "subgroup", "phone", "order", "size")
"""Columns in which full-width characters are read as half-width."""

_ALIASES: dict[str, tuple[str, ...]] = {
    "township_code": (
        *("乡镇代码", "乡镇(街道)代码", "乡镇街道代码", "街道代码", "乡镇编码", "街道编码", "乡镇区划代码"),
        *("统计用区划代码", "区划代码", "乡镇统计用区划代码", "乡级代码", "乡级区划代码"),
    ),
    "township": (
        *("乡镇", "乡镇名称", "乡镇名", "乡镇(街道)", "乡镇(街道)名称", "乡镇街道", "乡镇街道名称"),
        *("街道", "街道名称", "乡级名称", "township_name"),
    ),
    "group": (
        *("群体", "类别", "组别", "调查对象", "调查对象类别", "对象类别", "调查群体", "层", "群体代码", "类别代码"),
    ),
    "unit_code": (
        *("单元代码", "单位代码", "最终单元代码", "户编号", "户号", "户代码", "户编码", "编号", "代码", "编码"),
        *("样本编码", "对象编号", "住户编码", "住户代码", "统一社会信用代码"),
    ),
    "unit": (
        *(
            "名称",
            "单元",
            "单元名称",
            "单位名称",
            "户主",
            "户主姓名",
            "姓名",
            "对象名称",
            "企业名称",
            "联系人",
            "户主或地址",
        ),
    ),
    "psu_code": (
        *(
            "村代码",
            "村(居)委会代码",
            "村居委会代码",
            "村居代码",
            "村(居)代码",
            "村(社区)代码",
            "村社区代码",
            "社区代码",
        ),
        *("居委会代码", "村委会代码", "行政村代码", "村编码", "村级代码", "初级抽样单元代码"),
    ),
    "psu": (
        *("村", "村名", "村名称", "村(居)委会", "村(居)委会名称", "村居委会", "村居", "村(居)", "村居名称", "村(社区)"),
        *("村(社区)名称", "社区", "社区名称", "居委会", "居委会名称", "村委会", "村委会名称", "行政村", "初级抽样单元"),
    ),
    "ssu_code": (
        *("小组代码", "村民小组代码", "组代码", "居民小组代码", "村(居)民小组代码", "村小组代码", "二级抽样单元代码"),
    ),
    "ssu": (
        *("小组", "村民小组", "小组名称", "组名", "居民小组", "村(居)民小组", "村小组", "村民小组名称", "二级抽样单元"),
    ),
    "subgroup": ("子类", "代表类别", "子类别", "小类", "代表类型", "身份", "代表身份", "企业规模类别"),
    "phone": ("电话", "联系电话", "手机", "手机号", "手机号码", "电话号码", "联系方式", "tel", "telephone", "mobile"),
    "order": ("顺序", "顺序号", "排序", "排序号", "排队序号", "抽样顺序", "排队标志"),
    "size": ("规模", "户数", "总户数", "家庭户数", "住户数", "规模度量", "村户数"),
    "address": ("地址", "住址", "家庭住址", "详细地址", "门牌", "门牌号", "联系地址", "单位地址"),
}

_FULL_TO_HALF = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_FULL_WIDTH = re.compile("[\uff01-\uff5e\u3000]")
_NOTE = re.compile(r"(?:\([^()]*\)|\[[^\[\]]*\]|[*:?])+$")


class Headers(NamedTuple):
    """
    What the headers of a list mean.

    Attributes
    ----------
    known : dict
        Canonical column → position, of the first header with that meaning.
    twice : list
        (position, canonical column) of every further header with a meaning that is already taken.
    unknown : list of int
        Positions of all others.
    """

    known: dict[str, int]
    twice: list[tuple[int, str]]
    unknown: list[int]


def half_width(text: str) -> str:
    """
    Text with full-width digits, letters, signs and blanks as half-width ones.

    Examples
    --------
    >>> half_width("３５０７２２Ａ－１")
    '350722A-1'
    """
    return text.translate(_FULL_TO_HALF) if _FULL_WIDTH.search(text) else text


def canonical(header: str) -> str | None:
    """
    The column that a header means.

    Letter case, blanks, full-width signs and a note in brackets at the end (``户数(户)``) do not matter.
    """
    plain = re.sub(r"\s+", "", half_width(header)).lower()
    return _BY_HEADER.get(plain) or _BY_HEADER.get(_NOTE.sub("", plain))


def understand(headers: list[str]) -> Headers:
    """Sort headers into known, doubled and unknown ones."""
    known: dict[str, int] = {}
    twice: list[tuple[int, str]] = []
    unknown: list[int] = []
    for position, header in enumerate(headers):
        column = canonical(header)
        if column is None:
            unknown.append(position)
        elif column in known:
            twice.append((position, column))
        else:
            known[column] = position
    return Headers(known, twice, unknown)


def chinese_name(column: str) -> str:
    """The Chinese header that a list would have for a canonical column."""
    return _ALIASES[column][0]


_BY_HEADER = {name: column for column, names in _ALIASES.items() for name in (column, *names)} | {
    column.replace("_", ""): column for column in CANONICAL
}
