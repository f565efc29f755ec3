"""The release route of the delivery process: answered from memory, also while database, queue, notary and worker are down."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, jsonify, request

from webapp.api.auth import sent_token
from webapp.api.delivery import place_of, require_prompt, respond, respond_signed
from webapp.errors import NotSignedIn
from webapp.services.delivery import KnownToken, Shelves
from webapp.services.tokens import find_bearer, require_scope
from webapp.web.access import public
from webapp.web.context import outside
from webapp.web.refusals import caller_address

room = Blueprint("shelved", __name__)
SNAPSHOT = "/api/v1/snapshot"


@room.get("/api/v1/prompts/<name>/release")
def release(name: str) -> Any:
    """The signed release for this unit, or 304 while nothing changed for it."""
    token = known_token()
    require_prompt(name, token.prompts)
    return respond(shelves().serve(name, place_of(token.application)))


release.access = "token:deliver"  # type: ignore[attr-defined]


@room.get(SNAPSHOT)
def snapshot() -> Any:
    """All that the token may use, signed, or 304 while nothing changed."""
    return respond_signed(shelves().snapshot(known_token()))


snapshot.access = "token:deliver"  # type: ignore[attr-defined]


@room.get("/healthz")
@public
def alive() -> Any:
    """The process answers, and since when it has not been able to look."""
    read_at = shelves().stock.read_at
    return jsonify(status="alive", read_at=None if read_at is None else read_at.isoformat())


def shelves() -> Shelves:
    """What this process serves from."""
    found: Shelves = current_app.extensions["shelves"]
    return found


def tells_of_stops() -> bool:
    """Is a snapshot asked for by a token of memory, while something is stopped or held here? Then it goes out on a wrong log too.

    It is made of what was verified while the log was whole. A stop that applications do not hear of is none.
    """
    flags = shelves().flags
    if request.path != SNAPSHOT or (flags.is_readable and not any(one.stands for one in flags.all())):
        return False
    try:
        return shelves().find_token(sent_token()) is not None
    except NotSignedIn:
        return False


def known_token() -> KnownToken:
    """The token from memory; one that memory does not know is asked of the database, which also enters a refusal."""
    secret = sent_token()
    known = shelves().find_token(secret)
    if known is not None:
        return known
    with current_app.extensions["slots"].one():
        bearer = find_bearer(outside(), secret, place=caller_address())
        require_scope(bearer, ("deliver",))
        shelves().look()
    known = shelves().find_token(secret)
    if known is None:
        raise NotSignedIn("This token is not known here yet; try again in a moment.")
    return known
