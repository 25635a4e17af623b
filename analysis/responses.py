"""
The answers of a round, as a folder holds them.

read_responses           a folder of files, every fault named by file, row and column
responses_from_tables    DataFrames, for notebooks and the app
Responses                what both give

The folder holds ``<group>.csv`` for each group, ``townships.csv``, and may hold ``samples.csv`` and
``questionnaires/<group>.yaml``. Two equal rows are lawful: two people may agree, and both count.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from analysis.checks import GROUP, check_group, check_one_round, check_samples, check_townships
from analysis.errors import FaultList
from analysis.itemlists import ItemList, read_item_list
from analysis.tables import read_table, table_of_texts

OTHER_TABLES = ("townships", "samples")


@dataclass(frozen=True)
class Responses:
    """
    The answers of one round.

    Attributes
    ----------
    round : str
    wave : int
        The round's number within the year.
    groups : mapping of str to DataFrame
        By group, one row a respondent: ``round, wave, township_code, group, psu_code, weight, mode, minutes``, then one
        categorical column an item (``satisfied, basic, unsatisfied, unknown``; missing = skipped).
    townships : DataFrame
        ``township_code, township, last_rank``.
    samples : DataFrame or None
        What was issued and answered by township, group and PSU.
    item_lists : mapping of str to ItemList
        By group, the items in the questionnaire's order.
    """

    round: str
    wave: int
    groups: Mapping[str, pd.DataFrame]
    townships: pd.DataFrame
    samples: pd.DataFrame | None
    item_lists: Mapping[str, ItemList]

    def items(self, group: str) -> tuple[str, ...]:
        """The item ids of a group in the questionnaire's order."""
        return self.item_lists[group].items


def read_responses(folder: str | Path) -> Responses:
    """
    Read a folder of responses.

    Parameters
    ----------
    folder : str or Path
        The folder that holds ``<group>.csv`` and ``townships.csv``, or one that holds it under ``responses/``.

    Raises
    ------
    ResponsesError
        With every fault by file, row and column.
    """
    folder = _answers_folder(Path(folder))
    faults = FaultList()
    if not folder.is_dir():
        faults.add(
            str(folder),
            "expected a folder of responses, found none there; check the path.",
            "应为答卷文件夹，该处没有，请检查路径。",
        )
        faults.raise_if_any()
    townships = _required_townships(folder, faults)
    groups = {path.stem: read_table(path, faults) for path in _group_paths(folder, faults)}
    samples = read_table(folder / "samples.csv", faults) if (folder / "samples.csv").exists() else None
    questionnaires = _questionnaire_texts(folder / "questionnaires", list(groups), faults)
    return _checked(
        {group: texts for group, texts in groups.items() if texts is not None},
        townships,
        samples,
        questionnaires,
        faults,
    )


def responses_from_tables(
    groups: Mapping[str, pd.DataFrame],
    townships: pd.DataFrame,
    samples: pd.DataFrame | None = None,
    questionnaires: Mapping[str, object] | None = None,
) -> Responses:
    """
    Check tables that are in memory.

    Parameters
    ----------
    groups : mapping of str to DataFrame
        By group, the columns of ``<group>.csv``. Codes may be texts or whole numbers, skipped answers empty or missing.
    townships, samples : DataFrame
        The columns of ``townships.csv`` and ``samples.csv``.
    questionnaires : mapping, optional
        By group, the frozen questionnaire: its YAML, itself, or the item ids.

    Raises
    ------
    ResponsesError
        As ``read_responses`` raises it; rows are counted as in the file, where the header is row 1.
    """
    faults = FaultList()
    for group in groups:
        _check_group_name(group, f"{group}.csv", faults)
    if not groups:
        _add_no_groups("responses", faults)
    return _checked(
        {group: table_of_texts(frame) for group, frame in groups.items()},
        table_of_texts(townships),
        None if samples is None else table_of_texts(samples),
        questionnaires or {},
        faults,
    )


def _checked(
    groups: Mapping[str, pd.DataFrame],
    townships: pd.DataFrame | None,
    samples: pd.DataFrame | None,
    questionnaires: Mapping[str, object],
    faults: FaultList,
) -> Responses:
    if townships is None:
        faults.raise_if_any()
    assert townships is not None
    known = check_townships("townships.csv", townships, faults)
    codes = frozenset() if known is None else frozenset(known["township_code"])
    tables: dict[str, pd.DataFrame] = {}
    item_lists: dict[str, ItemList] = {}
    for group in sorted(groups):
        given = questionnaires.get(group)
        file = f"questionnaires/{group}.yaml"
        listed = None if given is None else read_item_list(group, given, file, faults)
        checked = check_group(f"{group}.csv", group, groups[group], codes, listed, faults)
        if checked is not None:
            tables[group], item_lists[group] = checked
    check_one_round({group: (f"{group}.csv", groups[group]) for group in sorted(groups)}, faults)
    issued = None if samples is None else check_samples("samples.csv", samples, codes, faults)
    faults.raise_if_any()
    assert known is not None
    first = tables[min(tables)]
    return Responses(str(first["round"].iloc[0]), int(first["wave"].iloc[0]), tables, known, issued, item_lists)


def _answers_folder(folder: Path) -> Path:
    inner = folder / "responses"
    return inner if inner.is_dir() and not (folder / "townships.csv").exists() else folder


def _required_townships(folder: Path, faults: FaultList) -> pd.DataFrame | None:
    path = folder / "townships.csv"
    if path.exists():
        return read_table(path, faults)
    faults.add(
        "townships.csv",
        f"expected this file in {folder.name}, found none; export the responses again.",
        f"{folder.name} 中应有此文件，实无，请重新导出答卷。",
    )
    return None


def _group_paths(folder: Path, faults: FaultList) -> list[Path]:
    paths = [
        path
        for path in sorted(folder.glob("*.csv"))
        if path.stem not in OTHER_TABLES and not path.name.startswith((".", "~"))
    ]
    if not paths:
        _add_no_groups(folder.name, faults)
    return [path for path in paths if _check_group_name(path.stem, path.name, faults)]


def _check_group_name(group: str, file: str, faults: FaultList) -> bool:
    if GROUP.fullmatch(group) and group not in OTHER_TABLES:
        return True
    faults.add(
        file,
        "expected a file named after its group in small letters (rural.csv); rename or remove it.",
        "文件名应为小写的类别代码（如 rural.csv），请改名或移走。",
    )
    return False


def _add_no_groups(place: str, faults: FaultList) -> None:
    faults.add(
        place,
        "expected a file of answers for each group (rural.csv …), found none; check the folder.",
        "应有各类的答卷文件（如 rural.csv），实无，请检查文件夹。",
    )


def _questionnaire_texts(folder: Path, groups: list[str], faults: FaultList) -> dict[str, object]:
    texts: dict[str, object] = {}
    for group in groups:
        path = folder / f"{group}.yaml"
        try:
            texts[group] = path.read_bytes().decode("utf-8-sig")
        except FileNotFoundError:
            continue  # without a questionnaire the columns say which items there are
        except (OSError, UnicodeDecodeError):
            faults.add(
                f"questionnaires/{path.name}",
                "expected a readable UTF-8 file; use the copy frozen with the round.",
                "应为可读的 UTF-8 文件，请使用随轮次冻结的问卷。",
            )
    return texts
