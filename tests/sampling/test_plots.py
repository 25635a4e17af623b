"""Charts: well-formed, readable by a screen reader, within their frame, and the same text for the same values."""

from __future__ import annotations

import itertools
import xml.etree.ElementTree as ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sampling import (
    Curve,
    DesignPlan,
    GroupPlan,
    Interval,
    PlanningError,
    compare_designs,
    comparison_chart,
    interval_chart,
    line_chart,
    size_chart,
    with_clusters,
)
from sampling.charts.svg import WIDTH, nice_ticks, text_width

SVG = "{http://www.w3.org/2000/svg}"
RURAL = GroupPlan("rural", 5, 10, icc=0.05)
PLAN = DesignPlan("county-110", (GroupPlan("delegates", 30), RURAL))


def charts() -> dict[str, str]:
    compared = compare_designs([PLAN, with_clusters(PLAN, 10, 5), with_clusters(PLAN, 25, 2)])
    made = {f"size {lang}": size_chart(RURAL, lang=lang) for lang in ("zh", "en")}
    made |= {f"compared {lang}": comparison_chart(compared, lang=lang) for lang in ("zh", "en")}
    made["small"] = size_chart(GroupPlan("enterprise", 10, population=12), lang="en", label="Enterprise operators")
    return made


@pytest.mark.parametrize("name", charts())
def test_charts_are_well_formed_and_say_their_message_in_title_and_description(name: str) -> None:
    root = ElementTree.fromstring(charts()[name])
    title, description = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert title is not None
    assert description is not None
    assert root.get("role") == "img"
    drawn = "".join(element.text or "" for element in root.iter(f"{SVG}text") if element.get("font-size") == "16")
    assert drawn.replace(" ", "") == (title.text or "").replace(" ", "")
    assert "±" in (description.text or "")


@pytest.mark.parametrize("name", charts())
def test_nothing_stands_outside_the_chart(name: str) -> None:
    root = ElementTree.fromstring(charts()[name])
    height = float(root.attrib["viewBox"].split()[3])
    for text in root.iter(f"{SVG}text"):
        wide = text_width(text.text or "", float(text.get("font-size", 13)))
        left = float(text.attrib["x"]) - {"end": wide, "middle": wide / 2}.get(text.get("text-anchor", ""), 0)
        assert left >= 0, text.text
        assert left + wide <= WIDTH, text.text
        assert 0 < float(text.attrib["y"]) < height
    for circle in root.iter(f"{SVG}circle"):
        assert 0 < float(circle.attrib["cx"]) < WIDTH
        assert 0 < float(circle.attrib["cy"]) < height


@pytest.mark.parametrize("name", charts())
def test_the_same_values_give_the_same_text(name: str) -> None:
    assert charts()[name] == charts()[name]
    assert charts()[name].endswith("</svg>\n")


def test_text_that_looks_like_markup_is_shown_as_text() -> None:
    svg = line_chart([Curve("<b>", [(0, 1), (1, 2)])], title="a & <i>", description='"d"', x_label="x", y_label="y")
    root = ElementTree.fromstring(svg)
    assert "<b>" in [element.text for element in root.iter(f"{SVG}text")]
    assert root.findtext(f"{SVG}title") == "a & <i>"


def test_labels_at_the_ends_of_close_curves_do_not_meet() -> None:
    curves = [Curve(f"c{k}", [(0, 10), (1, 5 + k / 100)]) for k in range(4)]
    root = ElementTree.fromstring(line_chart(curves, title="T", description="D", x_label="x", y_label="y"))
    places = sorted(float(t.attrib["y"]) for t in root.iter(f"{SVG}text") if (t.text or "").startswith("c"))
    assert all(below - above >= 15 for above, below in itertools.pairwise(places))


def test_a_point_stands_where_its_values_say() -> None:
    svg = interval_chart(
        [("h", [Interval("a", -5, 0, 5, "±5"), Interval("b", -10, 5, 10, "±10", True)])],
        title="T",
        description="D",
        x_label="x",
    )
    root = ElementTree.fromstring(svg)
    ticks = {t.text: float(t.attrib["x"]) for t in root.iter(f"{SVG}text") if t.get("text-anchor") == "middle"}
    assert [float(c.attrib["cx"]) for c in root.iter(f"{SVG}circle")] == [ticks["0"], ticks["5"]]


def test_the_marked_point_and_the_title_state_the_planned_margin() -> None:
    assert ">50: ±6.0<" in size_chart(RURAL, lang="en")
    assert "<title>rural: 50 units (10 per cluster) give ±6.0 points</title>" in size_chart(RURAL, lang="en")
    assert "<title>农村抽 50 个（每群 10 个），误差为 ±6.0 分</title>" in size_chart(RURAL, label="农村")


def test_a_comparison_shows_what_changed_and_the_appraisal_alone() -> None:
    compared = compare_designs([PLAN, with_clusters(PLAN, 10, 5)])
    svg = comparison_chart(compared, lang="en", labels={"rural": "Rural residents"})
    assert "<title>Rural residents as 10×5: ±5.5 points instead of ±6.0</title>" in svg
    assert "delegates" not in svg
    assert "Public appraisal score" in svg
    same = comparison_chart(compare_designs([PLAN, PLAN._replace(name="again")]), lang="zh")
    assert "<title>各设计的误差相同</title>" in same


def test_an_empty_chart_and_an_unknown_language_are_refused() -> None:
    with pytest.raises(ValueError, match="at least one curve"):
        line_chart([], title="T", description="D", x_label="x", y_label="y")
    with pytest.raises(ValueError, match="at least one interval"):
        interval_chart([("h", [])], title="T", description="D", x_label="x")
    with pytest.raises(PlanningError, match="got 'fr'"):
        size_chart(RURAL, lang="fr")
    with pytest.raises(PlanningError, match="got 'fr'"):
        comparison_chart(compare_designs([PLAN]), lang="fr")


@settings(deadline=None)
@given(low=st.floats(-1e6, 1e6), spread=st.floats(0, 1e6), count=st.integers(1, 8))
def test_ticks_are_round_and_enclose_the_range(low: float, spread: float, count: int) -> None:
    ticks = nice_ticks(low, low + spread, count)
    assert ticks[0] <= low
    assert ticks[-1] >= low + spread
    assert 2 <= len(ticks) <= count + 3
    assert ticks == sorted(set(ticks))
