"""Exports: asking for a bundle of the record, how far each is, and fetching the finished ones."""

from __future__ import annotations

import base64
from datetime import UTC, date, datetime, timedelta
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, send_file, url_for
from flask_wtf import FlaskForm
from jinja2_fragments.flask import render_block
from wtforms import BooleanField, DateField, RadioField, SelectField
from wtforms.validators import Optional

from webapp.adapters.qr_code import svg
from webapp.domain.record.key_card import fingerprint, words
from webapp.domain.workflow.grants import Right
from webapp.errors import InvalidInput, NotFound
from webapp.services import exporting, public_log
from webapp.services.exporting import ExportsView, Wanted
from webapp.web.access import needs
from webapp.web.context import actor, outside
from webapp.web.errors import status_of

room = Blueprint("exports", __name__)
PAGE = "exports/page.html"
LAST_DAY = date(9998, 12, 31)  # later ones have no day after them that every database can hold
SCOPES = (
    ("change", "One change"),
    ("dossier", "The record of one change as PDF, for a committee to read"),
    ("prompt", "One prompt with all its changes"),
    ("period", "Changes that moved in a period"),
    ("audit_pack", "Audit pack of a period: signed, refused, voided, exceptions, what was live, people and policy"),
    ("all", "Everything"),
)


class ExportForm(FlaskForm):  # type: ignore[misc]
    """What to export; only the field of the chosen scope counts."""

    scope = RadioField("What to export", choices=list(SCOPES), default="change")
    change = SelectField("Which change", validate_choice=False)
    prompt = SelectField("Which prompt", validate_choice=False)
    since = DateField("First day of a period", [Optional()])
    until = DateField("Last day of a period", [Optional()])
    with_case_text = BooleanField("Also the text of test cases, as far as my roles let me read it")


@room.get("/exports")
@needs(Right.EXPORT_RECORD)
def index() -> Any:
    """The form and the newest exports; with ``poll=1`` only how far they are."""
    view = exporting.list_exports(outside(), actor())
    if request.args.get("poll") != "1":
        return _page(view, _form(view))
    if not view.is_going_on:
        return Response(headers={"HX-Refresh": "true"})
    return render_block(PAGE, "progress", view=view)


@room.post("/exports")
@needs(Right.EXPORT_RECORD)
def ask() -> Any:
    """The export is asked for and made in the background."""
    view = exporting.list_exports(outside(), actor())
    form = _form(view)
    if not form.validate_on_submit():
        return _page(view, form), 422
    try:
        exporting.ask_for_export(outside(), actor(), _wanted(form))
    except (InvalidInput, NotFound) as error:
        form.form_errors.append(error.sentence)
        return _page(view, form), status_of(error)
    flash("The export is being made; this page shows how far it is.", "good")
    return redirect(url_for("exports.index"), 303)


@room.get("/exports/slip.txt")
@needs(Right.EXPORT_RECORD)
def slip() -> Response:
    """The newest checkpoint as a file, a signed note: what a verifier takes as the earlier checkpoint."""
    found = public_log.newest_slip(outside())
    if found is None:
        raise NotFound(public_log.NO_CHECKPOINT)
    name = f"checkpoint-slip-{found.size}.txt"
    headers = {"Content-Disposition": f"attachment; filename={name}"}
    return Response(found.note, content_type="text/plain; charset=utf-8", headers=headers)


@room.get("/exports/key-card")
@needs(Right.EXPORT_RECORD)
def key_card() -> str:
    """The key card, for printing; Unavailable while the notary does not answer."""
    key = outside().notary.held().key
    picture = "data:image/svg+xml;base64," + base64.b64encode(svg(key.to_vkey())).decode()
    spoken = words(key).split()
    return render_template(
        "exports/key_card.html", key=key, fingerprint=fingerprint(key).split(), words=spoken, picture=picture
    )


@room.post("/exports/<export_id>/again")
@needs(Right.EXPORT_RECORD)
def again(export_id: str) -> Any:
    """The same is asked for anew."""
    exporting.ask_again(outside(), actor(), export_id)
    flash("It is being made again, of the record as it is now.", "good")
    return redirect(url_for("exports.index"), 303)


@room.get("/exports/<export_id>/bundle.zip")
@needs(Right.EXPORT_RECORD)
def fetch(export_id: str) -> Response:
    """The finished bundle, or the record as PDF, as a file."""
    path = exporting.export_file(outside(), actor(), export_id)
    media = "application/pdf" if path.suffix == ".pdf" else "application/zip"
    return send_file(path, mimetype=media, as_attachment=True, download_name=f"formulary-{path.name}")


def _form(view: ExportsView) -> ExportForm:
    form = ExportForm(data={"change": request.args.get("change", ""), "scope": request.args.get("scope", "change")})
    form.change.choices = [(id_, f"{title} ({id_})") for id_, title in view.changes]
    form.prompt.choices = [(name, name) for name in view.prompts]
    return form


def _wanted(form: ExportForm) -> Wanted:
    kind = form.scope.data or ""
    value = {"change": form.change.data, "dossier": form.change.data, "prompt": form.prompt.data}.get(kind) or ""
    since, until = (form.since.data, form.until.data) if kind in ("period", "audit_pack") else (None, None)
    return Wanted(
        kind=kind,
        value=value,
        since=_midnight(since),
        until=None if until is None else _midnight(min(until, LAST_DAY) + timedelta(days=1)),
        with_case_text=bool(form.with_case_text.data),
    )


def _midnight(day: date | None) -> datetime | None:
    return None if day is None else datetime(day.year, day.month, day.day, tzinfo=UTC)


def _page(view: ExportsView, form: ExportForm) -> str:
    return render_template(
        PAGE, view=view, form=form, slip=public_log.newest_slip(outside()), gaps=public_log.gaps_in_words(outside())
    )
