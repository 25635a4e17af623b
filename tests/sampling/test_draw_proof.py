"""The proof: written whole or not at all, and any change of it found and named."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from sampling_factory import drawn, one_stage_rows, rural_rows

from sampling import Draw, ProofError, SamplingError, load_design, salted_commitment, verify_draw, write_draw

SMALL = "350722204000"
Record = dict[str, Any]


@pytest.fixture(scope="module")
def result() -> Draw:
    return drawn(rural_rows(SMALL)[:130] + one_stage_rows("delegates", 11), load_design("teaching"))


@pytest.fixture
def folder(result: Draw, tmp_path: Path) -> Path:
    return write_draw(result, tmp_path / "draw")


def refusal(folder: Path) -> ProofError:
    with pytest.raises(ProofError) as caught:
        verify_draw(folder)
    assert caught.value.en
    assert caught.value.zh
    return caught.value


def change(folder: Path, name: str, old: str, new: str) -> None:
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_bytes(text.replace(old, new, 1).encode())


def forge(folder: Path, alter: Callable[[Record], object] | None = None) -> None:
    """Let hashes and fingerprint fit the files again, as a forger who knows the protocol would."""
    path = folder / "draw.json"
    record: Record = json.loads(path.read_bytes())
    for name in ("frame", "sample"):
        record[f"{name}_sha256"] = hashlib.sha256((folder / f"{name}.csv").read_bytes()).hexdigest()
    if alter is not None:
        alter(record)
    del record["fingerprint"]
    record["fingerprint"] = hashlib.sha256(rfc8785.dumps(record)).hexdigest()
    path.write_bytes(rfc8785.dumps(record))


def test_a_written_draw_is_proven(folder: Path, result: Draw) -> None:
    verified = verify_draw(folder)
    assert verified.fingerprint == result.fingerprint
    assert (verified.main, verified.reserve, verified.townships) == (10, 10, 1)
    assert {path.name for path in folder.iterdir()} == {"draw.json", "frame.csv", "sample.csv"}
    assert all(english and chinese for english, chinese, _ in verified.facts)


def test_the_record_is_canonical_and_its_hashes_are_those_of_the_files(folder: Path) -> None:
    content = (folder / "draw.json").read_bytes()
    record = json.loads(content)
    assert rfc8785.dumps(record) == content
    assert record["protocol"] == "pingyi-draw/1"
    assert record["frame_sha256"] == hashlib.sha256((folder / "frame.csv").read_bytes()).hexdigest()
    assert record["sample_sha256"] == hashlib.sha256((folder / "sample.csv").read_bytes()).hexdigest()
    rest = {key: value for key, value in record.items() if key != "fingerprint"}
    assert record["fingerprint"] == hashlib.sha256(rfc8785.dumps(rest)).hexdigest()


def test_a_two_step_draw_and_one_without_any_sample_are_proven(tmp_path: Path) -> None:
    found = {row["psu_code"]: row for row in rural_rows(SMALL)}
    psus = [{**row, "unit_code": "", "size": "70"} for row in found.values()]
    design = load_design("teaching")
    for k, rows in enumerate((psus, psus + rural_rows(SMALL))):
        verify_draw(write_draw(drawn(rows, design), tmp_path / str(k)))


@pytest.mark.parametrize("part", range(4))
def test_any_changed_byte_of_the_record_is_found(folder: Path, part: int) -> None:
    path = folder / "draw.json"
    content = path.read_bytes()
    for place in range(part, len(content), 4):
        path.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        assert refusal(folder).file == "draw.json", place


@pytest.mark.parametrize("name", ["frame.csv", "sample.csv"])
@pytest.mark.parametrize("mask", [0x01, 0x80])
def test_a_changed_byte_of_frame_or_sample_is_found_in_that_file(folder: Path, name: str, mask: int) -> None:
    path = folder / name
    content = path.read_bytes()
    for place in [*range(0, len(content), 23), len(content) - 1]:
        path.write_bytes(content[:place] + bytes([content[place] ^ mask]) + content[place + 1 :])
        assert refusal(folder).file == name, place


@pytest.mark.parametrize("name", ["draw.json", "frame.csv", "sample.csv"])
def test_a_byte_too_few_or_too_many_is_found(folder: Path, name: str) -> None:
    content = (folder / name).read_bytes()
    for changed in (content[:-1], content + b"\n", b"\xef\xbb\xbf" + content, content.replace(b"\n", b"\r\n"), b""):
        if changed != content:
            (folder / name).write_bytes(changed)
            assert refusal(folder).file == name


def test_a_changed_sample_is_named_by_line_and_column(folder: Path) -> None:
    lines = (folder / "sample.csv").read_text(encoding="utf-8").splitlines()
    cells = lines[5].split(",")
    cells[4] = "X999"
    (folder / "sample.csv").write_text("\n".join([*lines[:5], ",".join(cells), *lines[6:], ""]), encoding="utf-8")
    error = refusal(folder)
    assert (error.file, error.line, error.field, error.found) == ("sample.csv", 6, "unit_code", "X999")
    assert error.expected == lines[5].split(",")[4]


def swap_unit(folder: Path) -> None:
    """Put another unit of the frame into the sample."""
    taken = (folder / "sample.csv").read_text(encoding="utf-8")
    unit = taken.splitlines()[1].split(",")[4]
    other = next(f"{k:04d}" for k in range(1, 12) if f"{k:04d}" not in taken)
    change(folder, "sample.csv", f",{unit},main", f",{other},main")


@pytest.mark.parametrize(
    ("alter", "file", "field"),
    [
        (swap_unit, "sample.csv", "unit_code"),
        (lambda folder: change(folder, "sample.csv", "reserve,1,", "reserve,2,"), "sample.csv", "sequence"),
        (lambda folder: change(folder, "frame.csv", ",0002,", ",0001,"), "frame.csv", "unit_code"),
        (lambda folder: change(folder, "frame.csv", ",0002,,", ", 0002,,"), "frame.csv", "unit_code"),
    ],
)
def test_a_forger_who_fits_the_hashes_is_found_by_the_redo(
    folder: Path, alter: Callable[[Path], None], file: str, field: str
) -> None:
    alter(folder)
    forge(folder)
    error = refusal(folder)
    assert (error.file, error.field) == (file, field)


def test_a_frame_in_another_spelling_is_refused_though_hashes_fit(folder: Path) -> None:
    """Quotes, blanks and zeros that Pingyi would not write cannot hide in a frame."""
    path = folder / "frame.csv"
    content = path.read_bytes()
    for old, new in (
        (b",0002,", b',"0002",'),
        (b",0002,", b", 0002,"),
        (b"township_code", b"township"),
        (b"\n", b"\r\n"),
    ):
        path.write_bytes(content.replace(old, new, 1))
        forge(folder)
        assert refusal(folder).file == "frame.csv"


def test_a_removed_or_added_row_is_found_though_hashes_fit(folder: Path) -> None:
    for name in ("frame.csv", "sample.csv"):
        content = (folder / name).read_bytes()
        lines = content.splitlines(keepends=True)
        for changed in (lines[:3] + lines[4:], [*lines, lines[-1]], lines[:-1], [lines[0], *lines[2:], lines[1]]):
            (folder / name).write_bytes(b"".join(changed))
            forge(folder)
            refusal(folder)
        (folder / name).write_bytes(content)
    forge(folder)
    verify_draw(folder)


@pytest.mark.parametrize(
    ("alter", "field"),
    [
        (lambda r: r.update(seed="another"), None),
        (lambda r: r.update(seed="a|b"), "seed"),
        (lambda r: r.update(seed=5), "seed"),
        (lambda r: r.update(protocol="pingyi-draw/2"), "protocol"),
        (lambda r: r.update(engine=""), "engine"),
        (lambda r: r["counts"][0].update(main=9), "counts[0].main"),
        (lambda r: r["counts"][0].update(main=True), "counts[0].main"),
        (lambda r: r["counts"].pop(), "counts"),
        (lambda r: r["counts"][1]["drawn"][0].update(hits=7), "counts[1].drawn[0].hits"),
        (lambda r: r.update(counts={}), "counts"),
        (lambda r: r["shortfalls"].append({}), "shortfalls"),
        (lambda r: r["design"].update(colour="red"), "design"),
        (lambda r: r["design"]["groups"][0]["stages"][0].update(n=10**15), "design"),
        (lambda r: r.update(design=None), "design"),
        (lambda r: r.update(frame_sha256="0" * 64), "SHA-256"),
        (lambda r: r.update(sample_sha256="0" * 64), "sample_sha256"),
        (lambda r: r.update(sample_sha256=None), "sample_sha256"),
        (lambda r: r.update(extra=1), "extra"),
        (lambda r: r.pop("seed"), "seed"),
    ],
)
def test_a_changed_record_is_found_though_its_fingerprint_fits(
    folder: Path, alter: Callable[[Record], object], field: str | None
) -> None:
    forge(folder, alter)
    error = refusal(folder)
    assert field is None or error.field == field


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe",
        b"not json",
        b"[]",
        b"null",
        b"{}",
        b'{"a":NaN}',
        b'{"a":1e999}',
        b'{"a":' + b"9" * 5000 + b"}",
        b'{"a":12345678901234567890}',
        b'{"a":"\\ud800"}',
        b'{"\\ud800":1}',
        b"[" * 100_000,
        b'{"fingerprint":1,"fingerprint":2}',
    ],
)
def test_garbage_in_the_record_is_refused_in_words(folder: Path, content: bytes) -> None:
    (folder / "draw.json").write_bytes(content)
    assert refusal(folder).file == "draw.json"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff",
        b"\x00",
        b'"',
        b"a,b\n1,2\n",
        b"township_code,group,psu_code,ssu_code,subgroup,unit_code,order,size\n",
    ],
)
@pytest.mark.parametrize("name", ["frame.csv", "sample.csv"])
def test_garbage_in_the_lists_is_refused_in_words_though_hashes_fit(folder: Path, name: str, content: bytes) -> None:
    (folder / name).write_bytes(content)
    forge(folder)
    assert refusal(folder).file == name


@pytest.mark.parametrize("name", ["draw.json", "frame.csv", "sample.csv"])
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    assert refusal(folder).file == name


def test_a_folder_that_is_none_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path / "nowhere").file == "draw.json"


def test_nothing_is_written_over_and_nothing_left_behind(result: Draw, tmp_path: Path) -> None:
    target = tmp_path / "draw"
    target.mkdir()
    write_draw(result, target)
    with pytest.raises(SamplingError, match="not empty") as caught:
        write_draw(result, target)
    assert caught.value.zh
    (tmp_path / "file").write_text("x")
    for bad in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(SamplingError):
            write_draw(result, bad)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["draw", "file"]


def test_a_write_that_fails_halfway_leaves_nothing(
    result: Draw, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(SamplingError, match="No space left"):
        write_draw(result, tmp_path / "draw")
    assert list(tmp_path.iterdir()) == []


def test_a_commitment_hides_the_draw_behind_a_salt(result: Draw) -> None:
    salt = bytes(range(16))
    assert salted_commitment(result.draw_json, salt) == hashlib.sha256(salt + result.draw_json).hexdigest()
    with pytest.raises(SamplingError, match="at least 16"):
        salted_commitment(result.draw_json, b"short")
