"""Test sets: the list, importing, one version with its counts and uses, the difference of two, one case."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import BooleanField, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired

from webapp.domain.prompts.suite_files import CSV, JSONL, form_of
from webapp.domain.workflow.grants import Right, may
from webapp.errors import Conflict, FormularyError, InvalidInput, Refused
from webapp.services import suites
from webapp.services.suites import CaseGiven, Failure, SuiteGiven, SuiteView
from webapp.web.access import needs
from webapp.web.context import actor, outside
from webapp.web.errors import status_of

room = Blueprint("suites", __name__)
LARGEST_SHOWN = 1_000_000


class ImportForm(FlaskForm):  # type: ignore[misc]
    """A test set to import. Whether it is good, the service says; the form keeps what was typed."""

    name = StringField(
        "Name",
        [DataRequired("Give the test set a name.")],
        description="A new name starts a test set; a known one gets its next version.",
    )
    file = FileField("File", description="JSON lines (.jsonl) or a table (.csv, UTF-8). Or paste the text below.")
    text = TextAreaField("Cases as text", render_kw={"rows": 12, "spellcheck": "false"})
    form = RadioField(
        "Form of the text",
        choices=[SelectChoice(JSONL, "JSON lines, one case a line"), SelectChoice(CSV, "Table (CSV), one case a row")],
        default=JSONL,
        validate_choice=False,
    )
    contains_phi = BooleanField(
        "The cases hold patient data", description="Who reads them is kept in the audit log; exports leave them out."
    )
    is_held_out = BooleanField(
        "Hold-out", description="No author reads its cases. Imported by informaticists who write no prompts."
    )


class CaseForm(FlaskForm):  # type: ignore[misc]
    """What a person says of a failure that becomes a case."""

    case_id = StringField(
        "Id of the new case",
        [DataRequired("Give the new case an id.")],
        description="Letters, digits, dot, underscore, colon, hyphen.",
    )
    why = TextAreaField(
        "What was wrong with the answer",
        [DataRequired("Write what was wrong with the answer.")],
        description="Kept in the audit log.",
        render_kw={"rows": 3},
    )
    must_say = TextAreaField("A good answer must say", description="One item a line.", render_kw={"rows": 3})
    must_not_say = TextAreaField("It must not say", description="One item a line.", render_kw={"rows": 3})
    holds_phi = BooleanField(
        "The encounter holds patient data",
        description="The test set is marked from then on; only models that may receive patient data are asked.",
    )


@room.get("/suites")
@needs(Right.READ_SUITES)
def index() -> str:
    """Every test set with its newest version."""
    return render_template("suites/list.html", rows=suites.list_suites(outside(), actor()), may_import=_may_import())


@room.route("/suites/import", methods=["GET", "POST"])
@needs(Right.IMPORT_SUITE)
def import_version() -> Any:
    """Import a test set as the next version of its name; with faults the form again, and every fault in a list."""
    form = ImportForm(name=request.args.get("name", ""))
    if not form.is_submitted():
        return _import_page(form)
    given = _given(form)
    if not form.validate():
        return _import_page(form), 422
    try:
        done = suites.import_suite(outside(), actor(), given)
    except (InvalidInput, Conflict, Refused) as error:
        return _import_page(form, error), status_of(error)
    for warning in done.warnings:
        flash(warning, "warn")
    if done.is_new:
        flash(f"Imported: {done.name}, version {done.number}, {done.case_count} cases.", "good")
    return redirect(url_for("suites.show", digest=done.digest), 303)


@room.get("/suites/<digest>")
@needs(Right.READ_SUITES)
def show(digest: str) -> str:
    """One version: what it holds, what it did to the one before, and the runs on any version."""
    view = suites.show_suite(outside(), actor(), digest, page=request.args.get("page", 1, type=int))
    return render_template("suites/page.html", view=view, pages=_pages(view), may_import=_may_import())


@room.get("/suites/<digest>/difference")
@needs(Right.READ_SUITES)
def difference(digest: str) -> str:
    """What this version does to the version named by ``from``."""
    view = suites.show_difference(outside(), actor(), digest, request.args.get("from", ""))
    return render_template("suites/difference.html", view=view)


@room.get("/suites/<digest>/cases/<case_id>")
@needs(Right.READ_SUITES)
def case(digest: str, case_id: str) -> str:
    """One case with its text, where this person may read it; a read of patient data is entered."""
    return render_template("suites/case.html", view=suites.open_suite_case(outside(), actor(), digest, case_id))


@room.route("/changes/<change_id>/evaluation/cases/<case_id>/make-case", methods=["GET", "POST"])
@needs(Right.MAKE_CASE)
def make_from_case(change_id: str, case_id: str) -> Any:
    """A case of the evaluation that failed becomes a regression case."""
    back = url_for("evaluation.case", change_id=change_id, case_id=case_id)
    return _make(Failure(change_id, case_id=case_id), back)


@room.route("/changes/<change_id>/follow-up-audit/<sample_id>/make-case", methods=["GET", "POST"])
@needs(Right.MAKE_CASE)
def make_from_audit(change_id: str, sample_id: str) -> Any:
    """An answer of the follow-up audit that failed becomes a regression case."""
    return _make(Failure(change_id, sample_id=sample_id), url_for("post_audit.show", change_id=change_id))


def _make(failure: Failure, back: str) -> Any:
    """The form, or the new version of the test set once the case is made."""
    view = suites.show_making(outside(), actor(), failure)
    form = CaseForm(data={"case_id": view.suggested_id, "holds_phi": view.is_real})
    if not form.is_submitted():
        return render_template("suites/make_case.html", view=view, form=form, back=back)
    if not form.validate():
        return render_template("suites/make_case.html", view=view, form=form, back=back), 422
    try:
        digest = suites.make_case(outside(), actor(), failure, _case_given(form))
    except (InvalidInput, Conflict, Refused) as error:
        field = {"id": form.case_id, "why": form.why}.get(str(error.details.get("field")))
        if field is None:
            form.form_errors.append(error.sentence)
        else:
            field.errors = [*field.errors, error.sentence]
        return render_template("suites/make_case.html", view=view, form=form, back=back), status_of(error)
    flash("The case is made; new changes of the prompt are run on it.", "good")
    return redirect(url_for("suites.show", digest=digest), 303)


def _case_given(form: CaseForm) -> CaseGiven:
    return CaseGiven(
        id=form.case_id.data or "",
        why=(form.why.data or "").strip(),
        must_say=_items(form.must_say.data),
        must_not_say=_items(form.must_not_say.data),
        holds_phi=bool(form.holds_phi.data),
    )


def _items(text: str | None) -> tuple[str, ...]:
    return tuple(line.strip() for line in (text or "").splitlines() if line.strip())


def _given(form: ImportForm) -> SuiteGiven:
    """What was handed in; an upload is put into the text field as well, because no browser sends it a second time."""
    upload = form.file.data.read() if form.file.data else b""
    if upload:
        form.form.data = form_of(form.file.data.filename or "")
        form.text.data = upload.decode("utf-8", "replace") if len(upload) <= LARGEST_SHOWN else ""
    typed = (form.text.data or "").replace("\r\n", "\n").encode("utf-8", "surrogatepass")
    return SuiteGiven(
        content=upload or typed,
        name=form.name.data or "",
        form=CSV if form.form.data == CSV else JSONL,
        contains_phi=bool(form.contains_phi.data),
        is_held_out=bool(form.is_held_out.data),
    )


def _import_page(form: ImportForm, error: FormularyError | None = None) -> str:
    """The form with what was typed; ``faults`` are rows of line, field and sentence."""
    faults = [] if error is None else error.details.get("faults", [])
    more = 0 if error is None else int(error.details.get("count", len(faults))) - len(faults)
    if error is not None and not faults:
        field = form.name if error.details.get("field") == "name" else None
        if field is None:
            form.form_errors.append(error.sentence)
        else:
            field.errors = [*field.errors, error.sentence]
    may_hold_out = suites.may_hold_out(actor())
    return render_template("suites/import.html", form=form, faults=faults, more=more, may_hold_out=may_hold_out)


def _may_import() -> bool:
    return may(actor().roles, Right.IMPORT_SUITE)


def _pages(view: SuiteView) -> tuple[str, str | None, str | None] | None:
    """Words and addresses of the pager; None where everything is on one page."""
    if view.pages == 1:
        return None
    before = _address(view, view.page - 1) if view.page > 1 else None
    after = _address(view, view.page + 1) if view.page < view.pages else None
    return f"Page {view.page} of {view.pages}, {view.line.case_count} cases", before, after


def _address(view: SuiteView, page: int) -> str:
    return url_for("suites.show", digest=view.line.digest, page=page, _anchor="cases")
