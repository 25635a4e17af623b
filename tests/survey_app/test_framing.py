"""Upload, dry run and sealing of a frame."""

from __future__ import annotations

import io
import zlib

import pytest
from sqlalchemy import func, select

from survey_app.errors import BadInput, NotFound, WrongState
from survey_app.models import Contact, FramePsu, Job, Round, SealedFrame
from survey_app.services import framing, jobs, worker
from survey_app.services.rounds import Actor
from survey_app.shell import Shell
from tests.factories import CountyFacts, frame_csv, make_county, make_round, make_sealed_round


def check(shell: Shell, county: CountyFacts, round_id: int, content: bytes, name: str = "frame.csv") -> Job:
    job_id = framing.receive_upload(shell, county.office, round_id, name=name, stream=io.BytesIO(content))
    worker.run_waiting(shell)
    return jobs.get_job(shell, county.id, job_id)


def uploads(shell: Shell) -> list[str]:
    return [path.name for path in shell.config.uploads_folder.iterdir()]


def test_a_dry_run_says_what_was_read_and_stores_nothing(shell: Shell) -> None:
    county = make_county(shell)
    round_id = make_round(shell, county)
    job = check(shell, county, round_id, frame_csv())
    assert job.result is not None
    assert job.result["faults"] == []
    assert job.result["report"]["counts"]["359900101000"] == {
        "delegates": 33,
        "enterprise": 11,
        "urban": 24,
        "rural": 72,
    }
    with shell.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Contact)) == 0
        assert session.scalars(select(SealedFrame)).first() is None
        assert session.get_one(Round, round_id).state == "new"


def test_sealing_keeps_the_hash_shown_the_psus_and_the_contacts_apart(shell: Shell) -> None:
    county = make_county(shell)
    round_id = make_round(shell, county)
    job = check(shell, county, round_id, frame_csv())
    assert job.result is not None
    framing.request_seal(shell, county.office, round_id, job.id)
    worker.run_waiting(shell)
    with shell.database.reading() as session:
        sealed = session.scalars(select(SealedFrame)).one()
        assert sealed.sha256 == job.result["sha256"]
        content = zlib.decompress(sealed.content).decode()
        assert "户主" not in content
        assert "1990000" not in content
        psu = session.scalars(select(FramePsu).where(FramePsu.psu_code == "359900101201")).one()
        assert (psu.name, psu.size, psu.listed) == ("村1", 12, 12)
        contact = session.scalars(select(Contact).where(Contact.unit_code == "1-001", Contact.group == "rural")).first()
        assert contact is not None
        assert (contact.name, contact.address) == ("户主0-1", "1组1号") or contact.name.startswith("户主")
    assert uploads(shell) == []


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "empty"),
        (b"%PDF-1.7 frame", "PDF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, ".xls"),
        (b"a,b,c\n1,2,3\n", "township_code"),
        (frame_csv() + frame_csv().splitlines()[1] + b"\n", "D001"),
        (frame_csv().replace("代表1,".encode(), b"=1+1,", 1), "formula"),
    ],
)
def test_a_bad_file_is_refused_with_its_reason_and_nothing_stays(shell: Shell, content: bytes, what: str) -> None:
    county = make_county(shell)
    round_id = make_round(shell, county)
    job = check(shell, county, round_id, content)
    told = job.error_en or " ".join(fault["en"] for fault in (job.result or {})["faults"])
    assert what in told
    assert uploads(shell) == []
    with pytest.raises(BadInput, match="not accepted"):
        framing.request_seal(shell, county.office, round_id, job.id)
    with shell.database.reading() as session:
        assert session.get_one(Round, round_id).state == "new"


def test_a_dry_run_whose_file_a_later_upload_replaced_says_so(shell: Shell) -> None:
    county = make_county(shell)
    round_id = make_round(shell, county)
    first = framing.receive_upload(shell, county.office, round_id, name="a.csv", stream=io.BytesIO(frame_csv()))
    second = framing.receive_upload(shell, county.office, round_id, name="b.csv", stream=io.BytesIO(frame_csv()))
    worker.run_waiting(shell)
    assert "replaced by a later upload" in (jobs.get_job(shell, county.id, first).error_en or "")
    assert jobs.get_job(shell, county.id, second).state == "done"


def test_a_file_over_the_limit_is_refused_and_removed(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    county = make_county(shell)
    round_id = make_round(shell, county)
    monkeypatch.setattr(framing, "UPLOAD_LIMIT", 1 << 20)
    with pytest.raises(BadInput, match="larger than 1 MB"):
        framing.receive_upload(shell, county.office, round_id, name="x.csv", stream=io.BytesIO(b"x" * ((1 << 20) + 1)))
    assert uploads(shell) == []


def test_a_sealed_frame_cannot_be_replaced(shell: Shell) -> None:
    county = make_county(shell)
    round_id = make_sealed_round(shell, county)
    with pytest.raises(WrongState, match="frame is sealed"):
        check(shell, county, round_id, frame_csv())


def test_another_countys_round_does_not_exist(shell: Shell) -> None:
    county = make_county(shell)
    other = make_county(shell, code="359901", prefix="other_")
    round_id = make_round(shell, county)
    with pytest.raises(NotFound):
        framing.receive_upload(shell, Actor("李", other.id), round_id, name="x.csv", stream=io.BytesIO(frame_csv()))


def test_a_township_unknown_to_the_county_is_refused(shell: Shell) -> None:
    county = make_county(shell)
    round_id = make_round(shell, county)
    job = check(shell, county, round_id, frame_csv({"359900999000": "外乡"}))
    assert job.result is not None
    assert any("359900999000" in fault["en"] for fault in job.result["faults"])
