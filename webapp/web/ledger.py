"""The audit log's pages: a list with filters, its table, and one entry with its bytes, payload and proof."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from flask import Blueprint, Response, render_template, request

from webapp.domain.workflow.grants import Right, may
from webapp.errors import InvalidInput
from webapp.services import ledger, public_log
from webapp.web.access import needs
from webapp.web.context import actor, outside

LAST_YEAR = 9999
GROUP = "group:"
CHOSEN = ("prompt", "person", "type", "entity", "since", "until", "entries")
RANGE = re.compile(r"([0-9]{1,15})-([0-9]{1,15})", re.ASCII)
BYTES = "application/octet-stream"
room = Blueprint("ledger", __name__)


@room.get("/ledger")
@needs(Right.READ_LEDGER)
def index() -> str:
    """Entries, newest first."""
    filters = _read_filters()
    return render_template(
        "ledger/list.html",
        view=ledger.show_ledger(outside(), actor(), filters),
        filters=filters,
        chosen=_chosen(),
        may_export=may(actor().roles, Right.EXPORT_RECORD),
        gaps=public_log.gaps_in_words(outside()),
    )


@room.get("/ledger/entries.csv")
@needs(Right.EXPORT_RECORD)
def table() -> Response:
    """What the filter finds, as a table."""
    lines = ledger.table_lines(outside(), actor(), _read_filters())
    return _file(Response(lines, content_type="text/csv; charset=utf-8"), "audit-log.csv")


@room.get("/ledger/<int:seq>")
@needs(Right.READ_LEDGER)
def entry(seq: int) -> str:
    """One entry, its bytes, its hash and the proof that it stands in the log."""
    return render_template("ledger/entry.html", view=ledger.show_entry(outside(), actor(), seq))


@room.get("/ledger/<int:seq>/entry.json")
@needs(Right.READ_LEDGER)
def entry_file(seq: int) -> Response:
    """Exactly the bytes that are hashed."""
    return _file(Response(ledger.entry_bytes(outside(), actor(), seq), content_type=BYTES), f"entry-{seq}.json")


@room.get("/ledger/<int:seq>/payload.json")
@needs(Right.READ_LEDGER)
def payload_file(seq: int) -> Response:
    """Exactly the bytes whose digest the entry holds, for whoever may read them."""
    return _file(Response(ledger.payload_bytes(outside(), actor(), seq), content_type=BYTES), f"payload-{seq}.json")


def _file(response: Response, name: str) -> Response:
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _chosen() -> dict[str, str]:
    """The filter as it stands in the address, without paging."""
    return {name: request.args[name] for name in CHOSEN if request.args.get(name)}


def _read_filters() -> ledger.Filters:
    args = request.args
    until, kind = _read_day(args.get("until", "")), args.get("type", "")
    return ledger.Filters(
        prompt=args.get("prompt", ""),
        person_id=args.get("person", ""),
        type="" if kind.startswith(GROUP) else kind,
        group=kind.removeprefix(GROUP) if kind.startswith(GROUP) else "",
        entity_id=args.get("entity", ""),
        since=_read_day(args.get("since", "")),
        until=None if until is None else until + timedelta(days=1),
        between=_read_range(args.get("entries", "")),
        before_seq=_read_number("before"),
        after_seq=_read_number("after"),
        up_to=_read_number("up_to"),
    )


def _read_range(text: str) -> tuple[int, int] | None:
    found = RANGE.fullmatch(text)
    return None if found is None else (int(found[1]), int(found[2]))


def _read_number(name: str) -> int | None:
    text = request.args.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


def _read_day(text: str) -> datetime | None:
    if not text:
        return None
    try:
        day = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
        return day if day.year < LAST_YEAR else datetime(LAST_YEAR, 1, 1, tzinfo=UTC)
    except ValueError as error:
        raise InvalidInput("Write a day as year-month-day, like 2026-03-02.") from error
