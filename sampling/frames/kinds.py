"""
Files that are no list: each is refused with one sentence that says what it is and what to do.

refuse(en, zh)                 the refusal of a whole file
refuse_other_kinds(content)    PDF, pictures, old Excel, archives, web pages …, by their first bytes
unreadable, too_large, unknown_encoding, open_quotation
"""

from __future__ import annotations

import csv
import re

from sampling.errors import Fault, FrameError


def refuse(en: str, zh: str) -> FrameError:
    """The refusal of a whole file."""
    return FrameError([Fault(en, zh)])


def unreadable(name: str, error: Exception) -> FrameError:
    """A file that the system does not give."""
    reason = getattr(error, "strerror", None) or error
    return refuse(
        f"{name} cannot be read ({reason}); check the path and that it is a file.",
        f"{name} 无法读取（{reason}），请检查路径以及它是否为文件。",
    )


def too_large(name: str, size: int, most: int, *, workbook: bool) -> FrameError:
    """A file that is not read whole: a workbook may be saved as CSV, CSV and Parquet are drawn from piece by piece."""
    mb = size / 2**20, most / 2**20
    if workbook:
        return refuse(
            f"{name} has {mb[0]:.0f} MB, at most {mb[1]:.0f} MB can be read; "
            "leave out pictures and columns that are not needed, or save it as CSV.",
            f"{name} 有 {mb[0]:.0f} MB，最多可读 {mb[1]:.0f} MB；请去掉图片和不需要的列，或另存为 CSV。",
        )
    return refuse(
        f"{name} has {mb[0]:.0f} MB, at most {mb[1]:.0f} MB are read whole here; draw from it township by township "
        "(`pingyi draw`, or sampling.draw_stream), leave out columns that are not needed, or allow more with max_bytes.",
        f"{name} 有 {mb[0]:.0f} MB，此处整体读取最多 {mb[1]:.0f} MB；请按乡镇逐个读取抽样（pingyi draw 或 sampling.draw_stream），"
        "或去掉不需要的列，或用 max_bytes 提高上限。",
    )


def unknown_encoding(name: str) -> FrameError:
    """Text in neither of the encodings."""
    return refuse(
        f"{name} is text in neither UTF-8 nor GB18030, or no text at all; save the list as “CSV UTF-8” or XLSX.",
        f"{name} 既不是 UTF-8 也不是 GB18030 文本，或不是文本；请将名单另存为“CSV UTF-8”或 XLSX。",
    )


def open_quotation(name: str, row: int, error: csv.Error) -> FrameError:
    """A CSV file that cannot be read on from a row."""
    fault = Fault(
        f"Row {row}: {name} cannot be read on from here ({error}); a quotation mark is probably not closed, "
        "correct it or save the list as XLSX.",
        f"第 {row} 行：{name} 从此处无法继续读取（{error}），很可能是引号没有成对；请改正，或另存为 XLSX。",
        row=row,
    )
    return FrameError([fault])


def refuse_other_kinds(content: bytes, name: str) -> None:
    """Name what a file is, if it is no list, from its first bytes."""
    remedy = ("give the list as XLSX or as CSV in UTF-8.", "请提供 XLSX 或 UTF-8 编码的 CSV 文件。")
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        if "EncryptedPackage".encode("utf-16-le") in content:
            raise refuse(
                f"{name} is protected by a password; save it without one.", f"{name} 设有密码保护，请取消密码后另存。"
            )
        raise refuse(
            f"{name} is an old Excel workbook (.xls) or another old Office file; open it and save it as .xlsx.",
            f"{name} 是旧版 Excel 工作簿（.xls）或其他旧版 Office 文件，请打开后另存为 .xlsx。",
        )
    for beginning, en, zh in _KINDS:
        if content.startswith(beginning) and (beginning != b"BM" or b"\x00" in content[:26]):
            raise refuse(f"{name} is {en}, not a list; {remedy[0]}", f"{name} 是{apart(zh)}，不是名单；{remedy[1]}")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise refuse(
            f"{name} is text in UTF-16 (“Unicode text”), expected UTF-8 or GB18030; save it as “CSV UTF-8”.",
            f"{name} 是 UTF-16 文本（“Unicode 文本”），应为 UTF-8 或 GB18030；请另存为“CSV UTF-8”。",
        )
    if not content.startswith(b"PK\x03\x04"):
        if content.startswith(b"PK") or b"\x00" in content:
            raise refuse(
                f"{name} is a binary file, not a list; {remedy[0]}", f"{name} 是二进制文件，不是名单；{remedy[1]}"
            )
        if re.match(rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype|html|\?xml|table|meta)", content[:200], re.IGNORECASE):
            raise refuse(
                f"{name} is a web page or XML, not a list; {remedy[0]}", f"{name} 是网页或 XML，不是名单；{remedy[1]}"
            )


_KINDS: tuple[tuple[bytes, str, str], ...] = (
    (b"%PDF", "a PDF document", "PDF 文档"),
    (b"\x89PNG", "an image (PNG)", "图片（PNG）"),
    (b"\xff\xd8\xff", "an image (JPEG)", "图片（JPEG）"),
    (b"GIF8", "an image (GIF)", "图片（GIF）"),
    (b"II*\x00", "an image (TIFF)", "图片（TIFF）"),
    (b"MM\x00*", "an image (TIFF)", "图片（TIFF）"),
    (b"BM", "an image (BMP)", "图片（BMP）"),
    (b"RIFF", "an image or a sound", "图片或声音文件"),
    (b"Rar!", "a RAR archive", "RAR 压缩包"),
    (b"7z\xbc\xaf", "a 7z archive", "7z 压缩包"),
    (b"\x1f\x8b", "a gzip archive", "gzip 压缩包"),
    (b"{\\rtf", "an RTF document", "RTF 文档"),
)


def apart(words: str) -> str:
    """Chinese words as they stand behind a Chinese one: with a blank before a Latin letter or a digit."""
    return f" {words}" if words[:1].isascii() else words
