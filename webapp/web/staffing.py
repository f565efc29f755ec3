"""The staffing check for administrators and auditors."""

from __future__ import annotations

from flask import Blueprint, render_template

from webapp.domain.workflow.grants import Right
from webapp.services.staffing import show_staffing
from webapp.web.access import needs
from webapp.web.context import actor, outside

room = Blueprint("staffing", __name__)


@room.get("/people/staffing")
@needs(Right.READ_PEOPLE)
def show() -> str:
    """Who can still act, step by step."""
    return render_template("staffing/page.html", view=show_staffing(outside(), actor()))
