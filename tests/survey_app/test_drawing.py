"""Draw, redraw, refuse; the folder of a draw verifies."""

from __future__ import annotations

import hashlib
import io
import zipfile
from pathlib import Path

import pytest
from sqlalchemy import select

import sampling
from survey_app.errors import BadInput, WrongState
from survey_app.models import RecordEntry, SampleUnit, StoredDraw
from survey_app.services import drawing, jobs, worker
from survey_app.services.rounds import current_draw
from survey_app.shell import Shell
from tests.factories import make_county, make_drawn_round, make_open_round, make_round, make_sealed_round


def test_a_draw_takes_110_main_units_a_township_and_two_reserves_each(shell: Shell) -> None:
    county = make_county(shell)
    round_id = make_drawn_round(shell, county)
    with shell.database.reading() as session:
        units = session.scalars(select(SampleUnit)).all()
        per_township = [unit for unit in units if unit.township_code == "359900101000" and unit.role == "main"]
        assert len(per_township) == 110
        standing = current_draw(session, round_id)
        assert standing is not None
        assert standing.commitment == sampling.salted_commitment(standing.draw_json, standing.salt)


def test_the_downloaded_folder_passes_verify(shell: Shell, tmp_path: Path) -> None:
    county = make_county(shell)
    round_id = make_drawn_round(shell, county, seed="双色球 2026134")
    zipfile.ZipFile(io.BytesIO(drawing.draw_zip(shell, county.office, round_id))).extractall(tmp_path)
    folder = tmp_path / "draw-359900-2026-1"
    verification = sampling.verify_draw(folder)
    assert (verification.seed, verification.main) == ("双色球 2026134", 220)
    with shell.database.reading() as session:
        standing = current_draw(session, round_id)
        assert standing is not None
        assert hashlib.sha256((folder / "sample.csv").read_bytes()).hexdigest() == standing.sample_sha256


def test_no_seed_can_be_entered_before_the_frame_is_sealed(shell: Shell) -> None:
    county = make_county(shell)
    round_id = make_round(shell, county)
    with pytest.raises(WrongState, match="sealed before a seed"):
        drawing.request_draw(shell, county.office, round_id, seed="1")


@pytest.mark.parametrize("seed", ["", "a|b", "a\nb", "a\x00"])
def test_a_seed_that_could_be_read_in_two_ways_is_refused(shell: Shell, seed: str) -> None:
    county = make_county(shell)
    round_id = make_sealed_round(shell, county)
    with pytest.raises(sampling.SeedError):
        drawing.request_draw(shell, county.office, round_id, seed=seed)
    with shell.database.reading() as session:
        assert session.scalars(select(StoredDraw)).first() is None


def test_a_redraw_needs_a_reason_and_keeps_the_old_draw_with_name_and_reason(shell: Shell) -> None:
    county = make_county(shell)
    round_id = make_drawn_round(shell, county, seed="1")
    with pytest.raises(BadInput, match="needs a reason"):
        drawing.request_draw(shell, county.office, round_id, seed="2")
    drawing.request_draw(shell, county.office, round_id, seed="2", reason="名单漏了一个村")
    worker.run_waiting(shell)
    with shell.database.reading() as session:
        old, new = drawing.past_draws(session, round_id)
        assert (old.seed, old.reason, old.superseded_by) == ("1", "名单漏了一个村", county.office.name)
        assert (new.seed, new.superseded_at) == ("2", None)
        actions = [entry.action for entry in session.scalars(select(RecordEntry).order_by(RecordEntry.number))]
    assert actions == ["round_created", "frame_sealed", "sample_drawn", "sample_redrawn"]


def test_a_round_in_the_field_cannot_be_drawn_again(shell: Shell) -> None:
    county = make_county(shell)
    round_id = make_open_round(shell, county)
    with pytest.raises(WrongState, match="sample stands"):
        drawing.request_draw(shell, county.office, round_id, seed="2", reason="再来")


def test_a_draw_that_was_asked_for_twice_is_made_once(shell: Shell) -> None:
    county = make_county(shell)
    round_id = make_sealed_round(shell, county)
    first = drawing.request_draw(shell, county.office, round_id, seed="1")
    second = drawing.request_draw(shell, county.office, round_id, seed="2")
    worker.run_waiting(shell)
    assert jobs.get_job(shell, county.id, first).state == "done"
    assert "needs a reason" in (jobs.get_job(shell, county.id, second).error_en or "")


def test_the_same_seed_gives_the_same_draw_in_every_installation(shell: Shell) -> None:
    county = make_county(shell)
    first = make_drawn_round(shell, county, seed="7", wave=1)
    second = make_drawn_round(shell, county, seed="7", wave=2)
    with shell.database.reading() as session:
        one, other = current_draw(session, first), current_draw(session, second)
        assert one is not None
        assert other is not None
        assert one.fingerprint == other.fingerprint
        assert one.commitment != other.commitment


def test_the_progress_of_a_draw_is_told(sqlite_shell: Shell) -> None:
    county = make_county(sqlite_shell)
    round_id = make_sealed_round(sqlite_shell, county)
    told: list[tuple[int, int]] = []
    drawing.draw_round(
        sqlite_shell,
        county.office,
        round_id,
        seed="1",
        reason="",
        progress=lambda done, total: told.append((done, total)),
    )
    assert told
    assert told[-1][0] == told[-1][1]
