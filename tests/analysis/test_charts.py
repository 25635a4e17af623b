"""Charts say what the tables say, are the same for the same figures, and stay out where there is nothing to show."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import replace

import pandas as pd
import pytest
from made_round import NAMES, made_source

from analysis import (
    change_chart,
    dimension_chart,
    dimension_scores,
    group_chart,
    item_chart,
    pair_chart,
    pairs_of,
    rank_chart,
    score,
)
from analysis.charts import drawing
from analysis.charts.words import figure, names_of

TEXT = "{http://www.w3.org/2000/svg}text"


def charts(language: str = "zh") -> dict[str, str]:
    source = made_source(19, language)
    found = {
        "rank": rank_chart(source.scores, language=language),
        "group": group_chart(source.scores, language=language),
        "item": item_chart(source.scores, "rural", source.item_lists, language=language),
        "change": change_chart(source.changes, names_of(source.scores), language=language),
        "dimension": dimension_chart(source.scores, source.item_lists, language=language),
        "pair": pair_chart(source.scores, language=language),
    }
    return {name: svg for name, svg in found.items() if svg is not None}


def texts(svg: str) -> list[str]:
    return [element.text or "" for element in ET.fromstring(svg).iter(TEXT)]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_each_chart_is_sound_svg_with_a_title_and_words_for_those_who_cannot_see(language):
    found = charts(language)
    assert set(found) == {"rank", "group", "item", "change", "dimension", "pair"}
    for svg in found.values():
        root = ET.fromstring(svg)
        assert root.get("viewBox", "").startswith("0 0 360 ")
        title, description = (root.findtext(f"{{http://www.w3.org/2000/svg}}{name}") for name in ("title", "desc"))
        assert title
        assert description
        assert title.replace(" ", "") in "".join(texts(svg)).replace(" ", "")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_nothing_runs_over_the_edges(language):
    for svg in charts(language).values():
        root = ET.fromstring(svg)
        tall = float(root.get("viewBox", "").split()[3])
        for element in root.iter(TEXT):
            if element.get("transform"):
                continue
            size = float(element.get("font-size", drawing.TEXT_SIZE))
            wide = drawing.text_width(element.text or "", size)
            x = float(element.get("x", 0)) - {"end": wide, "middle": wide / 2}.get(element.get("text-anchor", ""), 0)
            assert x >= -1, element.text
            assert x + wide <= drawing.WIDTH + 1, element.text
            assert 0 < float(element.get("y", 0)) <= tall


def test_the_rank_chart_holds_each_score_rank_and_range_in_the_order_of_ranks():
    source = made_source()
    shown = texts(charts()["rank"])
    rows = source.scores.townships.sort_values("rank")
    for row in rows.itertuples():
        for words in (row.township, figure(row.public_appraisal), f"{row.rank_low}–{row.rank_high}"):
            assert words in shown
    assert [name for name in shown if name in NAMES] == rows["township"].tolist()


def test_the_rank_charts_title_counts_the_townships_that_are_firmly_among_the_first_six():
    scores = made_source().scores
    firm = int((scores.townships["rank_high"] <= 6).sum())
    assert f"只有{firm}个乡镇" in charts()["rank"]
    none = replace(scores, townships=scores.townships.assign(rank_high=19))
    assert "没有一个乡镇的位次区间" in str(rank_chart(none))


def test_without_intervals_and_rank_sets_the_rank_chart_shows_scores_alone():
    scores = made_source().scores
    columns = dict.fromkeys(("se", "ci_low", "ci_high"), float("nan"))
    empty = scores.townships.assign(**columns)
    empty[["rank_low", "rank_high"]] = None
    svg = str(rank_chart(replace(scores, townships=empty)))
    assert "位次区间" not in svg
    assert "置信区间" not in svg
    assert figure(scores.townships["public_appraisal"].iloc[0]) in texts(svg)


def test_answers_are_told_apart_by_pattern_and_word_besides_colour():
    svg = charts()["item"]
    assert 'fill="url(#stripes)"' in svg
    assert 'fill="url(#dots)"' in svg
    assert {"满意", "基本满意", "不满意", "不了解"} <= set(texts(svg))


def test_the_bars_of_an_item_fill_the_width():
    bars = re.findall(r'<rect x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="13"', charts()["item"])
    rows: dict[str, float] = {}
    for _, y, width in bars:
        rows[y] = rows.get(y, 0.0) + float(width)
    assert len(rows) == 20
    assert all(abs(width - (drawing.WIDTH - 2 * drawing.MARGIN)) < 0.3 for width in rows.values())


def test_the_change_chart_names_those_that_moved_by_more_than_chance():
    source = made_source()
    assert source.changes is not None
    sure = source.changes[source.changes["verdict"] != "not_told_apart"]["township_code"]
    title = re.search("<title>(.*?)</title>", charts()["change"])
    assert title is not None
    names = names_of(source.scores)
    assert {name for name in NAMES if name in title.group(1)} == {names[code] for code in sure}


def test_dimension_scores_are_means_of_item_scores_brought_to_100():
    source = made_source()
    code = source.scores.townships["township_code"].iloc[0]
    found = dimension_scores(source.scores, source.item_lists, "rural")
    items = [item for item, label in source.item_lists["rural"].dimensions.items() if label.zh == "基础设施"]
    own = source.scores.items
    values = own[(own["township_code"] == code) & own["item"].isin(items)]["score"]
    assert float(found[code, "基础设施"]) == pytest.approx(values.mean() * 20, abs=1e-12)


def test_cells_far_below_the_county_carry_a_mark_besides_their_colour():
    source = made_source()
    found = dimension_scores(source.scores, source.item_lists)
    low = 0
    for name in {name for _, name in found}:
        column = [value for (_, each), value in found.items() if each == name]
        low += sum(sum(column) / len(column) - value >= 3 for value in column)
    for language, words in (("zh", "红色且带倒三角低于3分以上"), ("en", "triangle: below")):
        drawn = dimension_chart(source.scores, source.item_lists, language=language)
        assert drawn.count("<polygon") == low > 0
        assert words in "".join(re.findall(r">([^<]*)</text>", drawn)).replace("\n", "")
        assert "italic" not in drawn


def test_where_there_is_nothing_to_show_there_is_no_chart():
    source = made_source()
    empty = replace(source.scores, townships=source.scores.townships.assign(public_appraisal=float("nan")))
    assert rank_chart(empty) is None
    assert group_chart(replace(source.scores, groups=source.scores.groups.assign(total=float("nan")))) is None
    assert item_chart(source.scores, "unheard_of") is None
    assert change_chart(None, {}) is None
    assert dimension_chart(source.scores, {}) is None
    assert pair_chart(empty) is None
    assert pair_chart(replace(source.scores, townships=source.scores.townships.assign(se=float("nan")))) is None
    assert pair_chart(made_source(1).scores) is None
    twice = pd.concat([source.scores.townships] * 2, ignore_index=True)
    assert pair_chart(replace(source.scores, townships=twice)) is None  # of 38 the signs could not be read


def test_the_same_figures_give_the_same_chart():
    source = made_source()
    assert source.responses is not None
    again = replace(source.scores, items=score(source.responses).items)
    assert item_chart(again, "rural", source.item_lists) == charts()["item"]
    assert charts() == charts()


def test_the_pair_chart_compares_each_township_with_those_in_front_by_sign_besides_colour():
    scores = made_source().scores
    together = set(pairs_of(scores)[1].not_told_apart)
    svg = charts()["pair"]
    assert f"171对中有{len(together)}对的先后分不清" in svg
    signs = [element for element in ET.fromstring(svg).iter(TEXT) if element.text in ("≠", "≈")][
        2:
    ]  # behind the legend's
    shown = iter(signs)
    tops = sorted({float(sign.get("y", 0)) for sign in signs})
    for k in range(1, 19):
        own = [next(shown) for _ in range(k)]
        assert {float(sign.get("y", 0)) for sign in own} == {tops[k - 1]}
        assert [sign.text for sign in own] == ["≈" if (j, k) in together else "≠" for j in range(k)]
    assert 0 < len(together) < 171


def test_the_pair_chart_says_it_where_no_pair_or_every_pair_is_told_apart():
    scores = made_source(3).scores
    known, vague = (replace(scores, townships=scores.townships.assign(se=se)) for se in (0.0, 99.0))
    for chart_of, zh, en in (
        (known, "3个乡镇两两相比，3对的先后都分得清", "All 3 pairs of townships can be told apart"),
        (vague, "没有一对分得清先后", "None of the 3 pairs of townships can be told apart"),
    ):
        assert zh in str(pair_chart(chart_of))
        assert en in str(pair_chart(chart_of, language="en"))
    two = made_source(2).scores
    for se, words in ((0.0, "The two townships can be"), (99.0, "The two townships cannot")):
        assert words in str(pair_chart(replace(two, townships=two.townships.assign(se=se)), language="en"))


def test_the_words_for_those_who_cannot_see_the_pairs_name_them_by_rank():
    scores = made_source(3).scores
    names = scores.townships.sort_values("rank")["township"].tolist()
    vague = str(pair_chart(replace(scores, townships=scores.townships.assign(se=99.0))))
    assert f"第1位{names[0]}与第2、3位分不清；第2位{names[1]}与第1、3位分不清" in vague
    known = str(pair_chart(replace(scores, townships=scores.townships.assign(se=0.0))))
    assert f"第1位{names[0]}与其他乡镇都分得清" in known
