"""
A small frame with the hard faults, so that a visitor can see how a frame is refused.

build_faulty_rows   about 600 rows of three townships
FAULTS              what is wrong, in the words that stand in the faulty rows' remarks

Half the faults are in single cells, half between rows. The third township's villages are given by rows with their sizes, as for a draw in
two steps.
"""

from __future__ import annotations

from collections.abc import Iterable

from survey_app.demo.county import DEFAULT_SEED, DemoCounty
from survey_app.demo.frame import DELEGATES, ENTERPRISE, HEADER, RURAL, URBAN, Row, township_rows

FAULTS = (
    *(
        "编号缺失",
        "乡镇名称缺失",
        "村代码缺失",
        "乡镇代码少一位",
        "村代码含汉字",
        "村代码变为科学计数",
        "未知乡镇",
        "未知类别",
    ),
    *("编号重复", "一村跨两个乡镇", "一村两个名称", "一乡镇两个名称", "顺序重复", "顺序缺失", "顺序不是整数"),
    *("户数含文字", "户数为小数", "村户数行重复", "单元格为公式"),
)
_TOWNSHIPS = ("359900103000", "359900200000", "359900206000")
_TAKEN = {DELEGATES: 40, ENTERPRISE: 14, URBAN: 30, RURAL: 160}
_COLUMN = {header: place for place, header in enumerate(HEADER)}
_OTHER_TOWNSHIP = "359900999000"


def build_faulty_rows(county: DemoCounty, seed: int = DEFAULT_SEED) -> list[Row]:
    """Return the rows, cells as in ``HEADER``; each faulty row names its fault in its remark."""
    lists = {(code, group): rows for code in _TOWNSHIPS for group, rows in _small_lists(county, code, seed).items()}
    lists[_TOWNSHIPS[2], RURAL] = _village_rows(lists[_TOWNSHIPS[2], RURAL])
    _spoil_cells(lists)
    _spoil_relations(lists)
    _spoil_orders(lists[_TOWNSHIPS[1], ENTERPRISE])
    _spoil_sizes(lists[_TOWNSHIPS[2], RURAL])
    return [tuple(row) for rows in lists.values() for row in rows]


def _small_lists(county: DemoCounty, code: str, seed: int) -> dict[str, list[list[str]]]:
    """Return some rows of each group of a township, spread evenly over its list."""
    township = next(township for township in county.townships if township.code == code)
    by_group: dict[str, list[list[str]]] = {group: [] for group in _TAKEN}
    for row in township_rows(county, township, seed):
        by_group[row[_COLUMN["类别"]]].append([*row[:-1], ""])
    return {group: _spread(rows, _TAKEN[group]) for group, rows in by_group.items()}


def _spread(rows: list[list[str]], number: int) -> list[list[str]]:
    number = min(number, len(rows))
    return [rows[place * len(rows) // number] for place in range(number)]


def _village_rows(units: Iterable[list[str]]) -> list[list[str]]:
    """Return one row per village, with its size instead of its households."""
    villages: dict[str, list[list[str]]] = {}
    for row in units:
        villages.setdefault(row[_COLUMN["村代码"]], []).append(row)
    found = []
    for rows in villages.values():
        row = [""] * len(HEADER)
        for header in ("乡镇代码", "乡镇", "类别", "村代码", "村"):
            row[_COLUMN[header]] = rows[0][_COLUMN[header]]
        row[_COLUMN["户数"]] = str(30 * len(rows))
        found.append(row)
    return found


def _spoil(row: list[str], fault: str, **cells: str) -> None:
    for header, text in cells.items():
        row[_COLUMN[header]] = text
    row[_COLUMN["备注"]] = fault


def _spoil_cells(lists: dict[tuple[str, str], list[list[str]]]) -> None:
    rural, delegates = lists[_TOWNSHIPS[0], RURAL], lists[_TOWNSHIPS[0], DELEGATES]
    _spoil(rural[3], "编号缺失", 编号="")
    _spoil(rural[9], "乡镇名称缺失", 乡镇="")
    _spoil(rural[15], "村代码缺失", 村代码="")
    _spoil(rural[21], "乡镇代码少一位", 乡镇代码=rural[21][0][:-1])
    _spoil(rural[27], "村代码含汉字", 村代码="3599〇〇一〇三二〇四")
    _spoil(rural[33], "村代码变为科学计数", 村代码="3.599E+11")
    _spoil(
        rural[39], "未知乡镇", 乡镇代码=_OTHER_TOWNSHIP, 乡镇="无名乡", 村代码=f"{_OTHER_TOWNSHIP[:-3]}201", 村="无名村"
    )
    _spoil(delegates[5], "未知类别", 类别="外来人口")
    _spoil(delegates[9], "单元格为公式", 名称='=CONCATENATE("陈","建国")')


def _spoil_relations(lists: dict[tuple[str, str], list[list[str]]]) -> None:
    rural, others = lists[_TOWNSHIPS[0], RURAL], lists[_TOWNSHIPS[1], RURAL]
    for row, copied in ((rural[46], rural[45]), (others[61], others[60])):
        row[:] = copied
        _spoil(row, "编号重复")
    village = {header: rural[50][_COLUMN[header]] for header in ("村代码", "村")}
    _spoil(others[70], "一村跨两个乡镇", **village)
    _spoil(rural[75], "一村两个名称", 村="别名村")
    _spoil(others[80], "一乡镇两个名称", 乡镇="竹汀镇")


def _spoil_orders(enterprises: list[list[str]]) -> None:
    """Number the list, with one number twice, one left out and one that is none."""
    for place, row in enumerate(enterprises, start=1):
        row[_COLUMN["顺序"]] = str(place)
    _spoil(enterprises[4], "顺序重复", 顺序=enterprises[3][_COLUMN["顺序"]])
    _spoil(enterprises[7], "顺序缺失", 顺序="")
    _spoil(enterprises[10], "顺序不是整数", 顺序="第11")


def _spoil_sizes(villages: list[list[str]]) -> None:
    _spoil(villages[2], "户数含文字", 户数="约三百户")
    _spoil(villages[5], "户数为小数", 户数="312.5")
    again = list(villages[7])
    _spoil(again, "村户数行重复")
    villages.append(again)
