"""Tidying the folder of exports: bundles past their age, and what exports left that were ended in the middle.

A file counts only while its row says so; whatever else lies in the folder is removed. What must not live here: making bundles.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Select, select

from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import ExportRow, Job
from webapp.services.exporting.asking import EXPORT_JOB
from webapp.services.exporting.places import folder_of, place_of

REMOVED = "Removed on {day:%-d %B %Y}, after {days} days. The record is unchanged: make it again."
BROKEN_OFF = "The command that made it ended before it was done; nothing of it was kept. Make it again."
LONGEST_COMMAND = timedelta(hours=24)


def tidy(outside: Outside) -> int:
    """Old bundles are gone and their rows say so, and so are half-made files; returns how many files were removed.

    Where there is nothing to do nothing is written, so that it may be asked every few seconds.
    """
    now, days = outside.now(), outside.settings.export_days
    with outside.database.reading() as session:
        is_due = any(session.scalar(query.limit(1)) is not None for query in (_old(now, days), _broken_off(now)))
    if is_due:
        with outside.database.writing() as session:
            for row in session.scalars(_old(now, days)):
                row.state, row.failure = "removed", REMOVED.format(day=now, days=days)
            for row in session.scalars(_broken_off(now)):
                row.state, row.failure, row.concluded_at = "failed", BROKEN_OFF, now
    stray = _stray_files(outside)
    for path in stray:
        path.unlink(missing_ok=True)
    return len(stray)


def _old(now: datetime, days: int) -> Select[ExportRow]:
    return select(ExportRow).where(ExportRow.state == "complete", ExportRow.concluded_at < now - timedelta(days=days))


def _broken_off(now: datetime) -> Select[ExportRow]:
    """Exports of the console have no lease: one that is not done after a day was ended from outside."""
    jobs = select(Job.subject_id).where(Job.kind == EXPORT_JOB)
    began = ExportRow.asked_at < now - LONGEST_COMMAND
    return select(ExportRow).where(ExportRow.state == "working", began, ExportRow.id.not_in(jobs))


def _stray_files(outside: Outside) -> list[Path]:
    """What lies in the folder and is neither a finished export nor written by a worker at this moment."""
    folder = folder_of(outside)
    paths = sorted(folder.iterdir()) if folder.is_dir() else []
    if not paths:
        return []
    with outside.database.reading() as session:
        rows = session.scalars(select(ExportRow).where(ExportRow.state.in_(("queued", "working", "complete")))).all()
        leased = select(Job.subject_id, Job.fence).where(Job.kind == EXPORT_JOB, Job.state == "leased")
        fences = {row.subject_id: row.fence for row in session.execute(leased)}
    needed = {place_of(folder, row) for row in rows if row.state == "complete" or row.id in fences}
    needed |= {place_of(folder, row).with_suffix(f".{fences[row.id]}.part") for row in rows if row.id in fences}
    return [path for path in paths if path not in needed]
