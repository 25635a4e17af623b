"""Bars and heat maps: well-formed, in proportion, within the paper, zeros shown as such."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

import pytest

from sampling import Bar, bar_chart, heat_chart, second_order
from sampling.charts.svg import PAPER, SEAL, WIDTH, text_width

SVG = "{http://www.w3.org/2000/svg}"
BARS = [Bar("a & b", 4, "4", True, 3), Bar("等距", 1, "1"), Bar("none", 0, "0")]


def bars() -> str:
    return bar_chart([("one", BARS[:2]), ("two", BARS[2:])], title="A <title>", description="D", x_label="units")


def heat(count: int) -> str:
    matrix = second_order("equal_interval", count, 3).matrix.tolist()
    return heat_chart(matrix, title="Pairs", description="D", legend="joint probability", zero="never", label="unit")


def rectangles(svg: str) -> list[ElementTree.Element]:
    found = ElementTree.fromstring(svg).iter(f"{SVG}rect")
    return [element for element in found if element.get("fill") != PAPER]


def test_bars_begin_at_one_line_and_are_as_long_as_their_figures() -> None:
    wide = [float(bar.attrib["width"]) for bar in rectangles(bars())]
    assert wide[0] == pytest.approx(4 * wide[1], abs=0.3)
    assert wide[2] == 0
    assert len({bar.attrib["x"] for bar in rectangles(bars())}) == 1


def test_a_mark_is_drawn_where_its_value_lies() -> None:
    bar = rectangles(bars())[0]
    (mark,) = (line for line in ElementTree.fromstring(bars()).iter(f"{SVG}line") if line.get("stroke") == SEAL)
    expected = float(bar.attrib["x"]) + float(bar.attrib["width"]) * 3 / 4
    assert float(mark.attrib["x1"]) == pytest.approx(expected, abs=0.2)


@pytest.mark.parametrize("count", [4, 12, 24, 60])
def test_every_pair_of_a_heat_map_is_a_shade_or_where_it_is_zero_a_cross(count: int) -> None:
    zeros = len(second_order("equal_interval", count, 3).zeros)
    root = ElementTree.fromstring(heat(count))
    assert len(list(root.iter(f"{SVG}path"))) == 2 * zeros + 1
    assert len(rectangles(heat(count))) == count * (count - 1) - 2 * zeros + 1


def test_the_largest_element_is_the_darkest() -> None:
    svg = heat_chart([[9, 1, 4], [1, 9, 2], [4, 2, 9]], title="T", description="D", legend="l", zero="z", label="u")
    shades = [int(cell.attrib["fill"][1:3], 16) for cell in rectangles(svg)]
    assert shades[1] == shades[4] == shades[-1] == min(shades)
    assert shades[0] == shades[2] == max(shades)


@pytest.mark.parametrize("svg", [bars(), heat(4), heat(12), heat(60)])
def test_nothing_stands_outside_the_paper(svg: str) -> None:
    root = ElementTree.fromstring(svg)
    height = float(root.attrib["viewBox"].split()[3])
    for text in root.iter(f"{SVG}text"):
        wide = text_width(text.text or "", float(text.get("font-size", 13)))
        left = float(text.attrib["x"]) - {"end": wide, "middle": wide / 2}.get(text.get("text-anchor", ""), 0)
        assert (left >= 0, left + wide <= WIDTH, float(text.attrib["y"]) <= height) == (True, True, True), text.text
    for shape in rectangles(svg):
        assert float(shape.attrib["x"]) + float(shape.attrib["width"]) <= WIDTH
        assert float(shape.attrib["y"]) + float(shape.attrib["height"]) <= height


@pytest.mark.parametrize("own", [[], [Bar("a", -1, "−1")], [Bar("a", 1, "1", mark=-1)]])
def test_bars_that_cannot_be_drawn_are_a_callers_mistake(own: list[Bar]) -> None:
    with pytest.raises(ValueError, match="at least one bar, and no value below 0"):
        bar_chart([("", own)], title="T", description="D", x_label="x")


@pytest.mark.parametrize("matrix", [[[1.0]], [[1.0, 0.0], [0.0]], [[0.0] * 61] * 61])
def test_a_matrix_that_is_not_square_or_too_large_is_a_callers_mistake(matrix: list[list[float]]) -> None:
    with pytest.raises(ValueError, match="square matrix"):
        heat_chart(matrix, title="T", description="D", legend="l", zero="z", label="u")
