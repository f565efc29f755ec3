"""Exports as their page shows them, and the file of one, whose fetching is an entry."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.acts.case_text import withheld_from
from webapp.acts.recording import enter
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Change, ExportRow, Prompt, Run, SuiteRow
from webapp.domain.workflow import Actor
from webapp.domain.workflow.grants import Right, may
from webapp.errors import Conflict, NotFound, Refused
from webapp.services.exporting.asking import enter_reads
from webapp.services.exporting.places import folder_of, place_of
from webapp.services.exporting.scope import changes_of

MOST_SHOWN = 50
MOST_CHANGES = 200
GOING_ON = ("queued", "working")
GONE = "The file of this export is not here any more; make it again."


@dataclass(frozen=True)
class ExportView:
    """An export as a line. ``percent`` is 0..100 while it goes on."""

    id: str
    scope: str
    covers: str
    asked_by: str
    asked_at: datetime
    with_case_text: bool
    entry_seq: int | None
    state: str
    percent: int
    log_size: int | None
    file_sha256: str | None
    file_bytes: int | None
    failure: str | None

    @property
    def is_paper(self) -> bool:
        """Is it a record to print, and no bundle?"""
        return self.scope == "dossier"

    @property
    def is_going_on(self) -> bool:
        """Is it still to be made?"""
        return self.state in GOING_ON


@dataclass(frozen=True)
class ExportsView:
    """The newest exports and what may be asked for."""

    rows: tuple[ExportView, ...]
    prompts: tuple[str, ...]
    changes: tuple[tuple[str, str], ...]

    @property
    def is_going_on(self) -> bool:
        """Is one still to be made, so that the page asks again?"""
        return any(row.is_going_on for row in self.rows)


def list_exports(outside: Outside, actor: Actor) -> ExportsView:
    """The newest exports first, and what may be chosen."""
    _require_right(actor)
    with outside.database.reading() as session:
        rows = session.scalars(
            select(ExportRow).order_by(ExportRow.asked_at.desc(), ExportRow.id.desc()).limit(MOST_SHOWN)
        )
        return ExportsView(
            rows=tuple(_view(row) for row in rows),
            prompts=tuple(session.scalars(select(Prompt.name).order_by(Prompt.name))),
            changes=tuple(
                (row.id, row.title)
                for row in session.scalars(select(Change).order_by(Change.opened_at.desc()).limit(MOST_CHANGES))
            ),
        )


def export_file(outside: Outside, actor: Actor, export_id: str) -> Path:
    """The finished bundle; Refused where its case text is not for this person, Conflict while it is not made, NotFound when it is gone.

    That it was fetched, by whom and how often, stands in the audit log (HIPAA 164.312(b)).
    """
    _require_right(actor)
    with outside.database.reading() as session:
        row = session.get(ExportRow, export_id)
        if row is None:
            raise NotFound("There is no such export.")
        if row.state == "removed":
            raise NotFound(row.failure or GONE)
        if row.state != "complete":
            raise Conflict("This export is not made yet; its page shows how far it is.")
        if row.with_case_text and row.asked_by != actor.id:
            _require_reader(session, row, actor)
        path = place_of(folder_of(outside), row)
    if not path.is_file():
        raise NotFound(GONE)
    with outside.database.writing() as session:
        row = session.get_one(ExportRow, export_id)
        reason = "with_case_text" if row.with_case_text else None
        enter(
            outside,
            session,
            actor,
            "export.fetched",
            ("export", export_id, None),
            after=("complete", row.file_sha256),
            reason=reason,
        )
        if row.with_case_text and row.asked_by != actor.id:  # who asked was entered then
            enter_reads(outside, session, actor, changes_of(session, row.scope, row.value, row.since, row.until))
    return path


def _require_right(actor: Actor) -> None:
    if not may(actor.roles, Right.EXPORT_RECORD):
        raise Refused("Your roles do not let you export the record; ask an auditor.", code="role")


def _require_reader(session: Session, row: ExportRow, actor: Actor) -> None:
    """Case text that somebody else was given is fetched only by who may read all of it."""
    changes = changes_of(session, row.scope, row.value, row.since, row.until)
    suites = select(SuiteRow).where(SuiteRow.sha256.in_(select(Run.suite_sha256).where(Run.change_id.in_(changes))))
    if any(withheld_from(actor, suite) is not None for suite in session.scalars(suites)):
        raise Refused(
            "This export holds case text that your roles do not let you read; ask for one of your own.", code="withheld"
        )


def _view(row: ExportRow) -> ExportView:
    return ExportView(
        id=row.id,
        scope=row.scope,
        covers=_covers(row),
        asked_by=row.asked_by_name,
        asked_at=row.asked_at,
        with_case_text=row.with_case_text,
        entry_seq=row.entry_seq,
        state=row.state,
        percent=100 * row.done // row.planned if row.planned else 0,
        log_size=row.log_size,
        file_sha256=row.file_sha256,
        file_bytes=row.file_bytes,
        failure=row.failure,
    )


def _covers(row: ExportRow) -> str:
    if row.scope == "all":
        return "everything"
    if row.since is not None and row.until is not None and row.scope == "audit_pack":
        return f"audit pack of {row.since:%-d %B %Y} to {row.until - timedelta(days=1):%-d %B %Y}"
    if row.since is not None and row.until is not None:
        return f"changes that moved from {row.since:%-d %B %Y} to before {row.until:%-d %B %Y}"
    return f"record of change {row.value} as PDF" if row.scope == "dossier" else f"{row.scope} {row.value}"
