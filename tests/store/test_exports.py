"""Exports of every kind, made and verified on both databases, and tidied away."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.conftest import Clock, Staff
from tests.people import join
from tests.rollouts import live_first
from webapp import verify
from webapp.acts import jobs
from webapp.acts.recording import enter
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import ExportRow, Job
from webapp.assembly import prepare
from webapp.domain.workflow import Actor
from webapp.services.exporting import Wanted, ask_for_export, execute_export, export_file, tidy

CONSOLE = Actor(id="console", name="Console", via="console")
ROLES = {"ada": "author", "kim": "informaticist", "osei": "physician", "quinn": "auditor", "ruth": "administrator"}


@pytest.fixture
def staff(house: Outside) -> Iterator[Staff]:
    """One person in each role that a change needs, and an auditor."""
    prepare(house)
    staff = Staff(house, {name: join(house, name, (role,)) for name, role in ROLES.items()})
    with house.database.writing() as session:
        for name, role in ROLES.items():
            enter(house, session, CONSOLE, "role.granted", ("person", staff.ids[name], None), reason=role)
    yield staff


def make(house: Outside, staff: Staff, wanted: Wanted) -> Path:
    """What was asked for, as a worker makes it."""
    export_id = ask_for_export(house, staff.act_as("quinn"), wanted)
    with house.database.reading() as session:
        job_id = session.scalars(select(Job.id).where(Job.subject_id == export_id)).one()
    job = jobs.lease(house, job_id)
    assert job is not None
    execute_export(house, job)
    return export_file(house, staff.act_as("quinn"), export_id)


def test_every_kind_of_export_is_made_verified_and_removed_again(
    house: Outside, staff: Staff, capsys: pytest.CaptureFixture[str]
) -> None:
    change_id = live_first(house, staff)
    assert isinstance(house.now, Clock)
    since = house.now().replace(hour=0) - timedelta(days=1)
    days = {"since": since, "until": since + timedelta(days=3)}
    for wanted in (Wanted("change", change_id), Wanted("period", **days), Wanted("audit_pack", **days), Wanted("all")):
        path = make(house, staff, wanted)
        code = verify.main([str(path), "--key", house.notary.held().key.to_vkey()])
        assert code in (verify.GOOD, verify.WEAK), capsys.readouterr().out
    assert "and no further signature among them" in capsys.readouterr().out
    assert make(house, staff, Wanted("dossier", change_id)).read_bytes().startswith(b"%PDF-")
    house.now.forward(days=house.settings.export_days + 1)
    assert tidy(house) == 5
    with house.database.reading() as session:
        assert set(session.scalars(select(ExportRow.state))) == {"removed"}
