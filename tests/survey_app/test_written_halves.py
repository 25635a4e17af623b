"""A key half on paper: five lines, each checked by itself."""

from __future__ import annotations

import pytest

from survey_app.services.curve import ORDER
from survey_app.services.keys import new_half
from survey_app.services.tokens import ALPHABET
from survey_app.services.written_halves import LINE_LENGTH, LINES, MistypedHalf, read_half, write_half


@pytest.mark.parametrize("half", [1, 31, 32, ORDER - 1, 2**255, *(3**power % ORDER for power in range(200, 220))])
def test_what_is_written_is_read_back(half: int) -> None:
    lines = write_half(half)
    assert len(lines) == LINES
    assert {len(line) for line in lines} == {LINE_LENGTH + 2}
    assert all(set(line) <= {*ALPHABET, " "} for line in lines)
    assert read_half(lines) == half


def test_small_letters_blanks_hyphens_full_width_and_look_alikes_are_put_right() -> None:
    half = new_half()
    lines = list(write_half(half))
    typed = [
        lines[0].lower(),
        lines[1].replace(" ", ""),
        lines[2].replace(" ", "-").replace("0", "O").replace("1", "l"),
        "".join(chr(ord(c) + 0xFEE0) if c != " " else "\u3000" for c in lines[3]),
        f"  {lines[4]}\t",
    ]
    assert read_half(typed) == half


def test_every_single_wrong_character_is_found_in_its_line() -> None:
    lines = [line.replace(" ", "") for line in write_half(new_half())]
    for number, line in enumerate(lines):
        for place in range(LINE_LENGTH):
            for other in ALPHABET:
                if other != line[place]:
                    typed = [*lines]
                    typed[number] = line[:place] + other + line[place + 1 :]
                    with pytest.raises(MistypedHalf) as refused:
                        read_half(typed)
                    assert list(refused.value.lines) == [number + 1]


def test_each_faulty_line_is_named_with_what_is_wrong() -> None:
    lines = list(write_half(new_half()))
    lines[0], lines[2], lines[3] = "", lines[2] + "7", lines[3][:-1] + "U"
    with pytest.raises(MistypedHalf, match="line 1, 3, 4") as refused:
        read_half(lines)
    faults = refused.value.lines
    assert "empty" in faults[1][0]
    assert "13" in faults[3][1]
    assert "U" in faults[4][0]
    assert "第 1、3、4 行" in refused.value.zh


@pytest.mark.parametrize("lines", [[], ["x"], ["000000000000"] * 5])
def test_nothing_too_little_and_zero_are_refused(lines: list[str]) -> None:
    with pytest.raises(MistypedHalf):
        read_half(lines)


def test_a_number_beyond_the_curve_is_refused_with_the_hint_at_the_order_of_lines() -> None:
    with pytest.raises(MistypedHalf, match="order"):
        read_half(write_half(2**270))
