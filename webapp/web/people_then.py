"""Who held which role at a date and time, who could sign, and the history of one person."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from webapp.domain.workflow import Role
from webapp.domain.workflow.grants import Right
from webapp.services import people_then
from webapp.web.access import needs
from webapp.web.context import actor, outside
from webapp.web.moments import read_moment

room = Blueprint("people_then", __name__)


@room.get("/ledger/people")
@needs(Right.READ_PEOPLE)
def show() -> str:
    """Everybody at the moment asked for, or now."""
    role = request.args.get("role", "")
    view = people_then.show_people_then(outside(), actor(), read_moment(request.args.get("at", "")), role)
    return render_template("people_then/page.html", view=view, roles=tuple(Role))


@room.get("/ledger/people/<person_id>")
@needs(Right.READ_PEOPLE)
def history(person_id: str) -> str:
    """One person through time."""
    view = people_then.show_person_history(outside(), actor(), person_id)
    return render_template("people_then/history.html", view=view)
