"""What was live at a date and time, for every prompt, and the history of one."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from webapp.domain.workflow.grants import Right
from webapp.services import live_at
from webapp.web.access import needs
from webapp.web.context import actor, outside
from webapp.web.moments import read_moment

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
