"""
`make bench`: each line is a ratio of CPU times, Pingyi's to a plain baseline's, the median of several interleaved runs.

These machines are noisy; a ratio from one run holds where a second does not.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import numpy as np
import pandas as pd

from analysis import (
    count_answers,
    count_files,
    fieldwork_quality,
    load_scheme,
    precision,
    rank_sets,
    read_responses,
    score,
    sensitivity,
)
from benchmarks.material import ANSWER_CODES, demo_frame, demo_responses, many_answers, plain_codes, printed_cards
from sampling import draw, load_design, read_frame, write_draw
from sampling.methods.equal_interval import equal_interval
from survey_app.printing.cards_pdf import cards_pdf
from survey_app.printing.qr import qr_svg
from survey_app.services import keys

RUNS = 7


def ratio(
    name: str, ours: Callable[[], object], plain: Callable[[], object], baseline: str, *, runs: int = RUNS
) -> None:
    """Print the median ratio of CPU times of two functions run in turn."""
    pairs = [(cpu_time(ours), cpu_time(plain)) for _ in range(runs)]
    found = median(mine / theirs for mine, theirs in pairs)
    seconds = median(mine for mine, _ in pairs)
    print(f"{name:<52} {seconds * 1000:10.2f} ms   {found:8.2f} × {baseline}")


def cpu_time(function: Callable[[], object]) -> float:
    """Return the CPU seconds of one call."""
    began = time.process_time()
    function()
    return time.process_time() - began


def main() -> None:
    """Run all figures."""
    with tempfile.TemporaryDirectory() as work:
        folder = Path(work)
        design = load_design("county-110")
        path = demo_frame(folder)
        frame = read_frame(path, design=design)
        result = draw(frame, design, "bench")
        answers = demo_responses(folder, result)
        positions = np.arange(10**6, dtype=np.int64)

        ratio(
            "equal interval, 1,000,000 of 10,000,000",
            lambda: equal_interval(10**7, 10**6, start=12345),
            lambda: (12345 + positions * 10**7) // 10**6,
            "index arithmetic in numpy",
        )
        ratio(
            f"frame read and checked, {len(frame.table):,} rows of CSV",
            lambda: read_frame(path, design=design),
            lambda: pd.read_csv(path, dtype=str, keep_default_na=False),
            "pandas.read_csv alone",
            runs=3,
        )
        ratio(
            "county drawn with reserves and its three files",
            lambda: draw(frame, design, "bench"),
            lambda: frame.table.sort_values(["township_code", "group", "psu_code", "unit_code"]),
            "one sort of the frame in pandas",
            runs=3,
        )
        count = iter(range(10**6))
        ratio(
            "draw written to disk",
            lambda: write_draw(result, folder / f"draw-{next(count)}"),
            lambda: (folder / "plain.csv").write_bytes(result.frame_csv + result.sample_csv),
            "writing the same bytes",
            runs=3,
        )
        scheme, responses = load_scheme("county"), read_responses(answers)
        ratio(
            "county scored in exact fractions",
            lambda: score(responses, scheme),
            lambda: [table.groupby("township_code").size() for table in responses.groups.values()],
            "counting rows in pandas",
            runs=3,
        )
        source = np.random.default_rng(1)
        scores19 = (85 + 3 * source.standard_normal(19)).tolist()
        ratio(
            "rank sets of 19 townships, 10,000 replicates",
            lambda: rank_sets(scores19, [2.1] * 19, rng=1),
            lambda: source.standard_normal((19, 10_000)),
            "drawing the normal numbers",
        )
        counts = count_answers(responses)
        ratio(
            "ranks of 19 townships under about 100 other rules",
            lambda: sensitivity(counts, scheme),
            lambda: score(counts, scheme),
            "scoring once",
            runs=3,
        )
        ratio(
            "quality of the fieldwork, 4,000 honest places each",
            lambda: fieldwork_quality(responses, rng=1),
            lambda: source.standard_normal((76 * 6000, 20), dtype=np.float32),
            "drawing one normal number an answer",
            runs=3,
        )
        ratio(
            "standard errors of the county",
            lambda: precision(responses, scheme),
            lambda: score(count_answers(responses), scheme),
            "scores in exact fractions",
            runs=3,
        )
        parquet, codes, places = many_answers(folder)
        ratio(
            f"{codes.size:,} answers counted from Parquet",
            lambda: count_files([parquet]),
            lambda: np.bincount((places[:, None] * ANSWER_CODES + codes).ravel()),
            "one numpy.bincount of numbers in memory",
            runs=3,
        )
        public_key = keys.make_key_pair(_scratch_config(folder), 1)
        content = bytes(4096)
        ratio(
            "100 ballots sealed",
            lambda: [keys.seal(public_key, content, info=b"") for _ in range(100)],
            lambda: [__import__("hashlib").sha256(content).digest() for _ in range(100)],
            "SHA-256 of the same bytes",
        )
        ratio(
            "20 QR codes as SVG",
            lambda: [qr_svg(f"https://pingyi.example.cn/r/{number:026}") for number in range(20)],
            lambda: [_plain_qr(f"https://pingyi.example.cn/r/{number:026}") for number in range(20)],
            "qrcode's own SVG",
            runs=3,
        )
        cards, facts = printed_cards(2090)
        cards_pdf(cards[:8], facts)
        ratio(
            "2,090 cards as PDF, A4, 8 a page",
            lambda: cards_pdf(cards, facts),
            lambda: plain_codes(cards),
            "making the same QR codes with qrcode, nothing else",
            runs=1,
        )


def _plain_qr(text: str) -> bytes:
    import io

    import qrcode
    from qrcode.constants import ERROR_CORRECT_Q
    from qrcode.image.svg import SvgPathImage

    code = qrcode.QRCode(error_correction=ERROR_CORRECT_Q)
    code.add_data(text)
    buffer = io.BytesIO()
    code.make_image(SvgPathImage).save(buffer)
    return buffer.getvalue()


def _scratch_config(folder: Path):  # type: ignore[no-untyped-def]
    from survey_app.config import Config, prepare_home

    config = Config(home=folder / "home", database_url="sqlite://")
    prepare_home(config)
    return config


if __name__ == "__main__":
    main()
