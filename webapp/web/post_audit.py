"""The follow-up audit's page: grade blind, settle disagreements, conclude."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from webapp.domain.post_audit import HARMS
from webapp.domain.workflow.evidence import Conclusion
from webapp.domain.workflow.grants import Right
from webapp.errors import InvalidInput
from webapp.services import post_audit
from webapp.web.access import needs, takes_move
from webapp.web.context import actor, outside

room = Blueprint("post_audit", __name__)


@room.get("/changes/<change_id>/follow-up-audit")
@needs(Right.READ_CHANGES)
def show(change_id: str) -> str:
    """The sample, what this person may grade, and the findings once all grades are in."""
    view = post_audit.show_audit(outside(), actor(), change_id)
    return render_template("post_audit/page.html", view=view, rubric=post_audit.RUBRIC, harms=HARMS)


@room.post("/changes/<change_id>/follow-up-audit/<sample_id>")
@needs(Right.GRADE_AUDIT)
def grade(change_id: str, sample_id: str) -> Any:
    """One grade is stored."""
    post_audit.grade(outside(), actor(), change_id, sample_id, _read_grade())
    flash("Your grade is stored.", "good")
    return redirect(url_for("post_audit.show", change_id=change_id), 303)


@room.post("/changes/<change_id>/moves/conclude")
@takes_move("conclude")
def conclude(change_id: str) -> Any:
    """The conclusion is signed and the change is closed."""
    conclusion = Conclusion(request.form.get("reason", ""), _read_day(request.form.get("next_review_on", "")))
    digest, password = request.form.get("expected_digest", ""), request.form.get("password", "")
    post_audit.conclude(outside(), actor(), change_id, digest, conclusion, password)
    flash("The follow-up audit is concluded and the change is closed.", "good")
    return redirect(url_for("change.show", change_id=change_id), 303)


def _read_grade() -> post_audit.GradeGiven:
    form = request.form
    is_gradable = form.get("accurate") != "not_gradable"
    ratings = {
        name: int(form[name]) for name, _ in post_audit.RUBRIC if form.get(name, "").isdigit() and len(form[name]) == 1
    }
    accurate = {"yes": True, "no": False}.get(form.get("accurate", ""))
    return post_audit.GradeGiven(is_gradable, accurate, form.get("harm", ""), ratings, form.get("note", ""))


def _read_day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput("Write the next review date as year-month-day, like 2027-03-31.") from error
