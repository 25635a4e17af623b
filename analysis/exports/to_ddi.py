"""
What the answers are, for archives: DDI Codebook 2.5 (ddi:codebook:2_5).

Study, files, variables with questions, categories with counts, weights. It describes the SPSS and Stata files, whose codes
it lists; texts stand in Chinese and in English.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET

from analysis.exports.coded_rows import CodedGroup, Variable, coded_groups
from analysis.exports.provenance import provenance
from analysis.exports.source import ExportSource
from analysis.labels import Label

NAMESPACE = "ddi:codebook:2_5"
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_SCHEMA = "{http://www.w3.org/2001/XMLSchema-instance}schemaLocation"
_PLACE = "http://www.ddialliance.org/Specification/DDI-Codebook/2.5/XMLSchema/codebook.xsd"
_TITLE = Label("公众评议答卷", "Responses of the public appraisal")
_WEIGHT = "weight"


def codebook_files(source: ExportSource) -> dict[str, bytes]:
    """
    ``codebook.xml``, by name.

    Raises
    ------
    ExportError
        If the scores came without the answers.
    """
    groups = coded_groups(source, "ddi")
    root = ET.Element("codeBook", {"version": "2.5", "xmlns": NAMESPACE, _SCHEMA: f"{NAMESPACE} {_PLACE}"})
    _citation(_add(root, "docDscr"), source)
    _study(_add(root, "stdyDscr"), source)
    for number, group in enumerate(groups, start=1):
        _file(root, group, number)
    data = _add(root, "dataDscr")
    for number, group in enumerate(groups, start=1):
        _variables(data, group, number)
    ET.indent(root)
    ET.register_namespace("xsi", "http://www.w3.org/2001/XMLSchema-instance")
    return {"codebook.xml": ET.tostring(root, encoding="utf-8", xml_declaration=True) + b"\n"}


def _add(parent: ET.Element, name: str, words: str | None = None, **attributes: str) -> ET.Element:
    child = ET.SubElement(parent, name, attributes)
    child.text = words
    return child


def _both(parent: ET.Element, name: str, label: Label, **attributes: str) -> None:
    """The element in both languages."""
    for language, words in (("zh", label.zh), ("en", label.en)):
        _add(parent, name, words, **attributes).set(_LANGUAGE, language)


def _citation(parent: ET.Element, source: ExportSource) -> None:
    citation = _add(parent, "citation")
    titles = _add(citation, "titlStmt")
    _add(titles, "titl", source.title or f"{_TITLE.zh} {source.scores.round}").set(_LANGUAGE, "zh")
    _add(titles, "parTitl", f"{_TITLE.en} {source.scores.round}".strip()).set(_LANGUAGE, "en")
    _add(titles, "IDNo", source.scores.round)
    production = _add(citation, "prodStmt")
    _add(production, "software", source.scores.engine)


def _study(study: ET.Element, source: ExportSource) -> None:
    _citation(study, source)
    scheme = source.scores.scheme
    info = _add(study, "stdyInfo")
    _both(info, "abstract", scheme.description)
    summary = _add(info, "sumDscr")
    units = Label("乡镇（街道）", "Township")
    _both(summary, "geogUnit", units)
    _both(summary, "anlyUnit", Label("个人或住户", "Person or household"))
    _both(
        summary,
        "universe",
        Label(
            "、".join(group.label.zh for group in scheme.groups), ", ".join(group.label.en for group in scheme.groups)
        ),
    )
    _both(summary, "dataKind", Label("调查数据", "Survey data"))
    method = _add(study, "method")
    collection = _add(method, "dataColl")
    _both(
        collection,
        "sampProc",
        Label("分层、多阶段、等距随机抽样", "Stratified, multi-stage, equal-interval random sample"),
    )
    _both(collection, "collMode", Label("自填、协助填答或纸质问卷", "Self-completion, assisted, or on paper"))
    _both(
        collection,
        "weight",
        Label(
            "变量 weight 为设计权数（入样概率的倒数）；公众评议得分不加权。",
            "The variable weight is the design weight, the reciprocal of the inclusion probability; the official scores are "
            "unweighted.",
        ),
    )
    notes = _add(study, "notes")
    notes.text = "\n".join(f"{line.head.en}: {line.words.en}" for line in provenance(source))


def _file(root: ET.Element, group: CodedGroup, number: int) -> None:
    text = _add(_add(root, "fileDscr", ID=f"F{number}"), "fileTxt")
    _add(text, "fileName", f"responses_{group.group}.sav")
    _add(text, "fileCont", f"{group.label.zh} · {group.label.en}")
    size = _add(text, "dimensns")
    _add(size, "caseQnty", str(len(group.rows)))
    _add(size, "varQnty", str(len(group.variables)))
    _add(text, "fileType", "SPSS system file; the Stata file of the same name holds the same rows")


def _variables(data: ET.Element, group: CodedGroup, number: int) -> None:
    for variable in group.variables:
        attributes = {"ID": _variable_id(number, variable.name), "name": variable.name, "files": f"F{number}"}
        if variable.name == _WEIGHT:
            attributes["wgt"] = "wgt"
        else:
            attributes["wgt-var"] = _variable_id(number, _WEIGHT)
        attributes["intrvl"] = "contin" if variable.name == _WEIGHT else "discrete"
        element = ET.SubElement(data, "var", attributes)
        _both(element, "labl", variable.label, level="variable")
        if variable.is_item:
            question = _add(element, "qstn")
            _both(question, "qstnLit", variable.label)
        if variable.missing:
            _add(_add(element, "invalrng"), "range", min=str(min(variable.missing)), max=str(max(variable.missing)))
        _categories(element, variable, group)
        _add(element, "varFormat", type="character" if variable.is_text else "numeric", schema="SPSS")


def _categories(element: ET.Element, variable: Variable, group: CodedGroup) -> None:
    for code, label in variable.values.items():
        category = _add(element, "catgry", missing="Y" if code in variable.missing else "N")
        _add(category, "catValu", str(code))
        _both(category, "labl", label, level="category")
        _add(category, "catStat", str(int((group.rows[variable.name] == code).sum())), type="freq")


def _variable_id(number: int, name: str) -> str:
    return f"F{number}_{name}"
