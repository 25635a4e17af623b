"""What click refuses by itself, as one sentence in either language."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import click

from survey_app.cli.speaking import UsageRefused, say

_QUOTED = r"(?P<q>['\"])(?P<it>.*)(?P=q)"
_KINDS = {"File": "文件", "Directory": "文件夹", "Folder": "文件夹", "Path": "路径"}
_PATTERNS: tuple[tuple[str, str], ...] = (
    (rf"(?P<kind>File|Directory|Folder|Path) {_QUOTED} does not exist\.", "{kind} {it} 不存在"),
    (rf"(?P<kind>File|Directory|Folder|Path) {_QUOTED} is a file\.", "{it} 是文件，应为文件夹"),
    (rf"(?P<kind>File|Directory|Folder|Path) {_QUOTED} is a directory\.", "{it} 是文件夹，应为文件"),
    (rf"(?P<kind>File|Directory|Folder|Path) {_QUOTED} is not readable\.", "{kind} {it} 无法读取"),
    (rf"{_QUOTED} is not a valid integer( range)?\.", "{it} 不是整数"),
    (rf"{_QUOTED} is not a valid (float|number)( range)?\.", "{it} 不是数"),
    (r"(?P<it>\S+) is not in the range (?P<range>.+)\.", "{it} 不在范围 {range} 内"),
    (rf"{_QUOTED} is not (one of )?(?P<choices>'[^\"]*')\.", "{it} 不是可选值之一（{choices}）"),
    (r"No such option:? ['\"]?(?P<it>[^'\"\s]+?)['\"]?\.?( .*)?", "没有选项 {it}"),
    (r"No such command ['\"](?P<it>.*?)['\"]\.?( .*)?", "没有命令 {it}"),
    (r"Option ['\"](?P<it>.*?)['\"] requires an argument\.", "选项 {it} 后须给出值"),
    (r"Option ['\"](?P<it>.*?)['\"] does not take a value\.", "选项 {it} 不带值"),
    (r"Got unexpected extra arguments? \((?P<it>.*)\)", "多出的参数：{it}"),
    (r"Missing command\.", "缺少命令"),
)


def click_lines(error: click.ClickException) -> list[str]:
    """Return what to say of a refusal by click: one sentence, and where the command is explained."""
    if type(error).__name__ == "NoArgsIsHelpError":
        return [error.format_message()]
    english = " ".join(error.format_message().split())
    sentence = say(english, _chinese(error, english))
    ctx = getattr(error, "ctx", None)
    return [sentence + (say(f" See: {ctx.command_path} --help", f"用法见：{ctx.command_path} --help") if ctx else "")]


def refuse_taken(out: Path) -> None:
    """
    Refuse a folder to write that exists and holds something, before any work is done for it.

    Raises
    ------
    UsageRefused
        If it is a file, or a folder with something in it.
    """
    if out.exists() and not out.is_dir():
        raise UsageRefused(
            en=f"{out} is a file; name a new or an empty folder", zh=f"{out} 是文件，请指定新的或空的文件夹"
        )
    if out.exists() and any(out.iterdir()):
        raise UsageRefused(en=f"the folder {out} is not empty; name a new one", zh=f"文件夹 {out} 非空，请指定新文件夹")


def _chinese(error: click.ClickException, english: str) -> str:
    if isinstance(error, click.MissingParameter):
        return f"缺少{_called(error)}。"
    if isinstance(error, click.BadParameter):
        return f"{_called(error)} 有误：{_translated(' '.join(str(error.message).split()))}。"
    return f"{_translated(english)}。"


def _called(error: click.BadParameter) -> str:
    hint: Any = error.param_hint
    if hint is None and error.param is not None:
        hint = error.param.get_error_hint(error.ctx)
    name = hint if isinstance(hint, str) else "、".join(hint or ())
    kind = "选项" if name.strip("'\"").startswith("-") else "参数"
    return f"{kind} {name}".replace("'", "").strip()


def _translated(message: str) -> str:
    for pattern, chinese in _PATTERNS:
        if found := re.fullmatch(pattern, message):
            parts = {name: part or "" for name, part in found.groupdict().items()}
            parts["kind"] = _KINDS.get(parts.get("kind", ""), "")
            return chinese.format(**parts).strip()
    return message.rstrip(".")
