"""
Draws from frames that are read township by township.

The reference is the whole draw, ``write_draw(draw(read_frame(…)))`` of the same rows: all files must be the same bytes.
"""

from __future__ import annotations

import csv
import gc
import io
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import sampling
import sampling.streams.csvpieces
import sampling.streams.pieces
from sampling import (
    Design,
    FrameError,
    SamplingError,
    SeedError,
    draw,
    draw_stream,
    load_design,
    read_frame,
    read_townships,
    verify_draw,
    write_draw,
)
from tests.sampling.sampling_factory import design_of, one_stage, one_stage_rows, rural_rows, table, two_stages

SEED = "20261123"
TOWNSHIPS = ("350722203000", "350722204000")
FILES = ("draw.json", "frame.csv", "sample.csv")


def rows() -> list[dict[str, str]]:
    """Two townships with villages, delegates and enterprises, each with all its rows together, in no other order."""
    found = []
    for township in TOWNSHIPS:
        found += one_stage_rows("enterprise", 23, township)
        found += rural_rows(township)[::-1]
        found += one_stage_rows("delegates", 61, township, subgroup="party", unit='王，“小”"一"')
    return found


def design() -> Design:
    return design_of(one_stage(10, reserves=2), one_stage(4, group="enterprise"), two_stages(3, 5, 2))


def contents(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in FILES}


def whole(df: pd.DataFrame, own: Design, folder: Path) -> dict[str, bytes]:
    return contents(write_draw(draw(read_frame(df, design=own), own, SEED), folder / "whole"))


def csv_text(df: pd.DataFrame, **options: Any) -> str:
    return df.to_csv(index=False, **options)


