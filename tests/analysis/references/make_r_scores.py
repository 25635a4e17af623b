"""
Write the made rounds that the R script was run on: PYTHONPATH=.:tests/analysis python <this file>.

r_scores          three townships
r_scores_edges    two townships: in the first all delegates on the list and all households listed in one village answered,
                  in the second all enterprises; the urban group has one respondent in all
"""

from __future__ import annotations

from pathlib import Path

from made_round import CODES, made_responses

from analysis import Responses, write_responses

HERE = Path(__file__).parent
FIRST, SECOND = CODES[:2]


def _written(name: str, made: Responses) -> None:
    write_responses(HERE / name / "responses", made.groups, made.townships, made.samples, {}, overwrite=True)


def _with_edges(made: Responses) -> Responses:
    groups, samples = dict(made.groups), made.samples.copy()
    groups["urban"] = groups["urban"].head(1)
    own = samples["group"] == "urban"
    samples.loc[own, "answered"] = [1, *[0] * (int(own.sum()) - 1)]
    village = samples.query("group == 'rural' and township_code == @FIRST")["psu_code"].iloc[0]
    for group, township, psu in (("delegates", FIRST, ""), ("rural", FIRST, village), ("enterprise", SECOND, "")):
        here = (samples["group"] == group) & (samples["township_code"] == township) & (samples["psu_code"] == psu)
        samples.loc[here, "listed"] = samples.loc[here, "answered"]
    return Responses(made.round, made.wave, groups, made.townships, samples, made.item_lists)


if __name__ == "__main__":
    _written("r_scores", made_responses(3))
    _written("r_scores_edges", _with_edges(made_responses(2)))
