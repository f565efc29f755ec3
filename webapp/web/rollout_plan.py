"""The page of a rollout's plan: as signed and as it is now, and the form that makes what is left of it slower or narrower."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from webapp.domain.guardrails import TABLE
from webapp.domain.plan_words import KINDS, UNITS
from webapp.domain.workflow.grants import Right
from webapp.errors import InvalidInput
from webapp.services import rollout
from webapp.services.rollout.plan_view import LeftLook, look_at_rest, show_plan
from webapp.web import plan_form
from webapp.web.access import needs, takes_move
from webapp.web.context import actor, outside
from webapp.web.deciding import FRESH, Tried, attempt, password, typed
from webapp.web.handed_in import read_narrowing
from webapp.web.plan_form import PlanFields

room = Blueprint("rollout_plan", __name__)


@room.get("/changes/<change_id>/rollout/plan")
@needs(Right.READ_CHANGES)
def show(change_id: str) -> Any:
    """The signed and the present plan."""
    return _page(change_id, FRESH)


@room.post("/changes/<change_id>/moves/narrow")
@takes_move("narrow")
def narrow(change_id: str) -> Any:
    """What is left of the plan is slower or narrower; the editor's own buttons only change the form."""
    sent = plan_form.fields_sent(request.form)
    if "plan-do" in request.form and sent is not None:
        kept = Tried("narrow", {"reason": typed("reason")})
        return _page(change_id, kept, plan_form.changed(sent, request.form["plan-do"]))
    tried = attempt("narrow", change_id, lambda: _narrow(change_id))
    if tried is not FRESH:
        return _page(change_id, tried, sent)
    flash("The plan is changed; delivery and the watch follow it from now on.", "good")
    return redirect(url_for("rollout_plan.show", change_id=change_id), 303)


def _narrow(change_id: str) -> None:
    rollout.narrow(outside(), actor(), change_id, typed("expected_digest"), read_narrowing(), password())


def _page(change_id: str, tried: Tried, fields: PlanFields | None = None) -> Any:
    view = show_plan(outside(), actor(), change_id)
    left = {"steps": view.left, "offline_seconds": view.offline_seconds}
    plan = fields or plan_form.fields_of(left, is_usual=False, first=view.present)
    page = render_template(
        "rollout/plan.html",
        view=view,
        plan=plan,
        look=_look(change_id, plan),
        tried=tried,
        kinds=KINDS,
        units=UNITS,
        limits=TABLE,
    )
    return page, tried.status


def _look(change_id: str, plan: PlanFields) -> LeftLook:
    try:
        document = plan_form.document_of(plan)
    except InvalidInput as error:
        return LeftLook("", faults=(error.sentence,))
    return look_at_rest(outside(), change_id, document)
