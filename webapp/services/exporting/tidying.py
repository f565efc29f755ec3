"""Tidying the folder of exports: bundles past their age, and what exports left that were ended in the middle.

A file counts only while its row says so; whatever else lies in the folder is removed. What must not live here: making bundles.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import ExportRow, Job
from webapp.services.exporting.asking import EXPORT_JOB
from webapp.services.exporting.places import folder_of, place_of

REMOVED = "Removed on {day:%-d %B %Y}, after {days} days. The record is unchanged: make it again."
BROKEN_OFF = "The command that made it ended before it was done; nothing of it was kept. Make it again."
LONGEST_COMMAND = timedelta(hours=24)


def tidy(outside: Outside) -> int:
    """Old bundles are gone and their rows say so, and so are half-made files; returns how many files were removed."""
    with outside.database.writing() as session:
        _retire(session, outside.now(), outside.settings.export_days)
        _end_broken_commands(session, outside.now())
    folder = folder_of(outside)
    if not folder.is_dir():
        return 0
    with outside.database.reading() as session:
        stray = [path for path in sorted(folder.iterdir()) if not _is_needed(session, path)]
    for path in stray:
        path.unlink(missing_ok=True)
    return len(stray)


def _retire(session: Session, now: datetime, days: int) -> None:
    limit = now - timedelta(days=days)
    for row in session.scalars(select(ExportRow).where(ExportRow.state == "complete", ExportRow.concluded_at < limit)):
        row.state, row.failure = "removed", REMOVED.format(day=now, days=days)


def _end_broken_commands(session: Session, now: datetime) -> None:
    """Exports of the console have no lease: one that is not done after a day was ended from outside."""
    jobs = select(Job.subject_id).where(Job.kind == EXPORT_JOB)
    query = select(ExportRow).where(
        ExportRow.state == "working", ExportRow.asked_at < now - LONGEST_COMMAND, ExportRow.id.not_in(jobs)
    )
    for row in session.scalars(query):
        row.state, row.failure, row.concluded_at = "failed", BROKEN_OFF, now


def _is_needed(session: Session, path: Path) -> bool:
    """Is this the file of a finished export, or one that a worker writes at this moment?"""
    export_id, _, rest = path.name.partition(".")
    row = session.get(ExportRow, export_id)
    if row is None:
        return False
    if row.state == "complete":
        return path.name == place_of(path.parent, row).name
    job = session.scalar(select(Job).where(Job.kind == EXPORT_JOB, Job.subject_id == export_id))
    if job is None or job.state != "leased":
        return False
    return path.name == place_of(path.parent, row).name or rest == f"{job.fence}.part"
