"""Asking for an export: the row, its entry in the audit log, the reads of protected case text that it will be, and its job."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.acts.case_text import enter_reading, withheld_from
from webapp.acts.jobs import ask_for
from webapp.acts.recording import enter
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import ExportRow, Run, SuiteRow
from webapp.domain.workflow import Actor
from webapp.domain.workflow.grants import Right, may
from webapp.errors import InvalidInput, NotFound, Refused
from webapp.services.exporting.scope import changes_of

EXPORT_JOB = "export"
KINDS = ("change", "prompt", "period", "audit_pack", "all", "dossier")
OF_A_CHANGE = ("change", "dossier")
WITH_DAYS = ("period", "audit_pack")
CONSOLE_ROUTE = "console"


@dataclass(frozen=True)
class Wanted:
    """What is to be exported. ``kind``: change, its record as PDF (dossier), prompt (``value`` names it), period, audit_pack, all.

    A period and its pack go from ``since`` to ``until``, which is exclusive.
    """

    kind: str
    value: str = ""
    since: datetime | None = None
    until: datetime | None = None
    with_case_text: bool = False


def ask_for_export(outside: Outside, actor: Actor, wanted: Wanted) -> str:
    """The export is entered and waits for a worker; returns its id. Refused, NotFound and InvalidInput say why not."""
    with outside.database.writing() as session:
        row = enter_export(outside, session, actor, wanted)
        ask_for(outside, session, EXPORT_JOB, row.id)
        return row.id


def enter_export(outside: Outside, session: Session, actor: Actor, wanted: Wanted) -> ExportRow:
    """The export's row and its entry stand; what it reads of patient data and hold-outs is entered too."""
    if actor.via != CONSOLE_ROUTE and not may(actor.roles, Right.EXPORT_RECORD):
        raise Refused("Your roles do not let you export the record; ask an auditor.", code="role")
    _require_sound(wanted)
    changes = changes_of(session, wanted.kind, wanted.value, wanted.since, wanted.until)
    row = ExportRow(
        id=outside.new_id("exp"),
        scope=wanted.kind,
        value=wanted.value,
        since=wanted.since,
        until=wanted.until,
        with_case_text=wanted.with_case_text,
        asked_by=actor.id,
        asked_by_name=actor.name,
        asked_at=outside.now(),
        state="queued",
        done=0,
        planned=0,
    )
    session.add(row)
    session.flush()
    payload = {"value": wanted.value, "changes": list(changes), "with_case_text": wanted.with_case_text}
    enter(
        outside, session, actor, "export.made", ("export", row.id, None),
        reason=wanted.kind, payload=payload, numbered=row,
    )  # fmt: skip
    if wanted.with_case_text:
        enter_reads(outside, session, actor, changes)
    return row


def _require_sound(wanted: Wanted) -> None:
    if wanted.kind not in KINDS:
        raise InvalidInput("Export one change, one prompt, a period, an audit pack, or all.")
    if wanted.kind in (*OF_A_CHANGE, "prompt") and not wanted.value:
        raise InvalidInput(f"Name the {'prompt' if wanted.kind == 'prompt' else 'change'} to export.")
    if wanted.kind == "dossier" and wanted.with_case_text:
        raise InvalidInput("The record as PDF never holds case text; export the change as a bundle for that.")
    if wanted.kind in WITH_DAYS and (wanted.since is None or wanted.until is None or wanted.since >= wanted.until):
        raise InvalidInput("A period needs a first and a last day, in this order.")


def enter_reads(outside: Outside, session: Session, actor: Actor, changes: tuple[str, ...]) -> None:
    """That this person read every guarded test set of these changes that they may read stands in the audit log."""
    query = select(SuiteRow).where(
        SuiteRow.sha256.in_(select(Run.suite_sha256).where(Run.change_id.in_(changes))),
        SuiteRow.contains_phi | SuiteRow.is_held_out,
    )
    for suite in session.scalars(query.order_by(SuiteRow.sha256)):
        if withheld_from(actor, suite) is None:
            enter_reading(outside, session, actor, suite)


def ask_again(outside: Outside, actor: Actor, export_id: str) -> str:
    """The same export is asked for anew, by this person and of the record as it is now; returns its id."""
    with outside.database.reading() as session:
        row = session.get(ExportRow, export_id)
        if row is None:
            raise NotFound("There is no such export.")
        wanted = Wanted(row.scope, row.value, row.since, row.until, row.with_case_text)
    return ask_for_export(outside, actor, wanted)
