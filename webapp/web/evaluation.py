"""The evaluation of a change: its runs, live progress, measures and cases; exceptions asked for, findings decided."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from jinja2_fragments.flask import render_block
from wtforms import DateField, HiddenField, TextAreaField
from wtforms.validators import InputRequired, Length

from webapp.domain.workflow.evidence import LONGEST_EXCEPTION_DAYS, LONGEST_REASON, ExceptionAsked
from webapp.domain.workflow.grants import Right, may
from webapp.domain.workflow.stages import Stage
from webapp.errors import AlreadyDone, Conflict, InvalidInput, Stale
from webapp.services import evaluation
from webapp.services.evaluation import EvaluationView
from webapp.web.access import needs, takes_move
from webapp.web.context import actor, outside
from webapp.web.errors import status_of
from webapp.web.evaluation_checks import known_limits

room = Blueprint("evaluation", __name__)
PAGE = "evaluation/page.html"


@room.get("/changes/<change_id>/evaluation")
@needs(Right.READ_CHANGES)
def show(change_id: str) -> Any:
    """All runs, the present one with what it says; with ``poll=1`` only how far it is."""
    view = _view(change_id)
    if request.args.get("poll") != "1":
        return _page(view, exception_form(view))
    if view.progress is None:
        return Response(headers={"HX-Refresh": "true"})
    return render_block(PAGE, "progress", view=view)


@room.get("/changes/<change_id>/evaluation/export.<form>")
@needs(Right.READ_CHANGES)
def export(change_id: str, form: str) -> Response:
    """Every answer of a run with its marks as a file, written while it is read."""
    made = evaluation.export_run(outside(), actor(), change_id, request.args.get("run", type=int), form)
    names = {"Content-Disposition": f"attachment; filename={made.filename}"}
    return Response(made.lines, mimetype=made.media_type, headers=names)


@room.get("/changes/<change_id>/evaluation/cases/<case_id>")
@needs(Right.READ_CHANGES)
def case(change_id: str, case_id: str) -> str:
    """One case; to look at it is to open it."""
    repeat = request.args.get("repeat", 0, type=int)
    view = evaluation.open_case(outside(), actor(), change_id, case_id, repeat=max(0, repeat))
    may_make_case = may(actor().roles, Right.MAKE_CASE)
    return render_template("evaluation/case.html", view=view, may_make_case=may_make_case)


@room.post("/changes/<change_id>/moves/ask_exception")
@takes_move("ask_exception")
def ask_exception(change_id: str) -> Any:
    """The change is in review with the exceptions asked for."""
    view = _view(change_id)
    form = exception_form(view)
    if not form.validate_on_submit():
        return _page(view, form), 422
    try:
        evaluation.ask_exception(outside(), actor(), change_id, form.expected_digest.data or "", _asked(view, form))
    except (InvalidInput, Stale, Conflict) as error:
        form.form_errors.append(error.sentence)
        return _page(view, form), status_of(error)
    flash("The exception is asked for; the change is in review.", "good")
    return redirect(url_for("change.show", change_id=change_id), 303)


@room.post("/changes/<change_id>/evaluation/findings/<finding_id>")
@needs(Right.DECIDE_FINDING)
def decide_finding(change_id: str, finding_id: str) -> Any:
    """The critical finding is confirmed or dismissed."""
    fields = {name: request.form.get(name, "") for name in ("decision", "reason", "expected_digest")}
    try:
        evaluation.decide_finding(outside(), actor(), change_id, finding_id, **fields)
    except AlreadyDone as error:
        flash(error.sentence)
    except (InvalidInput, Stale, Conflict) as error:
        view = _view(change_id)
        typed = {finding_id: {**fields, "error": error.sentence}}
        return _page(view, exception_form(view), typed), status_of(error)
    else:
        flash(f"The finding is {fields['decision']}.", "good")
    return redirect(url_for("review.show", change_id=change_id), 303)


def exception_form(view: EvaluationView) -> Any:
    """A form with a reason and an end for each measure that did not hold."""
    made: dict[str, Any] = {"expected_digest": HiddenField(default=view.digest)}
    for name, words in view.short:
        made[f"reason_{name}"] = TextAreaField(
            f"{words}: why it may be excepted",
            [
                InputRequired("Write the reason."),
                Length(max=LONGEST_REASON, message=f"At most {LONGEST_REASON} characters, please."),
            ],
            description="Reviewer and physician read this and grant the exception by naming it.",
        )
        made[f"ends_on_{name}"] = DateField(
            f"{words}: until when",
            [InputRequired("Write the day as year-month-day, like 2027-03-31.")],
            description=f"At most {LONGEST_EXCEPTION_DAYS} days from today.",
        )
    return type("ExceptionForm", (FlaskForm,), made)()


def _asked(view: EvaluationView, form: Any) -> list[ExceptionAsked]:
    return [ExceptionAsked(name, form[f"reason_{name}"].data.strip(), _day(form, name)) for name, _ in view.short]


def _day(form: Any, name: str) -> date:
    day = form[f"ends_on_{name}"].data
    assert isinstance(day, date)  # the form was validated
    return day


def _view(change_id: str) -> EvaluationView:
    args = request.args
    return evaluation.show_evaluation(
        outside(),
        actor(),
        change_id,
        kind=args.get("kind"),
        measure=args.get("measure"),
        page=args.get("page", 1, type=int),
    )


def _page(view: EvaluationView, form: Any, typed: dict[str, dict[str, str]] | None = None) -> str:
    may_decide = view.stage == Stage.REVIEW.value and may(actor().roles, Right.DECIDE_FINDING)
    return render_template(
        PAGE,
        view=view,
        primary=[replace(card, url=_address(view, measure=card.name)) for card in view.primary],
        groups=_groups(view),
        rows=[
            replace(row, url=url_for("evaluation.case", change_id=view.change_id, case_id=row.name))
            for row in view.cases
        ],
        pages=_pages(view),
        form=form,
        typed=typed or {},
        may_decide=may_decide,
        checks=known_limits(),
    )


def _groups(view: EvaluationView) -> list[tuple[str, int, str, bool]]:
    everything = sum(kind.count for kind in view.kinds)
    all_cases = ("all cases", everything, _address(view), view.kind is None and view.measure is None)
    return [
        *(
            (kind.words.lower(), kind.count, _address(view, kind=kind.name), view.kind == kind.name)
            for kind in view.kinds
        ),
        all_cases,
    ]


def _pages(view: EvaluationView) -> tuple[str, str | None, str | None] | None:
    """Words and addresses of the pager; None where everything is on one page."""
    if view.pages == 1:
        return None
    kept = {"kind": view.kind, "measure": view.measure}
    before = _address(view, page=view.page - 1, **kept) if view.page > 1 else None
    after = _address(view, page=view.page + 1, **kept) if view.page < view.pages else None
    return f"Page {view.page} of {view.pages}, {view.case_count} cases", before, after


def _address(view: EvaluationView, **asked: Any) -> str:
    return url_for("evaluation.show", change_id=view.change_id, _anchor="cases", **asked)
