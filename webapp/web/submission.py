"""The submission form, for a new change and for a revision, and the author's moves without new content."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields, replace
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import BooleanField, HiddenField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length

from webapp.domain.guardrails import TABLE
from webapp.domain.plan_words import KINDS, UNITS
from webapp.domain.workflow import RiskClass
from webapp.domain.workflow.evidence import LONGEST_CHANGES
from webapp.domain.workflow.grants import Right
from webapp.domain.workflow.stages import CLASS_WORDS
from webapp.errors import Conflict, FormularyError, InvalidInput, Refused, Stale
from webapp.services import submission
from webapp.services.submission import FormView, PlanLook, Start, Submission, Submitted
from webapp.web import plan_form
from webapp.web.access import needs, takes_move
from webapp.web.context import actor, outside
from webapp.web.errors import status_of
from webapp.web.plan_form import PlanFields

room = Blueprint("submission", __name__)
LONGEST_TEXT = 2_000
LARGEST_SHOWN = 1_000_000
TEXTS = ("title", "changes", "intended_use", "not_for", "downtime_text")


def _newlines(text: str | None) -> str | None:
    """The text with plain line ends: browsers send each as CR LF, which would count twice."""
    return None if text is None else text.replace("\r\n", "\n")


def _words(label: str, hint: str, longest: int = LONGEST_TEXT) -> TextAreaField:
    return TextAreaField(
        label,
        [Length(max=longest, message=f"At most {longest} characters, please.")],
        description=hint,
        filters=[_newlines],
        render_kw={"rows": 3},
    )


def _choices(*pairs: tuple[str, str]) -> list[SelectChoice]:
    return [SelectChoice(value, label) for value, label in pairs]


class SubmissionForm(FlaskForm):  # type: ignore[misc]
    """Everything a change is made of. Whether it is good, the service says; the form keeps what was typed."""

    expected_digest = HiddenField()
    prompt_file = FileField("Prompt file (YAML)", description="Taken byte for byte. Or paste its text below.")
    prompt_text = TextAreaField(
        "Prompt file as text", description="The YAML of one version.", render_kw={"rows": 16, "spellcheck": "false"}
    )
    suite_digest = SelectField(
        "Stored test set", description="Or hand in another one below.", validate_choice=False, default=""
    )
    suite_file = FileField("Test set (JSON lines)", description="One case a line. Or paste the lines below.")
    suite_text = TextAreaField("Test set as text", render_kw={"rows": 6, "spellcheck": "false"})
    suite_contains_phi = BooleanField("The test set holds patient data")
    changes = _words("What changes for patients and clinicians", "One or two sentences; reviewers and physicians sign them.",
                     LONGEST_CHANGES)  # fmt: skip
    intended_use = _words("Intended use", "What it is for, and who reads the output.")
    not_for = _words("Not for", "What it must not be used for.")
    downtime_text = _words(
        "Downtime text", "What staff do while it is not available. Not needed for administrative prompts."
    )
    title = StringField("Title", [Length(max=200, message="At most 200 characters, please.")])
    risk_class = SelectField("Risk class", choices=_choices(("", "As the file or the prompt says"), *CLASS_WORDS.items()),
                             description="You propose it; a clinical informaticist confirms it.")  # fmt: skip
    model = SelectField("Model", description="One that the file is compatible with.", validate_choice=False)
    plan = TextAreaField(
        "Rollout plan as JSON",
        description="Counts instead of the steps above where anything stands here.",
        render_kw={"rows": 4, "spellcheck": "false"},
    )


@dataclass(frozen=True)
class Handed:
    """A file and a test set as they were handed in, from an upload or a text field."""

    prompt: bytes
    suite: bytes | None


@room.route("/changes/new", methods=["GET", "POST"])
@needs(Right.SUBMIT_CHANGE)
def new() -> Any:
    """Submit a new change."""
    view = submission.show_new(outside(), actor(), request.args.get("prompt"))
    form = _form(view)
    if not form.is_submitted():
        return _page(view, form)
    if "plan-do" in request.form:
        return _edit_plan(view, form)
    return _hand_in(view, form, lambda given: submission.submit(outside(), actor(), given))


@room.route("/changes/<change_id>/revise", methods=["GET", "POST"])
@takes_move("revise")
def revise(change_id: str) -> Any:
    """Hand in a further revision of a change."""
    view = submission.show_revision(outside(), actor(), change_id)
    form = _form(view)
    if not form.is_submitted():
        return _page(view, form)
    if "plan-do" in request.form:
        return _edit_plan(view, form)
    digest = form.expected_digest.data or ""
    return _hand_in(view, form, lambda given: submission.revise(outside(), actor(), change_id, digest, given))


@room.post("/changes/<change_id>/moves/submit")
@takes_move("submit")
def submit_again(change_id: str) -> Any:
    """A change that was sent back is evaluated once more as it is."""
    submission.submit_again(outside(), actor(), change_id, _field("expected_digest"))
    return _done(change_id, "Submitted again; the evaluation is queued.")


@room.post("/changes/<change_id>/moves/run_again")
@takes_move("run_again")
def run_again(change_id: str) -> Any:
    """The present revision is evaluated once more."""
    submission.run_again(outside(), actor(), change_id, _field("expected_digest"))
    return _done(change_id, "A further run is queued; the earlier ones stay listed.")


@room.post("/changes/<change_id>/moves/rebase")
@takes_move("rebase")
def rebase(change_id: str) -> Any:
    """The change is compared with what is live now."""
    submission.rebase(outside(), actor(), change_id, _field("expected_digest"))
    return _done(change_id, "Rebased; the comparison with what is live now is queued.")


@room.post("/changes/<change_id>/moves/withdraw")
@takes_move("withdraw")
def withdraw(change_id: str) -> Any:
    """The change is withdrawn."""
    submission.withdraw(outside(), actor(), change_id, _field("expected_digest"), _field("reason"))
    return _done(change_id, "Withdrawn. Versions and runs stay readable.")


def _form(view: FormView) -> SubmissionForm:
    """The form as sent, else as the view starts it."""
    start = {field.name: getattr(view.start, field.name) for field in fields(Start)}
    form = SubmissionForm(data={**start, "expected_digest": view.digest})
    form.suite_digest.choices = _choices(("", "The one that stands, or the one handed in below"), *view.suites)
    form.model.choices = _choices(("", "The first compatible one"), *view.models)
    return form


def _edit_plan(view: FormView, form: SubmissionForm) -> str:
    """The form with everything that was typed and its plan changed as asked: dates, a step more or less, another plan."""
    _handed(form)
    act, fields = request.form["plan-do"], plan_form.fields_sent(request.form)
    if act == "suggest" or fields is None:
        asked = form.risk_class.data
        found = submission.suggest_plan(
            outside(), _name(view, form), RiskClass(asked) if asked in CLASS_WORDS else None
        )
        fields = plan_form.fields_of(found.document, is_usual=found.is_usual and not view.change_id)
        view = replace(view, plan=found)
    return _page(view, form, plan_form.changed(fields, act))


def _name(view: FormView, form: SubmissionForm) -> str:
    """The prompt that the form is about, by the file's text, else by what the form started from."""
    typed = submission.name_in((form.prompt_text.data or "").encode("utf-8", "surrogatepass"))
    return typed or view.start.prompt_name


