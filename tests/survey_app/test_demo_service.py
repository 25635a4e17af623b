"""Loading the demo county, and that simulated answers stay on it."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from survey_app.errors import NotAllowed
from survey_app.models import Ballot, Contact, County, Round
from survey_app.services import demo, fieldwork
from survey_app.shell import Shell
from tests.factories import make_county, make_open_round


class CutOff(Exception):
    """The power goes."""


@pytest.mark.parametrize("step", ["seal_frame", "draw_round", "open_fieldwork"])
def test_a_first_start_that_was_cut_off_is_taken_up_where_it_stopped(
    sqlite_shell: Shell, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut(*_: object, **__: object) -> None:
        raise CutOff

    owner = {"seal_frame": demo.framing, "draw_round": demo.drawing, "open_fieldwork": demo.fieldwork}[step]
    small_demo(monkeypatch)
    with monkeypatch.context() as broken:
        broken.setattr(owner, step, cut)
        with pytest.raises(CutOff):
            demo.load_demo(sqlite_shell, lambda _: None)
    assert demo.wants_demo(sqlite_shell)
    demo.load_demo(sqlite_shell, lambda _: None)
    assert not demo.wants_demo(sqlite_shell)
    links = demo.demo_links(sqlite_shell)
    assert links is not None
    assert set(links.respondents) == {"delegates", "enterprise", "urban", "rural"}
    with sqlite_shell.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(County)) == 1
        assert session.scalars(select(Round)).one().state == "open"


def test_simulated_answers_never_stand_on_a_real_county(sqlite_shell: Shell) -> None:
    county = make_county(sqlite_shell, is_demo=False)
    round_id = make_open_round(sqlite_shell, county)
    with pytest.raises(NotAllowed, match="demo county only"):
        demo.simulate_round(sqlite_shell, county.office, round_id, seed=1)
    with sqlite_shell.database.reading() as session:
        assert session.scalars(select(Ballot.key)).first() is None


def test_simulating_answers_only_for_those_who_have_not_answered(shell: Shell) -> None:
    county = make_county(shell)
    round_id = make_open_round(shell, county)
    first = demo.simulate_round(shell, county.office, round_id, seed=1, response_rate=0.5)
    second = demo.simulate_round(shell, county.office, round_id, seed=2, response_rate=1.0)
    assert first + second == 220
    with shell.database.reading() as session:
        counts = fieldwork.count_answered(session, round_id)
    assert all(issued == answered for issued, answered in counts.values())


def small_demo(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the demo have a frame of two townships, which loads at once."""
    from survey_app import demo as pure

    county = pure.build_county()
    rows = pure.build_frame(county)
    codes = sorted({row[0] for row in rows})[11:13]
    monkeypatch.setattr(pure, "build_frame", lambda _county: [row for row in rows if row[0] in codes])


def test_the_whole_demo_frame_is_loaded_with_its_contacts(sqlite_shell: Shell) -> None:
    demo.load_demo(sqlite_shell, lambda _: None)
    with sqlite_shell.database.reading() as session:
        assert (session.scalar(select(func.count()).select_from(Contact)) or 0) > 100_000
