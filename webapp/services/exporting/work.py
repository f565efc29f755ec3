"""Making a bundle that was asked for: by a worker under its job's lease and fence, or at once at the console."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.orm import Session

from webapp.acts import jobs
from webapp.acts.actors import actor_of
from webapp.adapters.outside import Outside
from webapp.adapters.store.ledger import head
from webapp.adapters.store.schema import ExportRow, Job, Person
from webapp.domain.workflow import Actor
from webapp.errors import Conflict, Unavailable
from webapp.services.exporting.asking import CONSOLE_ROUTE, Wanted, enter_export
from webapp.services.exporting.dossier import dossier_of
from webapp.services.exporting.places import folder_of, place_of
from webapp.services.exporting.writing import Tell, write_bundle

LONGEST_FAILURE = 500
TAKEN_OVER = "fenced"


class _Stopped(Exception):
    """The worker is asked to stop; somebody else begins anew."""


def execute_export(outside: Outside, job: Job, *, is_stopping: Callable[[], bool] = lambda: False) -> None:
    """The bundle is made and may be fetched; given back when the worker is to stop. Conflict when another worker took it."""

    def tell(done: int, planned: int) -> None:
        """How far it is stands in the row, and the lease is extended."""
        if is_stopping():
            raise _Stopped
        with outside.database.writing() as session:
            jobs.renew(outside, session, job.id, job.fence, made_progress=True)
            _move_on(session, job.subject_id, done, planned)

    with outside.database.writing() as session:
        jobs.renew(outside, session, job.id, job.fence)
        session.get_one(ExportRow, job.subject_id).state = "working"
    with outside.database.reading() as session:
        place = place_of(folder_of(outside), session.get_one(ExportRow, job.subject_id))
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = place.with_suffix(f".{job.fence}.part")
    try:
        size = _write(outside, job.subject_id, part, tell)
        made = _made(part, size)
        with outside.database.writing() as session:
            jobs.finish(outside, session, job.id, job.fence)
            part.replace(place)
            _conclude(outside, session, job.subject_id, made)
    except _Stopped:
        jobs.give_back(outside, job.id, job.fence)
    except Conflict as error:
        if error.code != TAKEN_OVER:
            raise
    finally:
        part.unlink(missing_ok=True)


def fail_export(outside: Outside, job: Job, sentence: str) -> None:
    """The export has failed visibly, with its job; it can be asked for again."""
    with outside.database.writing() as session:
        jobs.fail(outside, session, job.id, job.fence, sentence)
        row = session.get_one(ExportRow, job.subject_id)
        row.state, row.failure, row.concluded_at = "failed", sentence[:LONGEST_FAILURE], outside.now()


def export_here(outside: Outside, actor: Actor, wanted: Wanted, path: Path, tell: Tell) -> ExportRow:
    """The bundle stands at ``path``, made now and by this process; the entry says who asked.

    It is written beside its place and moved there whole, so that no half bundle bears the name, however the process ends.
    """
    part = path.with_name(f"{path.name}.part")
    with outside.database.writing() as session:
        row = enter_export(outside, session, actor, wanted)
        row.state = "working"
    try:
        size = _write(outside, row.id, part, tell)
    except Unavailable as error:
        with outside.database.writing() as session:
            failed = session.get_one(ExportRow, row.id)
            failed.state, failed.failure, failed.concluded_at = "failed", error.sentence, outside.now()
        part.unlink(missing_ok=True)
        raise
    made = _made(part, size)
    part.replace(path)
    with outside.database.writing() as session:
        return _conclude(outside, session, row.id, made)


def _write(outside: Outside, export_id: str, path: Path, tell: Tell) -> int:
    with outside.database.reading() as session:
        row = session.get_one(ExportRow, export_id)
        reader = _reader(session, row)
        session.expunge(row)
    if row.scope == "dossier":
        return _print(outside, row, reader, path, tell)
    return write_bundle(outside, row, reader, path, tell).log_size


def _print(outside: Outside, row: ExportRow, reader: Actor, path: Path, tell: Tell) -> int:
    """The record stands at ``path`` as PDF; returns how many entries the log had then."""
    from webapp.adapters.paper import write_pdf  # only workers print

    with outside.database.reading() as session:
        size, _ = head(session)
        dossier = dossier_of(outside, session, row.value, reader)
    tell(0, 1)
    write_pdf(path, dossier)
    tell(1, 1)
    return size


def _reader(session: Session, row: ExportRow) -> Actor:
    """Who asked, with the roles held now; somebody deactivated meanwhile reads no protected text. The console holds no role."""
    person = session.get(Person, row.asked_by)
    if person is None or not person.is_active:
        return Actor(id=row.asked_by, name=row.asked_by_name, via=CONSOLE_ROUTE)
    return actor_of(person, "session")


def _move_on(session: Session, export_id: str, done: int, planned: int) -> None:
    row = session.get_one(ExportRow, export_id)
    row.done, row.planned = done, planned


@dataclass(frozen=True)
class _Made:
    """A bundle that was written: the size of its log, its bytes and their digest."""

    log_size: int
    file_bytes: int
    file_sha256: str


def _made(path: Path, log_size: int) -> _Made:
    with path.open("rb") as file:
        return _Made(log_size, path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest())


def _conclude(outside: Outside, session: Session, export_id: str, made: _Made) -> ExportRow:
    row = session.get_one(ExportRow, export_id)
    row.log_size, row.file_bytes, row.file_sha256 = made.log_size, made.file_bytes, made.file_sha256
    row.state, row.concluded_at, row.done = "complete", outside.now(), row.planned
    return row
