"""Old bundles go, and nothing half-made ever stands in their place: also when a worker is killed in the middle."""

from __future__ import annotations

import os
import signal
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.conftest import Clock, Staff
from tests.stages import change_in
from webapp import verify
from webapp.acts import jobs
from webapp.adapters.outside import Outside
from webapp.adapters.store.database import Database
from webapp.adapters.store.schema import ExportRow, Job
from webapp.domain.workflow import Actor
from webapp.errors import NotFound
from webapp.services.exporting import (
    Wanted,
    ask_again,
    ask_for_export,
    execute_export,
    export_file,
    export_here,
    list_exports,
    tidy,
)

CONSOLE = Actor(id="console", name="Console", via="console")


def asked(outside: Outside, staff: Staff) -> tuple[str, Job]:
    """An export that somebody asked for, and its job in a worker's hands."""
    export_id = ask_for_export(outside, staff.act_as("quinn"), Wanted("all"))
    return export_id, leased(outside, export_id)


def leased(outside: Outside, export_id: str) -> Job:
    with outside.database.reading() as session:
        job_id = session.scalars(select(Job.id).where(Job.subject_id == export_id)).one()
    job = jobs.lease(outside, job_id)
    assert job is not None
    return job


def files(outside: Outside) -> list[str]:
    return sorted(path.name for path in (outside.settings.var_dir / "exports").iterdir())


def row_of(outside: Outside, export_id: str) -> ExportRow:
    with outside.database.reading() as session:
        return session.get_one(ExportRow, export_id)


def killed_in_the_middle(outside: Outside, job: Job) -> None:
    """Another process works on the job and is killed (-9) when most of the bundle is written."""
    folder = outside.settings.var_dir / "exports"

    def kill_once_writing() -> bool:
        if any(path.suffix == ".part" for path in folder.iterdir()):
            os.kill(os.getpid(), signal.SIGKILL)
        return False

    child = os.fork()
    if child == 0:
        house = replace(outside, database=Database(outside.settings.database_url))
        execute_export(house, job, is_stopping=kill_once_writing)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL


def test_a_bundle_past_its_age_is_removed_and_its_row_says_so(outside: Outside, staff: Staff, clock: Clock) -> None:
    change_in(outside, staff, "review")
    export_id, job = asked(outside, staff)
    execute_export(outside, job)
    clock.forward(days=outside.settings.export_days - 1)
    assert tidy(outside) == 0
    clock.forward(days=2)
    assert tidy(outside) == 1
    assert files(outside) == []
    (view,) = list_exports(outside, staff.act_as("quinn")).rows
    assert view.state == "removed"
    assert view.failure == "Removed on 2 April 2026, after 30 days. The record is unchanged: make it again."
    with pytest.raises(NotFound, match="make it again"):
        export_file(outside, staff.act_as("quinn"), export_id)
    again = ask_again(outside, staff.act_as("quinn"), export_id)
    execute_export(outside, leased(outside, again))
    assert export_file(outside, staff.act_as("quinn"), again).is_file()
    assert tidy(outside) == 0


def test_an_export_whose_worker_was_killed_is_made_by_the_next_one_and_the_half_file_goes(
    outside: Outside, staff: Staff, clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    export_id, job = asked(outside, staff)
    killed_in_the_middle(outside, job)
    assert files(outside) == [f"{export_id}.{job.fence}.part"]
    assert row_of(outside, export_id).state == "working"
    assert tidy(outside) == 0, "its lease still runs"
    clock.forward(seconds=jobs.LEASE_SECONDS + 1)
    assert jobs.overdue(outside) == [job.id]
    execute_export(outside, leased(outside, export_id))
    tidy(outside)
    assert files(outside) == [f"{export_id}.zip"]
    path = export_file(outside, staff.act_as("quinn"), export_id)
    assert verify.main([str(path), "--key", outside.notary.held().key.to_vkey()]) in (verify.GOOD, verify.WEAK)
    assert "FAIL" not in capsys.readouterr().out


def test_a_half_file_is_not_touched_while_its_worker_writes_it(outside: Outside, staff: Staff) -> None:
    export_id, job = asked(outside, staff)
    folder = outside.settings.var_dir / "exports"
    folder.mkdir()
    for name in (f"{export_id}.{job.fence}.part", f"{export_id}.zip"):
        (folder / name).write_bytes(b"half")
    assert tidy(outside) == 0


@pytest.mark.parametrize("name", ["exp_none.zip", "exp_none.1.part", "notes.txt", "{}.9.part", "{}.txt"])
def test_what_no_export_made_does_not_stay_in_the_folder(outside: Outside, staff: Staff, name: str) -> None:
    export_id, job = asked(outside, staff)
    execute_export(outside, job)
    (outside.settings.var_dir / "exports" / name.format(export_id)).write_bytes(b"x")
    assert tidy(outside) == 1
    assert files(outside) == [f"{export_id}.zip"]


def test_a_command_that_was_killed_leaves_no_bundle_and_fails_after_a_day(
    outside: Outside, tmp_path: Path, clock: Clock
) -> None:
    path = tmp_path / "here.zip"

    def broken_off(done: int, planned: int) -> None:
        raise KeyboardInterrupt((done, planned))

    with pytest.raises(KeyboardInterrupt):
        export_here(outside, CONSOLE, Wanted("all"), path, broken_off)
    assert not path.exists()
    with outside.database.reading() as session:
        export_id = session.scalars(select(ExportRow.id)).one()
    clock.forward(hours=23)
    tidy(outside)
    assert row_of(outside, export_id).state == "working"
    clock.forward(hours=2)
    tidy(outside)
    assert row_of(outside, export_id).state == "failed"
    assert "Make it again" in (row_of(outside, export_id).failure or "")
