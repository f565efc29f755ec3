"""Retention: the report, legal holds, and erasures asked for, confirmed and followed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from jinja2_fragments.flask import render_block

from webapp.domain.workflow.grants import Right
from webapp.errors import (
    AlreadyDone,
    Conflict,
    FormularyError,
    InvalidInput,
    NotSignedIn,
    Refused,
    Stale,
    TooMany,
)
from webapp.services import retention
from webapp.web.access import needs
from webapp.web.context import actor, outside
from webapp.web.deciding import FIELDS, FRESH, WRONG_PASSWORD, Tried, password, typed
from webapp.web.errors import as_json, status_of

room = Blueprint("retention", __name__)
PAGE, ERASURE_PAGE = "retention/page.html", "retention/erasure.html"


@room.get("/retention")
@needs(Right.READ_RETENTION)
def index() -> Any:
    """What is kept until when, the holds, and the erasures; with ``poll=1`` only how far erasures are."""
    if request.args.get("poll") != "1":
        return _page(FRESH)
    view = retention.retention_report(outside(), actor())
    if not view.is_going_on:
        return Response(headers={"HX-Refresh": "true"})
    return render_block(PAGE, "progress", view=view)


@room.post("/retention/holds")
@needs(Right.PLACE_HOLD)
def place_hold() -> Any:
    """A hold is placed, signed."""
    scope, _, subject = typed("on").partition(":")
    return _try(
        "place",
        lambda: retention.place_hold(outside(), actor(), scope, subject, typed("reason"), password()),
        "The hold is placed: nothing that it covers is erased.",
        _page,
    )


@room.post("/retention/holds/<hold_id>/lift")
@needs(Right.PLACE_HOLD)
def lift_hold(hold_id: str) -> Any:
    """A hold is lifted, signed."""
    return _try(
        f"lift-{hold_id}",
        lambda: retention.lift_hold(outside(), actor(), hold_id, typed("reason"), password()),
        "The hold is lifted.",
        _page,
    )


@room.post("/retention/holds/<hold_id>/lift/passkey")
@needs(Right.PLACE_HOLD)
def ask_passkey_to_lift(hold_id: str) -> Any:
    """What the browser's passkey is to sign, as JSON for our script."""
    return as_json(lambda: retention.ask_passkey_to_lift(outside(), actor(), hold_id, typed("reason")))


@room.get("/retention/<any(change, suite):kind>/<subject>")
@needs(Right.READ_RETENTION)
def preview(kind: str, subject: str) -> Any:
    """What would go and what stays, before anybody signs."""
    return _preview(kind, subject, FRESH)


@room.post("/retention/<any(change, suite):kind>/<subject>")
@needs(Right.ERASE_TEXTS)
def ask(kind: str, subject: str) -> Any:
    """The erasure is asked for, signed; a second person confirms it."""
    return _try(
        "ask",
        lambda: retention.request_erasure(
            outside(), actor(), kind, subject, typed("expected_digest"), typed("reason"), password()
        ),
        "The erasure is asked for. A second person reads and confirms it; until then nothing is erased.",
        lambda tried: _preview(kind, subject, tried),
    )


@room.post("/retention/<any(change, suite):kind>/<subject>/passkey")
@needs(Right.ERASE_TEXTS)
def ask_passkey(kind: str, subject: str) -> Any:
    """What the browser's passkey is to sign, as JSON for our script."""
    return as_json(
        lambda: retention.ask_passkey(
            outside(), actor(), kind, subject, typed("expected_digest"), erasure_id=typed("erasure")
        )
    )


@room.get("/retention/erasures/<erasure_id>")
@needs(Right.READ_RETENTION)
def erasure(erasure_id: str) -> Any:
    """One erasure: what goes, what stays, who asked, and the second signature."""
    return _erasure(erasure_id, FRESH)


@room.post("/retention/erasures/<erasure_id>/confirm")
@needs(Right.ERASE_TEXTS)
def confirm(erasure_id: str) -> Any:
    """The second person confirmed; workers erase."""
    return _try(
        "confirm",
        lambda: retention.confirm_erasure(outside(), actor(), erasure_id, typed("expected_digest"), password()),
        "Confirmed. The texts are being erased; this page shows how far it is.",
        lambda tried: _erasure(erasure_id, tried),
    )


@room.post("/retention/erasures/<erasure_id>/withdraw")
@needs(Right.ERASE_TEXTS)
def withdraw(erasure_id: str) -> Any:
    """The request is withdrawn; nothing was erased."""
    retention.withdraw_erasure(outside(), actor(), erasure_id)
    flash("The request is withdrawn; nothing was erased.", "good")
    return redirect(url_for("retention.index"), 303)


def _try(form: str, act: Callable[[], object], done: str, page: Callable[[Tried], Any]) -> Any:
    """The act and the list, or the page again with the sentence at its field and everything typed but the password."""
    try:
        act()
    except (InvalidInput, Stale, Conflict, Refused, NotSignedIn, TooMany) as error:
        if isinstance(error, AlreadyDone):
            flash(error.sentence)
            return redirect(url_for("retention.index"), 303)
        return page(_tried(form, error))
    flash(done, "good")
    return redirect(url_for("retention.index"), 303)


def _tried(form: str, error: FormularyError) -> Tried:
    is_wrong = isinstance(error, NotSignedIn) and error.code == NotSignedIn.code
    sentence = WRONG_PASSWORD if is_wrong else error.sentence
    field = "password" if is_wrong else FIELDS.get(error.code)
    values = {"reason": typed("reason"), "on": typed("on")}
    status = 422 if isinstance(error, NotSignedIn) else status_of(error)
    return Tried(form, values, {field: (sentence,)} if field else {}, None if field else sentence, status=status)


def _page(tried: Tried) -> Any:
    view = retention.retention_report(outside(), actor())
    return render_template(PAGE, view=view, tried=tried), tried.status


def _preview(kind: str, subject: str, tried: Tried) -> Any:
    view = retention.show_preview(outside(), actor(), kind, subject)
    return render_template("retention/preview.html", view=view, tried=tried), tried.status


def _erasure(erasure_id: str, tried: Tried) -> Any:
    view = retention.show_erasure(outside(), actor(), erasure_id)
    return render_template(ERASURE_PAGE, view=view, tried=tried), tried.status
