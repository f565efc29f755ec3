"""Errors as answers: the one place where a sentence becomes a status, as page or as JSON."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from flask import Flask, current_app, flash, jsonify, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.exceptions import HTTPException

from webapp.domain.record.steady_clock import CLOCK_STEPPED
from webapp.errors import (
    AlreadyDone,
    Conflict,
    FormularyError,
    InvalidInput,
    NotFound,
    NotSignedIn,
    Refused,
    Stale,
    TooMany,
    Unavailable,
)
from webapp.web.context import outside
from webapp.web.refusals import enter_refused_access

STATUS: tuple[tuple[type[FormularyError], int], ...] = (
    (InvalidInput, 422),
    (NotSignedIn, 401),
    (Refused, 403),
    (NotFound, 404),
    (Stale, 409),
    (Conflict, 409),
    (TooMany, 429),
    (Unavailable, 503),
    (FormularyError, 400),
)
PLAIN = {
    400: "The request could not be read.",
    403: "This is not allowed.",
    404: "There is no such page.",
    405: "This address does not take that kind of request.",
    413: "What was sent is too large.",
    415: "This kind of content is not taken here.",
    429: "Too many requests; wait a moment.",
}
FOR_PROGRAMS = ("/api/", "/ofrep/", "/v1/", "/log/", "/openapi.json", "/healthz", "/readyz", "/metrics")
HEADINGS = {
    401: "Not signed in",
    403: "Not allowed",
    404: "Not found",
    409: "Not possible any more",
    413: "Too large",
    422: "Something is missing",
    429: "Please wait",
    503: "Not available now",
}
NOT_YOURS = "This is not your password; nothing was changed. Go back and enter it again."
log = logging.getLogger("formulary")


def status_of(error: FormularyError) -> int:
    """The HTTP status of an error of ours."""
    return next(status for kind, status in STATUS if isinstance(error, kind))


def register_errors(app: Flask) -> None:
    """Every error becomes a sentence with a status, never a traceback."""
    app.register_error_handler(FormularyError, _ours)
    app.register_error_handler(HTTPException, _theirs)
    app.register_error_handler(Exception, _unforeseen)


def error_body(code: str, sentence: str, details: dict[str, Any] | None = None) -> dict[str, Any]:
    """The one error shape of the API."""
    return {"error": {"code": code, "message": sentence, "details": details or {}}}


def as_json(answer: Callable[[], dict[str, Any]]) -> Any:
    """What our own script asked for, or the error with its sentence: pages of errors are for people."""
    try:
        return jsonify(answer())
    except FormularyError as error:
        enter_refused_access(error)
        return _json(error.code, error.sentence, {}, status_of(error))


def wants_json() -> bool:
    """Is this a call of the API and not of a browser?"""
    return request.path.startswith(FOR_PROGRAMS)


def _ours(error: FormularyError) -> Any:
    status = status_of(error)
    enter_refused_access(error)
    if wants_json():
        return _json(error.code, error.sentence, error.details, status)
    if isinstance(error, NotSignedIn):
        if current_user.is_authenticated:
            return _page("wrong_password", NOT_YOURS, {}, 403)
        return redirect(url_for("session.sign_in"), 303)
    if isinstance(error, AlreadyDone) and request.view_args and "change_id" in request.view_args:
        flash(error.sentence)
        return redirect(url_for("change.show", change_id=request.view_args["change_id"]), 303)
    if error.code == "enrol_first":
        flash(error.sentence, "warn")
        return redirect(url_for("profile.show", _anchor="factors"), 303)
    return _page(error.code, error.sentence, error.details, status)


def _theirs(error: HTTPException) -> Any:
    status = error.code or 500
    sentence = PLAIN.get(status, error.description or "Something went wrong.")
    if status == 400 and "CSRF" in (error.description or ""):
        sentence = "This form is too old or was opened in another session; load the page again and repeat."
    code = error.name.lower().replace(" ", "_")
    return _json(code, sentence, {}, status) if wants_json() else _page(code, sentence, {}, status)


def _unforeseen(error: Exception) -> Any:
    log.error("unforeseen %s at %s", type(error).__name__, request.endpoint, exc_info=error)
    sentence = "Something went wrong on our side; nothing was stored. Tell an administrator the time of this page."
    return _json("internal", sentence, {}, 500) if wants_json() else _page("internal", sentence, {}, 500)


def _json(code: str, sentence: str, details: dict[str, Any], status: int) -> Any:
    response = jsonify(error_body(code, sentence, details))
    response.status_code = status
    if status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    if "retry_after_seconds" in details:
        response.headers["Retry-After"] = str(details["retry_after_seconds"])
    return response


def _page(code: str, sentence: str, details: dict[str, Any], status: int) -> Any:
    """The sentence as a page with the way back; ``code`` is what to name when asking for help."""
    if code == CLOCK_STEPPED:
        return render_template("standing/clock.html", sentence=sentence), status
    links = [("To the inbox", "/")]
    change_id = (request.view_args or {}).get("change_id")
    if change_id is not None and status != 404 and "change.show" in current_app.view_functions:
        links.insert(0, ("Load the change again", url_for("change.show", change_id=change_id)))
    if status >= 500:
        links.append(("Stop or hold a prompt on the emergency page", outside().settings.emergency_url))
    del details
    page = render_template(
        "error.html",
        heading=HEADINGS.get(status, "Something went wrong"),
        sentence=sentence,
        reference=code,
        links=links,
    )
    return page, status