def _hand_in(view: FormView, form: SubmissionForm, act: Any) -> Any:
    """The change's page, or the form again with every fault at its field and everything that was typed."""
    handed = _handed(form)
    if not form.validate():
        return _page(view, form), 422
    try:
        done: Submitted = act(_submission(form, handed))
    except (InvalidInput, Conflict, Stale, Refused) as error:
        _place(form, error)
        return _page(view, form), status_of(error)
    for warning in done.warnings:
        flash(f"Look at this: {warning}", "warn")
    who = ", ".join(view.reviewers) or "nobody yet; ask an administrator"
    return _done(done.change_id, f"Submitted as revision {done.revision}; the evaluation is queued. Reviewer: {who}.")


def _handed(form: SubmissionForm) -> Handed:
    """What was handed in; an upload is put into its text field as well, because no browser sends it a second time."""
    prompt, suite = _upload(form.prompt_file), _upload(form.suite_file)
    for content, field in ((prompt, form.prompt_text), (suite, form.suite_text)):
        if content is not None and len(content) <= LARGEST_SHOWN:
            field.data = content.decode("utf-8", "replace")
    if prompt is None:
        prompt = _with_newlines(form.prompt_text.data)
    if suite is None and (form.suite_text.data or "").strip():
        suite = _with_newlines(form.suite_text.data)
    return Handed(prompt, suite)


