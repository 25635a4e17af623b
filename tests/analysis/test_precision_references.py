"""Standard errors equal those of R's survey package on a made case (references/README.md says how they were made)."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis import Precision, Responses, precision, responses_from_tables

REFERENCES = Path(__file__).parent / "references"
ITEMS = ["R01", "R02", "R03", "R04"]
R = json.loads((REFERENCES / "precision_r.json").read_text())


def code(township: str | int) -> str:
    return f"35990010{township}000"


@pytest.fixture(scope="module")
def case() -> Responses:
    with (REFERENCES / "precision_case.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    rows = pd.DataFrame(
        {
            "round": "made", "wave": 1, "township_code": [code(line["township"]) for line in lines], "group": "rural",
            "psu_code": [line["psu"] for line in lines], "weight": [line["weight"] for line in lines], "mode": "",
            "minutes": "", **{item: [line[item] for line in lines] for item in ITEMS},
        }
    )  # fmt: skip
    psus = {(line["township"], line["psu"]): line for line in lines}
    samples = pd.DataFrame(
        {
            "township_code": [code(township) for township, _ in psus], "group": "rural",
            "psu_code": [psu for _, psu in psus], "size": "", "listed": [line["listed"] for line in psus.values()],
            "hits": "", "pi_1": [line["pi_1"] for line in psus.values()], "issued": "", "released": "", "eligible": "",
            "answered": "",
        }
    )  # fmt: skip
    codes = [code(number) for number in range(1, 5)]
    townships = pd.DataFrame({"township_code": codes, "township": codes, "last_rank": ""})
    return responses_from_tables({"rural": rows}, townships, samples)


def figures(found: Precision, township: int, name: str) -> list[float]:
    """Of the four items, then the total."""
    items = found.items[found.items["township_code"] == code(township)]
    total = found.groups[found.groups["township_code"] == code(township)]
    return [*items[name].tolist(), *total[name].tolist()]


def tag(township: int, fpc: bool) -> str:
    return f"township_{township}" + ("_fpc" if fpc else "")


@pytest.mark.parametrize("fpc", [True, False])
@pytest.mark.parametrize("township", [1, 2, 3])
def test_linearised_standard_errors_are_those_of_r(case, township, fpc):
    found = precision(case, fpc=fpc)
    assert figures(found, township, "se") == pytest.approx(R[f"linearised_{tag(township, fpc)}_fail"], rel=1e-9)


@pytest.mark.parametrize("fpc", [True, False])
@pytest.mark.parametrize("policy", ["remove", "certainty", "adjust", "average"])
def test_each_policy_for_a_single_psu_gives_the_standard_errors_of_r(case, policy, fpc):
    found = precision(case, fpc=fpc, lonely_psu=policy)
    assert figures(found, 4, "se") == pytest.approx(R[f"linearised_{tag(4, fpc)}_{policy}"], rel=1e-9)


@pytest.mark.parametrize("fpc", [True, False])
@pytest.mark.parametrize("township", [1, 2, 3, 4])
def test_the_total_has_the_covariance_of_the_items_in_it(case, township, fpc):
    found = precision(case, fpc=fpc, lonely_psu="remove")
    assert figures(found, township, "se")[-1:] == pytest.approx(R[f"covariance_{tag(township, fpc)}"], rel=1e-9)


@pytest.mark.parametrize(("township", "fpc"), [(1, True), (1, False), (2, False), (3, False), (4, False)])
def test_jackknife_standard_errors_are_those_of_r(case, township, fpc):
    found = precision(case, fpc=fpc, method="jackknife", lonely_psu="remove")
    assert figures(found, township, "se") == pytest.approx(R[f"jackknife_{tag(township, fpc)}"], rel=1e-9)


@pytest.mark.parametrize("township", [1, 2, 3])
def test_bootstrap_standard_errors_are_near_those_of_r(case, township):
    found = precision(case, fpc=False, method="bootstrap", rng=20261123, replicates=4000)
    assert figures(found, township, "se") == pytest.approx(R[f"bootstrap_{tag(township, False)}"], rel=0.05)


@pytest.mark.parametrize("township", [1, 2, 3, 4])
def test_degrees_of_freedom_are_those_of_r(case, township):
    expected = [*R[f"degf_items_{tag(township, True)}"], *R[f"degf_{tag(township, True)}"]]
    assert figures(precision(case), township, "df") == expected


def test_weighted_item_scores_are_those_of_r(case):
    found = precision(case)
    weighted = [figures(found, township, "weighted")[:4] for township in range(1, 5)]
    assert np.concatenate(weighted) == pytest.approx(R["weighted_items"], rel=1e-12)


def test_the_order_of_rows_changes_no_figure_in_the_last_digit(case):
    turned = Responses(**{**vars(case), "groups": {"rural": case.groups["rural"].iloc[::-1].reset_index(drop=True)}})
    for method in ("linearised", "jackknife", "bootstrap"):
        one, other = (precision(given, method=method, rng=7, replicates=50) for given in (case, turned))
        pd.testing.assert_frame_equal(one.items, other.items, check_exact=True)
        pd.testing.assert_frame_equal(one.groups, other.groups, check_exact=True)
