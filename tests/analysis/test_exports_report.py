"""The report holds the figures of the other exports, in both languages, with charts, contents and page numbers."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from docx import Document
from made_round import made_source

from analysis import Note, pairs_of, report_blocks, score_files, sensitivity, sensitivity_sentences
from analysis.charts.words import figure
from analysis.report.blocks import ChartBlock, Heading, Paragraph, TableBlock

MARK = Path(__file__).parents[2] / "survey_app" / "static" / "mark.svg"


@pytest.fixture(scope="module")
def report() -> bytes:
    return score_files(made_source(), ["docx"])["report.docx"]


def table(document, caption: str) -> list[list[str]]:
    """The cells of the table below a caption."""
    parts = list(document.iter_inner_content())
    captions = [k for k, part in enumerate(parts) if getattr(part, "text", "") == caption]
    grid = parts[captions[0] + 1]
    return [[cell.text for cell in row.cells] for row in grid.rows]


def test_scores_ranks_and_intervals_are_those_of_the_scores(report):
    rows = table(Document(io.BytesIO(report)), "公众评议总分和位次")
    townships = made_source().scores.townships.sort_values("rank")
    assert len(rows) == 20
    for cells, row in zip(rows[1:], townships.itertuples(), strict=True):
        assert cells == [
            str(row.rank), row.township, figure(row.public_appraisal), f"{figure(row.ci_low)}～{figure(row.ci_high)}",
            f"{row.rank_low}–{row.rank_high}", f"{figure(100 * row.p_top6, 0)}%",
        ]  # fmt: skip


def test_group_totals_are_those_of_the_scores(report):
    source = made_source()
    rows = table(Document(io.BytesIO(report)), "各类合计分值")
    totals = source.scores.groups.set_index(["township_code", "group"])["total"]
    codes = source.scores.townships.sort_values("rank")["township_code"]
    for cells, code in zip(rows[1:], codes, strict=True):
        assert cells[1:] == [figure(totals[code, group.code]) for group in source.scores.scheme.groups]


def test_response_rates_come_from_the_samples(report):
    source = made_source()
    assert source.responses is not None
    assert source.responses.samples is not None
    rural = source.responses.samples[source.responses.samples["group"] == "rural"]
    eligible, answered = int(rural["eligible"].sum()), int(rural["answered"].sum())
    rows = table(Document(io.BytesIO(report)), "各类样本及回收情况")
    assert rows[-1] == ["农村居民", "950", str(eligible), str(answered), f"{figure(100 * answered / eligible, 1)}%"]


def test_the_sections_stand_as_headings_and_in_the_contents(report):
    document = Document(io.BytesIO(report))
    headings = [paragraph.text for paragraph in document.paragraphs if paragraph.style.name == "Heading 1"]
    assert [text[:2] for text in headings] == ["一、", "二、", "三、", "四、", "五、", "六、", "七、", "八、", "九、"]
    with zipfile.ZipFile(io.BytesIO(report)) as archive:
        body = archive.read("word/document.xml").decode()
        footers = "".join(archive.read(n).decode() for n in archive.namelist() if "footer" in n)
    assert r"TOC \o" in body
    assert " PAGE " in footers
    assert all(body.count(text) == 2 for text in headings)
    assert 'w:eastAsia="宋体"' in archive_text(report, "word/styles.xml")


def archive_text(data: bytes, name: str) -> str:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return archive.read(name).decode("utf-8")


def test_each_chart_stands_as_svg_with_a_picture_beside(report):
    with zipfile.ZipFile(io.BytesIO(report)) as archive:
        names = archive.namelist()
        drawings = [archive.read(name) for name in names if name.endswith(".svg")]
        pictures = [archive.read(name) for name in names if name.endswith(".png")]
        relations = archive.read("word/_rels/document.xml.rels").decode()
        body = archive.read("word/document.xml").decode()
        types = archive.read("[Content_Types].xml").decode()
    charts = [block for block in report_blocks(made_source()) if isinstance(block, ChartBlock)]
    assert len(charts) == 5
    assert {chart.svg.encode() for chart in charts} | {MARK.read_bytes()} == set(drawings)
    assert all(picture.startswith(b"\x89PNG") for picture in pictures)
    assert len(pictures) == 6
    assert "image/svg+xml" in types
    embedded = re.findall(r'svgBlip [^>]*r:embed="(rId\d+)"', body)
    assert len(embedded) == 6
    assert all(re.search(rf'Id="{each}"[^>]*\.svg"|\.svg"[^>]*Id="{each}"', relations) for each in embedded)


def test_the_page_is_a4_and_the_bytes_depend_on_the_figures_alone(report):
    section = Document(io.BytesIO(report)).sections[0]
    assert (round(section.page_width.cm, 1), round(section.page_height.cm, 1)) == (21.0, 29.7)
    assert score_files(made_source(), ["docx"])["report.docx"] == report


def words(source) -> str:
    blocks = report_blocks(source)
    return "\n".join(block.text for block in blocks if isinstance(block, Heading | Paragraph))


def test_the_english_report_has_the_same_tables_and_no_chinese_sentence():
    zh, en = report_blocks(made_source(19, "zh")), report_blocks(made_source(19, "en"))
    assert [type(block) for block in zh] == [type(block) for block in en]
    for one, other in zip(zh, en, strict=True):
        if isinstance(one, TableBlock) and isinstance(other, TableBlock):
            assert len(one.rows) == len(other.rows)
    assert not re.search("[，。；：]", words(made_source(19, "en")))


def test_the_report_says_how_many_pairs_of_townships_cannot_be_told_apart():
    left = len(pairs_of(made_source().scores)[1].not_told_apart)
    assert f"共171对，其中{left}对得分之差在抽样误差之内" in words(made_source())
    assert f"其余{171 - left}对分得清先后" in words(made_source())
    english = words(made_source(language="en"))
    assert f"Of the 171 pairs of townships, {left} have scores that differ by no more than sampling error" in english


def test_what_is_not_known_is_left_out_or_said():
    source = made_source()
    townships = source.scores.townships.copy()
    townships[["se", "ci_low", "ci_high", "p_top6"]] = float("nan")
    townships[["rank_low", "rank_high"]] = None
    bare = replace(source, scores=replace(source.scores, townships=townships), responses=None, changes=None, quality=())
    text = words(bare)
    assert "本次未计算位次区间" in text
    assert "本报告未附上期得分" in text
    assert "回收率" not in text
    charts = [block for block in report_blocks(bare) if isinstance(block, ChartBlock)]
    assert len(charts) == 3
    assert "rural" not in "".join(block.words for block in charts)


def test_a_round_without_any_score_still_gives_a_report():
    source = made_source()
    townships = source.scores.townships.assign(public_appraisal=float("nan"), rank=None)
    groups = source.scores.groups.assign(total=float("nan"))
    text = words(replace(source, scores=replace(source.scores, townships=townships, groups=groups)))
    assert "没有乡镇取得公众评议总分" in text


def test_sentences_on_quality_sensitivity_and_notes_stand_in_the_report():
    source = made_source()
    noted = replace(source, scores=replace(source.scores, notes=(Note("tie", "Two share.", "甲乙并列。"),)))
    assert source.quality[0].zh in words(noted)
    assert source.sensitivity[0].zh in words(noted)
    tables = [block for block in report_blocks(noted) if isinstance(block, TableBlock)]
    assert ("注 1", "甲乙并列。") in tables[-1].rows


def test_the_cover_bears_the_mark_of_the_app():
    own = Path(__file__).parents[2] / "analysis" / "report" / "mark.svg"
    assert own.read_bytes() == MARK.read_bytes()


def test_a_tables_properties_stand_in_the_order_that_word_takes(report):
    order = ["tblStyle", "tblW", "jc", "tblBorders", "tblLayout", "tblLook"]
    for each in Document(io.BytesIO(report)).tables:
        names = [child.tag.split("}")[1] for child in each._tbl.tblPr]
        assert "tblBorders" in names
        assert names == sorted(names, key=order.index)


def test_the_share_of_simulations_is_not_called_a_probability():
    text, english = words(made_source()), words(made_source(19, "en"))
    assert "它不是该乡镇真正属于前6名的概率" in text
    assert "It is not the probability that it truly belongs there" in english
    headers = [block.header for block in report_blocks(made_source()) if isinstance(block, TableBlock)]
    assert any("模拟中进入前六的比例" in header for header in headers)
    assert not any("概率" in name for header in headers for name in header)


def test_with_fewer_than_seven_townships_nothing_is_said_of_rank_six():
    for text in (words(made_source(6)), words(made_source(6, "en"))):
        assert not re.search("第6名|前6名|前六|rank 6|first 6|first six", text)
    assert "各乡镇按位次依次为" in words(made_source(6))
    assert "第6名" in words(made_source(7))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_without_sentences_on_sensitivity_the_report_works_them_out_itself(language):
    source = replace(made_source(19, language), sensitivity=())
    assert source.responses is not None
    told = sensitivity_sentences(sensitivity(source.responses, source.scores.scheme))
    assert len(told) > 5
    text = words(source)
    assert all(getattr(sentence, language) in text for sentence in told)
    few = replace(made_source(5, language), sensitivity=())
    assert not re.search("前 ?6 ?名|first 6", words(few))


def test_where_nobody_judged_there_is_no_table_of_best_and_worst_items():
    source = made_source()
    columns = ["satisfied", "basic", "unsatisfied"]
    items = source.scores.items.assign(**dict.fromkeys(columns, 0), score=float("nan"))
    blocks = report_blocks(replace(source, scores=replace(source.scores, items=items)))
    assert all(block.rows for block in blocks if isinstance(block, TableBlock))
    assert not any(isinstance(block, TableBlock) and "最高和最低的题目" in block.caption for block in blocks)


def test_the_sentence_on_changes_says_what_the_verdicts_allow_for():
    assert "表中的判断已计入两期的抽样误差。" in words(made_source())
    assert "升降是否可信，已计入" not in words(made_source())