@pytest.fixture
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are read in pieces that end within townships, villages and lines."""
    monkeypatch.setattr(sampling.streams.csvpieces, "BLOCK", 997)
    monkeypatch.setattr(sampling.streams.csvpieces, "RECORDS", 7)
    monkeypatch.setattr(sampling.streams.pieces, "ROWS", 13)


KINDS = ["utf-8", "utf-8-sig", "gb18030", "crlf", "semicolon", "title", "no quotes", "blank lines", "parquet", "tables"]


def source(kind: str, df: pd.DataFrame, folder: Path) -> Any:
    """The same rows in another form."""
    path = folder / "frame.csv"
    if kind == "parquet":
        path = folder / "frame.parquet"
        df.assign(note="kept nowhere").to_parquet(path)
    elif kind == "tables":
        return [own for _, own in df.groupby("township_code", sort=False)]
    elif kind == "no quotes":
        path.write_text(csv_text(df.assign(unit="王")), encoding="utf-8")
    elif kind == "crlf":
        path.write_text(csv_text(df, lineterminator="\r\n"), encoding="utf-8", newline="")
    elif kind == "semicolon":
        path.write_text(csv_text(df, sep=";"), encoding="utf-8")
    elif kind == "title":
        path.write_text("2026 年名单,,\n\n" + csv_text(df), encoding="utf-8")
    elif kind == "blank lines":
        lines = csv_text(df.assign(unit="王")).splitlines(keepends=True)
        empty = "," * (len(df.columns) - 1) + "\n"
        path.write_text("".join([*lines[:40], empty, "\n", *lines[40:], empty]), encoding="utf-8")
    else:
        path.write_text(csv_text(df), encoding=kind)
    return path


@pytest.mark.usefixtures("small_pieces")
@pytest.mark.parametrize("batch", [1, 150, 10**6])
@pytest.mark.parametrize("kind", KINDS)
def test_the_files_are_those_of_the_whole_draw(kind: str, batch: int, tmp_path: Path) -> None:
    df, own = table(rows()), design()
    expected = whole(df, own, tmp_path)
    drawn = draw_stream(source(kind, df, tmp_path), own, SEED, tmp_path / "drawn", rows=batch)
    assert contents(drawn.folder) == expected
    verified = verify_draw(drawn.folder)
    facts = (verified.townships, verified.main, verified.reserve, verified.shortfalls, verified.fingerprint)
    assert facts == (drawn.townships, drawn.main, drawn.reserve, drawn.shortfalls, drawn.fingerprint)
    assert drawn.rows == len(df)


def test_whole_numbers_and_categories_are_the_same_frame(tmp_path: Path) -> None:
    df, own = table(rows()), design()
    expected = whole(df, own, tmp_path)
    numbers = df.assign(
        township_code=df["township_code"].astype("int64"),
        psu_code=pd.to_numeric(df["psu_code"].replace("", None)).astype("Int64"),
        group=df["group"].astype("category"),
    )
    numbers.to_parquet(tmp_path / "numbers.parquet")
    assert whole(numbers, own, tmp_path / "numbers") == expected
    assert contents(draw_stream(tmp_path / "numbers.parquet", own, SEED, tmp_path / "a").folder) == expected


def test_two_steps_shortfalls_and_cautions_are_those_of_the_whole_draw(tmp_path: Path) -> None:
    """PSU rows with units listed in PSUs that are not drawn, and lists that are too short."""
    own = design_of(one_stage(100, reserves=2), two_stages(3, 50, 1))
    listed = [row | {"size": ""} for row in rural_rows(*TOWNSHIPS)]
    psus = {(r["township_code"], r["township"], r["psu_code"], r["psu"]) for r in listed}
    of_psus = [
        {
            "township_code": t,
            "township": name,
            "group": "rural",
            "psu_code": p,
            "psu": psu,
            "size": "70",
            "unit_code": "",
        }
        for t, name, p, psu in sorted(psus)
    ]
    delegates = [row for t in TOWNSHIPS for row in one_stage_rows("delegates", 30, t)]
    df = table([*of_psus, *listed, *delegates]).sort_values("township_code", kind="stable", ignore_index=True)
    frame = read_frame(df, design=own)
    result = draw(frame, own, SEED)
    expected = contents(write_draw(result, tmp_path / "whole"))
    drawn = draw_stream([df], own, SEED, tmp_path / "drawn", rows=1)
    assert contents(drawn.folder) == expected
    assert drawn.shortfalls == len(result.shortfalls) > 0
    assert drawn.warnings[-1] == result.warnings[0]
    assert set(drawn.warnings) == {*frame.warnings, *result.warnings}


def faulty() -> pd.DataFrame:
    """Faults of all kinds in both townships, each on a row of its own."""
    df = table(rows())
    last = len(df) - 1
    df.loc[3, "unit_code"] = df.loc[2, "unit_code"]
    df.loc[5, "group"] = "nobody"
    df.loc[9, "township"] = ""
    df.loc[last, "unit_code"] = df.loc[last - 1, "unit_code"]
    df.loc[last - 5, "township_code"] = "3.50722E+11"
    df.loc[last - 7, "unit_code"] = "=A1"
    return df


def refusal(call: Any) -> FrameError:
    with pytest.raises(FrameError) as caught:
        call()
    return caught.value


@pytest.mark.usefixtures("small_pieces")
@pytest.mark.parametrize("kind", ["utf-8", "no quotes", "gb18030"])
def test_all_faults_are_named_by_the_rows_of_the_whole_file_and_nothing_is_written(kind: str, tmp_path: Path) -> None:
    path = source(kind, faulty(), tmp_path)
    expected = refusal(lambda: read_frame(path, design=design()))
    found = refusal(lambda: draw_stream(path, design(), SEED, tmp_path / "drawn", rows=1))
    assert found.faults == expected.faults
    assert found.more == expected.more
    assert sorted(own.name for own in tmp_path.iterdir()) == ["frame.csv"]


def test_ten_thousand_faults_are_counted_and_the_first_hundred_named(tmp_path: Path) -> None:
    delegates = [row | {"unit_code": ""} for t in TOWNSHIPS for row in one_stage_rows("delegates", 5000, t)]
    own = design_of(one_stage(10))
    expected = refusal(lambda: read_frame(table(delegates), design=own))
    found = refusal(lambda: draw_stream([table(delegates)], own, SEED, tmp_path / "drawn", rows=1))
    assert (found.faults, found.more) == (expected.faults, expected.more)
    assert (len(found.faults), found.more) == (100, 9900)


def test_rows_of_other_widths_are_faults(tmp_path: Path) -> None:
    lines = csv_text(table(rows()).assign(unit="王")).splitlines()
    lines[7] += ",x"
    lines[-1] = lines[-1].rsplit(",", 3)[0]
    path = tmp_path / "frame.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    expected = refusal(lambda: read_frame(path, design=design()))
    found = refusal(lambda: draw_stream(path, design(), SEED, tmp_path / "drawn"))
    assert found.faults == expected.faults
    assert [fault.row for fault in found.faults] == [8, len(lines)]


def test_a_missing_column_is_one_fault_however_many_townships_there_are(tmp_path: Path) -> None:
    df = table(rows()).drop(columns="psu")
    expected = refusal(lambda: read_frame(df, design=design()))
    found = refusal(lambda: draw_stream([df], design(), SEED, tmp_path / "drawn", rows=1))
    assert found.faults == expected.faults


@pytest.mark.parametrize("batch", [1, 10**6])
def test_a_psu_under_two_townships_is_found_between_tables(batch: int, tmp_path: Path) -> None:
    df = table(rows())
    psus = df.loc[df["psu_code"] != "", "psu_code"]
    here = df.index[(df["psu_code"] == psus.iloc[-1])]
    df.loc[here, "psu_code"], df.loc[here, "psu"] = psus.iloc[0], df.loc[psus.index[0], "psu"]
    df.loc[here, "unit_code"] = [f"x{k}" for k in here]
    expected = refusal(lambda: read_frame(df, design=design()))
    found = refusal(lambda: draw_stream([df], design(), SEED, tmp_path / "drawn", rows=batch))
    assert found.faults == expected.faults
    assert [fault.row for fault in found.faults] == [k + 2 for k in here]
    assert not (tmp_path / "drawn").exists()


@pytest.mark.parametrize("batch", [1, 10**6])
def test_townships_out_of_order_are_refused_with_row_code_and_remedy(batch: int, tmp_path: Path) -> None:
    df = pd.concat([own for _, own in list(table(rows()).groupby("township_code"))[::-1]], ignore_index=True)
    row = int((df["township_code"] == TOWNSHIPS[0]).idxmax()) + 2
    found = refusal(lambda: draw_stream([df], design(), SEED, tmp_path / "drawn", rows=batch))
    fault = found.faults[-1]
    assert (fault.row, fault.column) == (row, "township_code")
    assert f"the township {TOWNSHIPS[0]} stands behind {TOWNSHIPS[1]}" in fault.en
    assert "sort it by township_code" in fault.en
    assert "请按 township_code 排序" in fault.zh
    assert not (tmp_path / "drawn").exists()


def test_rows_of_a_township_that_stand_apart_are_refused(tmp_path: Path) -> None:
    df = table(rows())
    df = pd.concat([df, df[:1].assign(unit_code="new")], ignore_index=True)
    found = refusal(lambda: draw_stream([df], design(), SEED, tmp_path / "drawn"))
    assert found.faults[-1].row == len(df) + 1
    assert f"the township {TOWNSHIPS[0]} stands from row 2 on already" in found.faults[-1].en


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"township_code,township,group,unit_code\n", "no rows below it"),
        (b"%PDF-1.7", "a PDF document"),
        (b"\xff\xfe\x00", "UTF-16"),
        (b"township_code,group\n1,\xff\xff\xff", "neither UTF-8 nor GB18030"),
        (b"township_code,group\n" + b"1,2\n" * 400 + b"\x00", "a binary file"),
        (b'township_code,group\n1,2\n3,"4\n', "a quotation mark is probably not closed"),
        (b"PAR1 and nothing else", "cannot be read as Parquet"),
    ],
)
@pytest.mark.usefixtures("small_pieces")
def test_what_is_no_list_is_refused_in_one_sentence(content: bytes, said: str, tmp_path: Path) -> None:
    path = tmp_path / "list"
    path.write_bytes(content)
    found = refusal(lambda: draw_stream(path, design(), SEED, tmp_path / "drawn"))
    assert said in found.en
    if not content.startswith(b"PAR1"):
        assert refusal(lambda: read_frame(path, design=design())).faults == found.faults
    assert [own.name for own in tmp_path.iterdir()] == ["list"]


def test_a_file_that_is_not_there_and_no_tables_at_all_are_refused(tmp_path: Path) -> None:
    assert "cannot be read" in refusal(lambda: draw_stream(tmp_path / "no", design(), SEED, tmp_path / "drawn")).en
    assert "no rows" in refusal(lambda: draw_stream([], design(), SEED, tmp_path / "drawn")).en


def test_parquet_without_rows_or_known_columns_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "frame.parquet"
    table(rows())[:0].to_parquet(path)
    assert "no rows below it" in refusal(lambda: draw_stream(path, design(), SEED, tmp_path / "drawn")).en
    pd.DataFrame({"x": [1]}).to_parquet(path)
    assert "no column that a frame has" in refusal(lambda: draw_stream(path, design(), SEED, tmp_path / "drawn")).en


def test_tables_with_other_columns_are_refused(tmp_path: Path) -> None:
    first, second = (own for _, own in table(rows()).groupby("township_code"))
    tables = [first, second.rename(columns={"unit": "name"})]
    assert f"from row {len(first) + 2} on" in refusal(lambda: draw_stream(tables, design(), SEED, tmp_path / "d")).en


def test_a_bad_seed_and_a_used_folder_are_refused_before_anything_is_read(tmp_path: Path) -> None:
    def unread() -> Iterator[pd.DataFrame]:
        raise AssertionError("read")
        yield pd.DataFrame()

    with pytest.raises(SeedError):
        draw_stream(unread(), design(), "a|b", tmp_path / "drawn")
    with pytest.raises(SamplingError, match="is not empty"):
        draw_stream(unread(), design(), SEED, Path(__file__).parent)


def test_what_fails_within_the_source_leaves_nothing_behind(tmp_path: Path) -> None:
    def broken() -> Iterator[pd.DataFrame]:
        yield table(rows())[:500]
        raise RuntimeError("the source broke")

    with pytest.raises(RuntimeError, match="the source broke"):
        draw_stream(broken(), design(), SEED, tmp_path / "drawn", rows=1)
    assert list(tmp_path.iterdir()) == []


def test_one_township_is_held_at_a_time() -> None:
    """Whatever is read, no more than one table of a township is alive once its user has let it go."""
    tables = (own for _, own in table(rows() + later_rows(20)).groupby("township_code"))
    alive: list[weakref.ref[Any]] = []
    for found in read_townships(tables, rows=1):
        alive.append(weakref.ref(found))
        del found
        gc.collect()
        assert sum(own() is not None for own in alive) == 0
    assert len(alive) == 22


def test_frames_are_let_go_before_the_next_township_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    frames: list[weakref.ref[Any]] = []
    build = sampling.streams.streaming.build_frame

    def watched(*args: Any, **more: Any) -> Any:
        gc.collect()
        assert sum(own() is not None for own in frames) == 0
        frame = build(*args, **more)
        frames.append(weakref.ref(frame))
        return frame

    monkeypatch.setattr("sampling.streams.streaming.build_frame", watched)
    draw_stream([table(rows() + later_rows(20))], design(), SEED, tmp_path / "drawn", rows=1)
    assert len(frames) == 22


def later_rows(count: int) -> list[dict[str, str]]:
    """Townships with ten delegates each."""
    row = one_stage_rows("delegates", 1)[0]
    return [
        row | {"township_code": f"3507232{k:02d}000", "unit_code": f"{unit:02d}"}
        for k in range(count)
        for unit in range(10)
    ]


@pytest.mark.parametrize("kind", ["utf-8", "no quotes", "parquet"])
def test_progress_ends_at_the_whole(kind: str, tmp_path: Path) -> None:
    path = source(kind, table(rows()), tmp_path)
    seen: list[tuple[int, int]] = []
    draw_stream(path, design(), SEED, tmp_path / "drawn", progress=lambda done, total: seen.append((done, total)))
    total = len(rows()) if kind == "parquet" else path.stat().st_size
    assert seen[-1] == (total, total)
    assert seen == sorted(seen)


def test_the_golden_design_is_drawn_alike(tmp_path: Path) -> None:
    own = load_design("county-110")
    df = table([row for t in TOWNSHIPS for row in (*one_stage_rows("delegates", 50, t), *rural_rows(t))])
    assert contents(draw_stream([df], own, SEED, tmp_path / "a", rows=1).folder) == whole(df, own, tmp_path)


def test_csv_pieces_hold_what_the_standard_library_reads(tmp_path: Path) -> None:
    df = table(rows())
    text = csv_text(df)
    path = tmp_path / "frame.csv"
    path.write_text(text, encoding="utf-8")
    expected = list(csv.reader(io.StringIO(text)))[1:]
    found = [
        list(cells)
        for piece in read_townships(path, rows=1)
        for cells in zip(*(column.to_pylist() for column in piece.columns), strict=True)  # type: ignore[union-attr]
    ]
    assert found == expected
