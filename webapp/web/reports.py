"""The page of reports: alerts about releases in use, what people found, and what applications reported in vain."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from webapp.domain.workflow.grants import Right
from webapp.errors import AlreadyDone, InvalidInput, Stale
from webapp.services import interactions
from webapp.web.access import needs
from webapp.web.context import actor, outside
from webapp.web.deciding import FRESH, Tried, typed
from webapp.web.errors import status_of

room = Blueprint("reports", __name__)
REASONS = {
    "unknown_decision": "The decision id was not made by this server, or was changed.",
    "prompt_not_allowed": "The token is not for the prompt of the decision.",
    "other_version": "Another version was run than the one that was decided.",
}


@room.get("/reports")
@needs(Right.READ_REPORTS)
def index() -> str:
    """Alerts that wait, those that somebody looked into, and for who looks after applications what was set apart."""
    return _page(FRESH)


@room.post("/reports/<alert_id>")
@needs(Right.ANSWER_ALERT)
def answer(alert_id: str) -> Any:
    """What somebody found stands with the alert."""
    count = request.form.get("count", "")
    try:
        seen = int(count) if count.isdecimal() and len(count) < 10 else -1
        interactions.answer_alert(outside(), actor(), alert_id, seen, typed("found"))
    except (AlreadyDone, InvalidInput, Stale) as error:
        errors = {"found": (error.sentence,)} if isinstance(error, InvalidInput) else {}
        tried = Tried(alert_id, {"found": typed("found")}, errors, sentence=error.sentence)
        return _page(tried), status_of(error)
    flash("What you found stands with the alert and in the audit log.", "good")
    return redirect(url_for("reports.index"), 303)


def _page(tried: Tried) -> str:
    view = interactions.show_reports(outside(), actor())
    return render_template("reports/page.html", view=view, tried=tried, reasons=REASONS)