def _upload(field: FileField) -> bytes | None:
    content = field.data.read() if field.data else b""
    return bytes(content) or None


def _with_newlines(text: str | None) -> bytes:
    """The text of a form field; browsers send every line end as CR LF."""
    return (text or "").replace("\r\n", "\n").encode("utf-8", "surrogatepass")


def _submission(form: SubmissionForm, handed: Handed) -> Submission:
    return Submission(
        prompt=handed.prompt,
        suite=handed.suite,
        suite_digest=form.suite_digest.data or None,
        suite_contains_phi=bool(form.suite_contains_phi.data),
        title=_text(form.title),
        changes=_text(form.changes),
        intended_use=_text(form.intended_use),
        not_for=_text(form.not_for),
        downtime_text=_text(form.downtime_text),
        risk_class=form.risk_class.data or None,
        model=form.model.data or None,
        plan=_plan(form.plan.data),
    )


def _text(field: Any) -> str:
    return str(field.data or "").strip()


def _plan(text: str | None) -> Any:
    """The plan as JSON where that was given, else the editor's where its author changed anything, else None."""
    if not (text or "").strip():
        fields = plan_form.fields_sent(request.form)
        return None if fields is None else plan_form.chosen(fields)
    try:
        return json.loads(text or "")
    except (ValueError, RecursionError):
        raise InvalidInput("The rollout plan is not JSON; correct it or leave it empty.", code="plan") from None


def _place(form: SubmissionForm, error: FormularyError) -> None:
    """Each fault stands at the field it belongs to; what belongs to none stands on top."""
    rows = error.details.get("faults") or [{"source": "", "field": "", "sentence": error.sentence}]
    for row in rows:
        field = _field_of(form, row, error)
        place = f"Line {row['line']}: " if row.get("line") else ""
        inside = f"{row['field']}: " if row.get("field") and row["field"] not in TEXTS else ""
        sentence = f"{place}{inside}{row['sentence']}"
        if field is None:
            form.form_errors.append(sentence)
        else:
            field.errors = [*field.errors, sentence]


def _field_of(form: SubmissionForm, row: dict[str, Any], error: FormularyError) -> Any:
    by_code = {"plan": form.plan, "risk_class": form.risk_class, "lowers_class": form.risk_class, "no_suite": form.suite_text,
               "no_model": form.model, "model_closed": form.model}  # fmt: skip
    by_source = {"the prompt file": form.prompt_text, "the test set": form.suite_text}
    if row.get("field") in TEXTS:
        return getattr(form, row["field"])
    if error.details.get("field") == "plan":
        return form.plan
    if error.code in by_code:
        return by_code[error.code]
    return by_source.get(str(row.get("source", "")))


def _page(view: FormView, form: SubmissionForm, fields: PlanFields | None = None) -> str:
    plan = (
        fields
        or plan_form.fields_sent(request.form)
        or plan_form.fields_of(view.plan.document, is_usual=view.plan.is_usual)
    )
    return render_template(
        "submission/form.html",
        view=view,
        form=form,
        plan=plan,
        look=_look(view, form, plan),
        kinds=KINDS,
        units=UNITS,
        limits=TABLE,
        is_plan_open=fields is not None,
    )


def _look(view: FormView, form: SubmissionForm, plan: PlanFields) -> PlanLook:
    """Dates and faults of the plan as it stands in the editor."""
    try:
        document = plan_form.document_of(plan)
    except InvalidInput as error:
        return PlanLook("", faults=(error.sentence,))
    return submission.look_at_plan(outside(), _name(view, form), document)


def _field(name: str) -> str:
    return request.form.get(name, "")


def _done(change_id: str, sentence: str) -> Any:
    flash(sentence, "good")
    return redirect(url_for("change.show", change_id=change_id), 303)
