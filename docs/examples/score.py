"""
From answers to scores, on plain DataFrames.

Run it as it is, or cell by cell in an editor that knows ``# %%``. The township 甲镇 is the one worked by hand in
docs/method.md; its names and answers are invented.
"""

# %% Answers: one table a group, one row a respondent, one column an item; an empty answer was skipped
import tempfile
from pathlib import Path

import pandas as pd

from analysis import load_scheme, responses_from_tables, score, write_scores

WORDS = {"s": "satisfied", "b": "basic", "u": "unsatisfied", "?": "unknown", "-": ""}


def rows(group: str, township_code: str, **items: str) -> pd.DataFrame:
    """One letter a respondent: s satisfied, b basically satisfied, u unsatisfied, ? not familiar, - skipped."""
    answers = pd.DataFrame({item: [WORDS[letter] for letter in letters] for item, letters in items.items()})
    facts = pd.DataFrame(
        {
            "round": "2026 年终",
            "wave": 1,
            "township_code": township_code,
            "group": group,
            "psu_code": "",
            "weight": 1.0,
            "mode": "",
            "minutes": "",
        },
        index=answers.index,
    )
    return facts.join(answers)


JIA, YI = "359900101000", "359900102000"

groups = {
    "delegates": pd.concat(
        [rows("delegates", JIA, D01="ssbu", D02="sb?-"), rows("delegates", YI, D01="ssss", D02="sbbu")]
    ),
    "enterprise": pd.concat(
        [rows("enterprise", JIA, E01="???", E02="sbb"), rows("enterprise", YI, E01="ssu", E02="bbb")]
    ),
    "urban": pd.concat([rows("urban", JIA, U01="sssbu", U02="ssbb?"), rows("urban", YI, U01="sbbbu", U02="sssss")]),
    "rural": pd.concat(
        [
            rows("rural", JIA, R01="sssbbu", R02="ssssb?", R03="sbbuu-"),
            rows("rural", YI, R01="ssbbuu", R02="sbbbb?", R03="ssssss"),
        ]
    ),
}
townships = pd.DataFrame({"township_code": [JIA, YI], "township": ["甲镇", "乙镇"], "last_rank": [2, 1]})

# %% Check them: every fault would be named by table, row and column
responses = responses_from_tables(groups, townships)

# %% Score them under the county plan
scores = score(responses, load_scheme("county"))
print(scores.townships[["township", "public_appraisal", "rank"]])
print(scores.groups[["township_code", "group", "total", "respondents"]])
for note in scores.notes:
    print(note.zh)

# %% The figures that decided the ranks, as fractions
print(scores.exact.townships)

# %% The same answers under another reading: a don't-know scores the county's mean
other = score(responses, load_scheme("county").with_readings(unknown_scores="county"))
print(other.townships[["township", "public_appraisal", "rank"]])

# %% Write items.csv, groups.csv, townships.csv and scores.xlsx
with tempfile.TemporaryDirectory() as folder:
    for path in write_scores(scores, Path(folder) / "scores"):
        print(path.name)
