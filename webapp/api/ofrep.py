"""The OpenFeature remote evaluation protocol (OFREP), one flag at a time: a flag is a prompt, its value what the release route answers.

The decision is made where the release route has it made; here only words are translated. What must not live here: who gets which
release (``webapp.domain.serving``), and the delivery process's own address (``shelved_ofrep``).
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, Response, g, jsonify, request
from werkzeug.exceptions import HTTPException, InternalServerError

from webapp.acts.fetches import note_fetch_now
from webapp.api.auth import token
from webapp.api.delivery import require_prompt
from webapp.domain.cohorts import Place
from webapp.errors import Conflict, FormularyError, InvalidInput, NotFound, NotSignedIn, Refused, TooMany, Unavailable
from webapp.services import delivery
from webapp.services.delivery import Served
from webapp.web.context import outside
from webapp.web.errors import PLAIN
from webapp.web.refusals import ACCESS_CODES, enter_refused_access

ADDRESS = "/ofrep/v1/evaluate/flags/<key>"
PARSE_ERROR, GENERAL = "PARSE_ERROR", "GENERAL"
NOTHING_TO_RUN = "downtime"
"""The variant where nothing is served: the value then holds the downtime text and nothing that could be run."""
ATTRIBUTES = {"unit": "targetingKey", "site": "site", "department": "department"}
STATUS: tuple[tuple[type[FormularyError], int, str], ...] = (
    (InvalidInput, 400, "INVALID_CONTEXT"),
    (NotSignedIn, 401, GENERAL),
    (NotFound, 404, "FLAG_NOT_FOUND"),
    (TooMany, 429, GENERAL),
    (Unavailable, 503, GENERAL),
)
room = Blueprint("ofrep", __name__)
log = logging.getLogger("formulary")


@room.post(ADDRESS)
@token("deliver")
def evaluate(key: str) -> Any:
    """What an OpenFeature SDK gets for this prompt and unit: the document of the release route as the flag's value."""
    require_prompt(key, g.token.scopes.get("prompts") or ())
    note_fetch_now(outside(), g.token.application, (key,))
    return evaluated(key, lambda place: delivery.serve(outside(), key, place), g.token.application)


@room.errorhandler(FormularyError)
def refuse(error: FormularyError) -> Any:
    """The error in the protocol's form; a refusal for want of a right is entered."""
    enter_refused_access(error)
    return failed(error)


@room.errorhandler(HTTPException)
def turn_away(error: HTTPException) -> Any:
    """A request that was not taken at all (too large, of another kind), in the protocol's form."""
    return turned_away(error)


@room.errorhandler(Exception)
def stumble(error: Exception) -> Any:
    """What nobody foresaw, in the protocol's form."""
    log.error("unforeseen %s at %s", type(error).__name__, request.endpoint, exc_info=error)
    return turned_away(InternalServerError())


def evaluated(key: str, serve: Callable[[Place], Served], application: str) -> Any:
    """The evaluation; where nothing is served the flag is disabled, which is an answer and no error."""
    place = _place_of(_context(), application)
    try:
        served = serve(place).document
    except Conflict as nothing:
        return _answer(
            key, "DISABLED", NOTHING_TO_RUN, _downtime(key, nothing), {"code": nothing.code}, nothing.sentence
        )
    return _answer(key, served["reason"], served["arm"], served, _metadata(served))


def failed(error: FormularyError) -> Any:
    """The error with the protocol's code; what is wrong with a release is the server's fault, never the caller's want of rights."""
    status, code = _status_of(error)
    response = _failure(status, code, error.sentence, error.code)
    if status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    if "retry_after_seconds" in error.details:
        response.headers["Retry-After"] = str(error.details["retry_after_seconds"])
    return response


def turned_away(error: HTTPException) -> Any:
    """An error of the protocol beneath, with its own status."""
    status = error.code or 500
    sentence = PLAIN.get(status, "Something went wrong on our side; tell an administrator the time.")
    return _failure(status, GENERAL, sentence, error.name.lower().replace(" ", "_"))


def _failure(status: int, error_code: str, sentence: str, code: str) -> Response:
    response = jsonify(
        key=(request.view_args or {}).get("key", ""),
        errorCode=error_code,
        errorDetails=sentence,
        reason="ERROR",
        variant="",
        metadata={"code": code},
    )
    response.status_code = status
    return response


def _status_of(error: FormularyError) -> tuple[int, str]:
    if error.code == PARSE_ERROR:
        return 400, PARSE_ERROR
    if isinstance(error, Refused):
        return (403 if error.code in ACCESS_CODES else 500), GENERAL
    return next(((status, code) for kind, status, code in STATUS if isinstance(error, kind)), (500, GENERAL))


def _answer(
    key: str, reason: str, variant: str, value: Mapping[str, Any], metadata: Mapping[str, Any], details: str = ""
) -> Response:
    response = jsonify(key=key, reason=reason, variant=variant, value=value, metadata=metadata, errorDetails=details)
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _metadata(served: Mapping[str, Any]) -> dict[str, str]:
    """What hooks of an SDK see, flat as the protocol asks."""
    return {
        "decision_id": served["decision_id"],
        "version": served["version"]["label"],
        "version_sha256": served["version"]["sha256"],
        "manifest_sha256": served["release"]["manifest_sha256"],
    }


def _downtime(key: str, nothing: Conflict) -> dict[str, str]:
    """No messages and no model: an application that overlooks the reason fails, and runs nothing."""
    return {"prompt": key, "downtime_text": nothing.details.get("downtime_text", ""), "code": nothing.code}


def _context() -> Mapping[str, Any]:
    """What the SDK says of the request; one that says nothing is good too."""
    try:
        body = json.loads(request.get_data())
    except (ValueError, RecursionError):
        raise InvalidInput("The body is not JSON; send an object with context.", code=PARSE_ERROR) from None
    context = body.get("context", {}) if isinstance(body, dict) else None
    if not isinstance(context, dict):
        raise InvalidInput("Send an object with context, which is an object too.")
    return context


def _place_of(context: Mapping[str, Any], application: str) -> Place:
    """Where the request says it comes from; other attributes of the context are nobody's business here and are left unread."""
    said = {part: context.get(attribute) or "" for part, attribute in ATTRIBUTES.items()}
    for part, word in said.items():
        if not isinstance(word, str):
            raise InvalidInput(f"{ATTRIBUTES[part]} of the context must be a text.")
    return Place(**said, application=application)
