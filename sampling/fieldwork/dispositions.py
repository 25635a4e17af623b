"""
How a visit ended, and the rates that follow.

OUTCOMES                code → Outcome, with the disposition code of the field's standard
final_disposition(…)    what the visits of a unit come to
outcome_rates(…)        response, cooperation, refusal and contact rates from counts of dispositions

Source: AAPOR (2023), Standard Definitions, 10th edition: in-person household surveys, rates RR1, COOP1, REF1, CON1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from sampling.errors import SamplingError

INTERVIEW, REFUSAL, NON_CONTACT, OTHER, UNKNOWN, NOT_ELIGIBLE = "I", "R", "NC", "O", "U", "NE"


@dataclass(frozen=True)
class Outcome:
    """
    One way in which a visit can end.

    Attributes
    ----------
    code : str
        Its key in ``OUTCOMES``.
    aapor : str
        The nearest disposition code of AAPOR's Standard Definitions.
    zh, en : str
        What an investigator chooses.
    kind : str
        What it counts as: ``I`` interview, ``R`` refusal, ``NC`` not contacted, ``O`` other reason though eligible,
        ``U`` unknown whether eligible, ``NE`` not eligible.
    final : bool
        Whether it settles the matter by itself; the others may be followed by another visit.
    """

    code: str
    aapor: str
    zh: str
    en: str
    kind: str
    final: bool = False


OUTCOMES: dict[str, Outcome] = {
    outcome.code: outcome
    for outcome in (
        Outcome("card_left", "2.30", "已交付答卷卡，待本人作答", "card handed over, to be answered", OTHER),
        Outcome("completed", "1.1", "已作答", "answered", INTERVIEW, True),
        Outcome("appointment", "2.30", "已约定再访时间", "appointment made", OTHER),
        Outcome("no_contact", "2.24", "无人在家", "nobody at home", NON_CONTACT),
        Outcome("respondent_out", "2.25", "本人不在", "somebody at home, but not the person asked for", NON_CONTACT),
        Outcome("refused", "2.11", "拒绝接受调查", "refused", REFUSAL),
        Outcome("broken_off", "2.12", "中途停止作答", "broken off", REFUSAL),
        Outcome("absent", "2.25", "调查期间长期外出", "away for the whole of the fieldwork", NON_CONTACT, True),
        Outcome("died", "2.31", "被调查人已去世", "the person has died", OTHER, True),
        Outcome("unable", "2.32", "因病或其他原因无法作答", "unable to answer (illness, incapacity)", OTHER),
        Outcome("language", "2.33", "语言不通", "no common language", OTHER),
        Outcome("unsafe", "3.17", "道路不通或不安全，无法到达", "cannot be reached, or not safely", UNKNOWN),
        Outcome("not_located", "3.18", "地址不清，找不到该户", "the address cannot be located", UNKNOWN),
        Outcome("moved", "4.10", "已迁出本乡镇", "moved out of the township", NOT_ELIGIBLE, True),
        Outcome(
            "duplicate", "4.10", "与样本中另一单位重复", "the same as another unit of the sample", NOT_ELIGIBLE, True
        ),
        Outcome("demolished", "4.50", "房屋已拆除或不作居住", "demolished, or no dwelling", NOT_ELIGIBLE, True),
        Outcome("vacant", "4.60", "空房，无人居住", "vacant", NOT_ELIGIBLE),
        Outcome("out_of_scope", "4.70", "不属于调查对象", "nobody there belongs to the population", NOT_ELIGIBLE, True),
    )
}
UNVISITED = "unvisited"
"""A unit that nobody has visited and that has not answered: unknown whether eligible (AAPOR 3.11)."""


@dataclass(frozen=True)
class OutcomeRates:
    """
    Rates of a set of issued units, each as an exact fraction, None where nothing can be divided by.

    Attributes
    ----------
    issued : int
        Units that were issued, eligible or not.
    response : Fraction or None
        RR1 = I / (I + R + NC + O + U).
    cooperation : Fraction or None
        COOP1 = I / (I + R + O).
    refusal : Fraction or None
        REF1 = R / (I + R + NC + O + U).
    contact : Fraction or None
        CON1 = (I + R + O) / (I + R + NC + O + U).
    """

    issued: int
    response: Fraction | None
    cooperation: Fraction | None
    refusal: Fraction | None
    contact: Fraction | None


def check_outcome(code: str) -> Outcome:
    """
    The outcome of a code.

    Raises
    ------
    SamplingError
        If there is none, with the known ones.

    Examples
    --------
    >>> check_outcome("refused").aapor
    '2.11'
    """
    if code in OUTCOMES:
        return OUTCOMES[code]
    raise SamplingError(
        f"There is no outcome {code[:40]!r} of a visit; known are {', '.join(OUTCOMES)}.",
        f"没有访问结果“{code[:40]}”；现有 {'、'.join(OUTCOMES)}。",
    )


def final_disposition(outcomes: Sequence[str], *, answered: bool) -> str:
    """
    What a unit's visits come to.

    Parameters
    ----------
    outcomes : sequence of str
        Keys of ``OUTCOMES`` in the order of the visits.
    answered : bool
        Whether an answer is in the box; it outweighs every visit.

    Returns
    -------
    str
        ``completed``; else the last outcome that settles the matter, else a refusal once there was one (it is not taken
        back by nobody's being at home later), else the last outcome; ``unvisited`` where there was none.
        What a visit alone called ``completed`` is no answer: it counts as a card left.

    Examples
    --------
    >>> final_disposition(["no_contact", "refused", "no_contact"], answered=False)
    'refused'
    >>> final_disposition([], answered=False)
    'unvisited'
    """
    if answered:
        return "completed"
    known = ["card_left" if code == "completed" else check_outcome(code).code for code in outcomes]
    if not known:
        return UNVISITED
    for settled in (
        [code for code in known if OUTCOMES[code].final],
        [code for code in known if OUTCOMES[code].kind == REFUSAL],
    ):
        if settled:
            return settled[-1]
    return known[-1]


def outcome_rates(counts: Mapping[str, int]) -> OutcomeRates:
    """
    The rates of a set of units.

    Parameters
    ----------
    counts : mapping of str to int
        How many units have each final disposition: keys of ``OUTCOMES``, and ``unvisited``.

    Examples
    --------
    >>> rates = outcome_rates({"completed": 8, "refused": 1, "vacant": 1, "unvisited": 1})
    >>> rates.response, rates.contact
    (Fraction(4, 5), Fraction(9, 10))
    """
    kinds = dict.fromkeys((INTERVIEW, REFUSAL, NON_CONTACT, OTHER, UNKNOWN, NOT_ELIGIBLE), 0)
    for code, number in counts.items():
        kinds[UNKNOWN if code == UNVISITED else check_outcome(code).kind] += number
    talked = kinds[INTERVIEW] + kinds[REFUSAL] + kinds[OTHER]
    base = talked + kinds[NON_CONTACT] + kinds[UNKNOWN]
    return OutcomeRates(
        issued=sum(kinds.values()),
        response=_share(kinds[INTERVIEW], base),
        cooperation=_share(kinds[INTERVIEW], talked),
        refusal=_share(kinds[REFUSAL], base),
        contact=_share(talked, base),
    )


def _share(part: int, whole: int) -> Fraction | None:
    return Fraction(part, whole) if whole else None
