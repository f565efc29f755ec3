"""The follow-up audit's page: grade blind, settle disagreements, conclude."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from webapp.domain.post_audit import HARMS
from webapp.domain.workflow.evidence import Conclusion
from webapp.domain.workflow.grants import Right, may
from webapp.services import post_audit
from webapp.web.access import needs, takes_move
from webapp.web.context import actor, outside
from webapp.web.deciding import FRESH, Tried, attempt, password, typed
from webapp.web.handed_in import read_day

room = Blueprint("post_audit", __name__)


@room.get("/changes/<change_id>/follow-up-audit")
@needs(Right.READ_CHANGES)
def show(change_id: str) -> Any:
    """The sample, what this person may grade, and the findings once all grades are in."""
    return _page(change_id, FRESH)


@room.post("/changes/<change_id>/follow-up-audit/<sample_id>")
@needs(Right.GRADE_AUDIT)
def grade(change_id: str, sample_id: str) -> Any:
    """One grade is stored."""
    tried = attempt(
        sample_id, change_id, lambda: post_audit.grade(outside(), actor(), change_id, sample_id, _read_grade())
    )
    if tried is not FRESH:
        return _page(change_id, tried)
    flash("Your grade is stored.", "good")
    return redirect(url_for("post_audit.show", change_id=change_id), 303)


@room.post("/changes/<change_id>/moves/conclude")
@takes_move("conclude")
def conclude(change_id: str) -> Any:
    """The conclusion is signed and the change is closed."""
    tried = attempt("conclude", change_id, lambda: _conclude(change_id))
    if tried is not FRESH:
        return _page(change_id, tried)
    flash("The follow-up audit is concluded and the change is closed.", "good")
    return redirect(url_for("change.show", change_id=change_id), 303)


def _conclude(change_id: str) -> None:
    conclusion = Conclusion(typed("reason"), read_day(typed("next_review_on")))
    post_audit.conclude(outside(), actor(), change_id, typed("expected_digest"), conclusion, password())


def _page(change_id: str, tried: Tried) -> Any:
    view = post_audit.show_audit(outside(), actor(), change_id)
    may_make_case = may(actor().roles, Right.MAKE_CASE)
    page = render_template(
        "post_audit/page.html",
        view=view,
        rubric=post_audit.RUBRIC,
        harms=HARMS,
        tried=tried,
        may_make_case=may_make_case,
    )
    return page, tried.status


def _read_grade() -> post_audit.GradeGiven:
    """The grade as the form says it; an answer that cannot be graded has no ratings."""
    is_gradable = typed("accurate") != "not_gradable"
    chosen = {name: request.form.get(name, "") for name, _ in post_audit.RUBRIC}
    ratings = {name: int(text) for name, text in chosen.items() if text.isascii() and text.isdigit() and len(text) == 1}
    accurate = {"yes": True, "no": False}.get(typed("accurate"))
    return post_audit.GradeGiven(is_gradable, accurate, typed("harm"), ratings if is_gradable else {}, typed("note"))
