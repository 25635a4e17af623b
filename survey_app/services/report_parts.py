"""
What the analysis report says beside the scores: quality of the fieldwork, sensitivity of the ranks, change on the last wave.

quality_part        sentences on the fieldwork, and what they were simulated with
sensitivity_part    sentences on what other rules would change
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from analysis import Responses, Scenario, Scheme
    from analysis.labels import Label

QUALITY_SEED = 1
"""The same for everybody, so that the same answers give the same flags."""


def quality_part(responses: Responses) -> tuple[tuple[Label, ...], tuple[tuple[Label, str], ...]]:
    """
    The flags in words (or that there is none) and the notes on them; and the line that says what drew their thresholds.

    Returns
    -------
    sentences : tuple of Label
    settings : tuple of (Label, str)
        For ``ExportSource``.
    """
    from analysis import fieldwork_quality
    from analysis.labels import Label

    quality = fieldwork_quality(responses, rng=QUALITY_SEED)
    none = Label("各村（居）和各类均无需提示之处。", "No place is flagged.")
    notes = tuple(Label(note.zh, note.en) for note in quality.notes)
    drawn = quality.simulated
    head = Label("调查质量的模拟", "Simulation for the quality of the fieldwork")
    return (quality.flags or (none,)) + notes, (
        (head, f"{drawn.bit_generator}, seed {QUALITY_SEED}, {drawn.replicates} replicates"),
    )


def sensitivity_part(responses: Responses, scheme: Scheme) -> tuple[Label, ...]:
    """
    What other rules would change: each reading and each weight that moves a rank, and one sentence on the items.

    Raises
    ------
    AnalysisError
        As ``score`` raises it.
    """
    from analysis import sensitivity

    scenarios = sensitivity(responses, scheme).scenarios
    said = [each.sentence for each in scenarios if each.kind != "item" and (each.changed or not each.possible)]
    still = sum(each.kind != "item" and each.possible and not each.changed for each in scenarios)
    return (*said, *_unmoved(still), *_about_items([each for each in scenarios if each.kind == "item"]))


def _unmoved(number: int) -> tuple[Label, ...]:
    from analysis.labels import Label

    if not number:
        return ()
    return (
        Label(
            f"另有 {number} 种读法或权重增减一成，各乡镇位次均不变。",
            f"Under {number} further readings or weights 10 % up or down no rank changes.",
        ),
    )


def _about_items(items: list[Scenario]) -> tuple[Label, ...]:
    from analysis.labels import Label

    if not items:
        return ()
    changing = [each for each in items if each.changed]
    if not changing:
        return (
            Label(
                f"逐一剔除 {len(items)} 个题目，各乡镇位次均不变。",
                f"Leaving out any one of the {len(items)} items changes no rank.",
            ),
        )
    prizes = sum(bool(each.entering) for each in changing)
    most = max(changing, key=lambda each: (each.largest, each.changed))
    return (
        Label(
            f"逐一剔除 {len(items)} 个题目，{len(changing)} 题会使位次变动，其中 {prizes} 题会改变前几名的名单；变动最大的是：{most.sentence.zh}",
            f"Leaving out one of the {len(items)} items changes ranks for {len(changing)} of them, and who is among the first for "
            f"{prizes}; it moves them furthest for this one: {most.sentence.en}",
        ),
    )
