"""The report's sentences stay true of the figures where there is one township, a tie, no difference, or a part is missing."""

from __future__ import annotations

import re
from dataclasses import replace

import pandas as pd
import pytest
from answer_sheets import A, B, C, responses, sheet

from analysis import ExportSource, change, report_blocks, score
from analysis.charts.change_chart import change_sentence
from analysis.report.blocks import ChartBlock, Heading, Paragraph, TableBlock, chart

CODES = [f"3599001{number:02}000" for number in range(1, 9)]


def report(*sheets: pd.DataFrame, language: str = "zh", **given: object) -> list:
    answers = responses(*sheets, **given)
    return report_blocks(ExportSource(score(answers), answers, language=language))


def words(blocks: list) -> str:
    return "\n".join(block.text for block in blocks if isinstance(block, Heading | Paragraph))


def charts(blocks: list) -> str:
    return "\n".join(block.words for block in blocks if isinstance(block, ChartBlock))


def rural(code: str, first: str = "ssssbb", second: str = "sbsbsb") -> pd.DataFrame:
    return sheet("rural", code, R01=first, R02=second)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_of_a_single_township_no_best_and_worst_is_told(language):
    blocks = report(rural(A), language=language)
    text = words(blocks) + charts(blocks)
    assert not re.search("相差0.00|最高为|By rank|highest in", text)
    assert ("对1个乡镇（街道）开展" if language == "zh" else "a public appraisal of 1 township was") in text
    assert ("取得公众评议总分的只有" if language == "zh" else "alone has a public appraisal") in text
    assert not any(
        "模拟" in str(b.header) or "simulations" in str(b.header) for b in blocks if isinstance(b, TableBlock)
    )


def test_townships_that_tie_are_named_together():
    blocks = report(rural(A, "ssssss"), rural(B), rural(C))
    text = words(blocks)
    assert "最低为镇2、镇3（" in text
    assert "总分相同的位次并列" in text
    assert re.search("农村居民合计分值平均[0-9.]+分，最高镇1（[0-9.]+），最低镇2、镇3（[0-9.]+）", text)
    english = words(report(rural(A, "ssssss"), rural(B), rural(C), language="en"))
    assert "lowest in 镇2, 镇3 (" in english
    assert "equal scores share a rank" in english


def test_where_all_say_the_same_no_difference_is_told():
    every = [rural(code, "ssssss", "ssssss") for code in CODES]
    blocks = report(*every)
    text = words(blocks)
    assert "8个乡镇的公众评议总分相同，均为100.00分" in text
    assert "农村居民对各题的评价相同，均为5.00分" in text
    assert "农村居民合计分值在各乡镇均为100.00分" in text
    assert "8个乡镇的公众评议总分均为100.00分" in charts(blocks)
    assert "农村居民对各题表示满意的均占100%" in charts(blocks)
    assert not re.search("最高|最低|最多|最少", text.split("四、各类")[1].split("六、")[0] + charts(blocks))


def test_items_that_tie_are_named_together():
    text = words(report(sheet("rural", A, R01="ssss", R02="ssss", R03="sbub")))
    assert re.search("评价最高的是“?R01”?、“?R02”?（5.00分）", text)


def test_samples_that_count_other_answers_than_came_in_are_not_passed_over():
    answers = responses(rural(A), rural(B))
    samples = pd.DataFrame(
        {
            "township_code": [A, B], "group": "rural", "psu_code": "", "size": pd.NA, "listed": 40, "hits": pd.NA, "pi_1": None,
            "issued": 10, "released": 0, "eligible": 10, "answered": [6, 9],
        }
    )  # fmt: skip
    given = replace(answers, samples=samples)
    scores = score(answers)
    told = words(report_blocks(ExportSource(scores, given)))
    assert "所记作答份数与收到的答卷不符" in told
    right = replace(answers, samples=samples.assign(answered=6))
    assert "不符" not in words(report_blocks(ExportSource(scores, right)))


def test_changes_whose_errors_are_not_known_are_not_said_to_be_within_them():
    rows = [{"township_code": "a", "verdict": "not_known"}, {"township_code": "b", "verdict": "not_told_apart"}]
    assert change_sentence(rows, {}, "zh") == "与上期相比，没有乡镇总分的升降可以断定"
    assert change_sentence(rows, {}, "en") == "Since the last wave no change can be told from chance"
    assert change_sentence(rows[1:], {}, "zh") == "与上期相比，各乡镇总分的升降都在误差范围内"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_last_wave_of_other_townships_is_not_said_to_be_missing(language):
    now, before = score(responses(rural(A), rural(B))), score(responses(rural(C)))
    source = ExportSource(now, changes=change(now, before).townships, language=language)
    text = words(report_blocks(source))
    assert ("没有两期均有得分的乡镇" if language == "zh" else "No township has a score in both waves") in text
    assert "本报告未附上期得分" not in text
    assert "No scores of a last wave" not in text


def test_the_words_of_a_chart_are_plain_text():
    drawing = "<svg><title>The township&#x27;s roads &amp; bridges</title></svg>"
    (block,) = chart(drawing)
    assert block == ChartBlock(drawing, "The township's roads & bridges")
