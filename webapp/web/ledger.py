"""The audit log's pages: a list with filters, and one entry with its bytes and its proof."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from flask import Blueprint, render_template, request

from webapp.domain.workflow.grants import Right
from webapp.errors import InvalidInput
from webapp.services import ledger
from webapp.web.access import needs
from webapp.web.context import actor, outside

LAST_YEAR = 9999
room = Blueprint("ledger", __name__)


@room.get("/ledger")
@needs(Right.READ_LEDGER)
def index() -> str:
    """Entries, newest first."""
    filters = _read_filters()
    return render_template("ledger/list.html", view=ledger.show_ledger(outside(), actor(), filters), filters=filters)


@room.get("/ledger/<int:seq>")
@needs(Right.READ_LEDGER)
def entry(seq: int) -> str:
    """One entry, its bytes, its hash and the proof that it stands in the log."""
    return render_template("ledger/entry.html", view=ledger.show_entry(outside(), actor(), seq))


def _read_filters() -> ledger.Filters:
    args = request.args
    until = _read_day(args.get("until", ""))
    before = args.get("before", "")
    return ledger.Filters(
        prompt=args.get("prompt", ""),
        person_id=args.get("person", ""),
        type=args.get("type", ""),
        entity_id=args.get("entity", ""),
        since=_read_day(args.get("since", "")),
        until=None if until is None else until + timedelta(days=1),
        before_seq=int(before) if before.isascii() and before.isdigit() and len(before) < 16 else None,
    )


def _read_day(text: str) -> datetime | None:
    if not text:
        return None
    try:
        day = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
        return day if day.year < LAST_YEAR else datetime(LAST_YEAR, 1, 1, tzinfo=UTC)
    except ValueError as error:
        raise InvalidInput("Write a day as year-month-day, like 2026-03-02.") from error
