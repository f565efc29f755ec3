"""What was live at a date and time, for every prompt, and the history of one."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, render_template, request

from webapp.domain.workflow.grants import Right
from webapp.errors import InvalidInput
from webapp.services import live_at
from webapp.web.access import needs
from webapp.web.context import actor, outside

FORMS = ("%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d")
YEARS = range(1900, 9999)
room = Blueprint("live_at", __name__)


@room.get("/live")
@needs(Right.READ_LEDGER)
def show() -> str:
    """Every prompt at the moment asked for, or now."""
    view = live_at.show_live_at(outside(), actor(), read_moment(request.args.get("at", "")))
    return render_template("live_at/page.html", view=view)


@room.get("/live/<name>")
@needs(Right.READ_LEDGER)
def history(name: str) -> str:
    """One prompt through time."""
    return render_template("live_at/history.html", view=live_at.show_live_history(outside(), actor(), name))


def read_moment(text: str) -> datetime | None:
    """The moment in UTC that a field of date and time gave; None for an empty one, InvalidInput for what is none."""
    if not text:
        return None
    for form in FORMS:
        try:
            moment = datetime.strptime(text.removesuffix("Z"), form).replace(tzinfo=UTC)
        except ValueError:
            continue
        if moment.year in YEARS:
            return moment
    raise InvalidInput("Write date and time in UTC as year-month-day and hours and minutes, like 2026-03-02T14:30.")
