"""Where hospital applications fetch what they may run: bearer token with scope deliver, ETag, nothing else."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from flask import Blueprint, Response, g, request

from webapp.acts.fetches import note_fetch_now
from webapp.api.auth import token
from webapp.domain.cohorts import Place
from webapp.errors import Refused
from webapp.services import delivery
from webapp.services.delivery import Served, Snapshot
from webapp.web.context import outside

room = Blueprint("delivery", __name__)


@room.get("/api/v1/prompts/<name>/release")
@token("deliver")
def release(name: str) -> Any:
    """The signed release for this unit, or 304 while nothing changed for it."""
    require_prompt(name, g.token.scopes.get("prompts") or ())
    note_fetch_now(outside(), g.token.application, (name,))
    return respond(delivery.serve(outside(), name, place_of(g.token.application)))


@room.get("/api/v1/snapshot")
@token("deliver")
def snapshot() -> Any:
    """All that the token may use, signed, for applications that decide by themselves; or 304 while nothing changed."""
    allowed = g.token.scopes.get("prompts") or ()
    note_fetch_now(outside(), g.token.application, allowed)
    return respond_signed(delivery.snapshot(outside(), g.token.application, allowed))


def require_prompt(name: str, allowed: Collection[str]) -> None:
    """A token that names prompts serves only these."""
    if allowed and name not in allowed:
        raise Refused(
            f"This token is not for {name[:60]}; ask an administrator for one that names it.", code="prompt_not_allowed"
        )


def place_of(application: str) -> Place:
    """Where the request says it comes from; the application is known by its token."""
    said = request.args
    return Place(said.get("unit", ""), said.get("site", ""), said.get("department", ""), application)


def respond(served: Served) -> Any:
    """The decision as JSON, or 304 where the application has it."""
    return _or_unchanged(served.etag, served.to_json)


def respond_signed(made: Snapshot) -> Any:
    """The envelope, byte for byte, or 304 where the application has what it says."""
    return _or_unchanged(made.etag, lambda: made.envelope)


def headers_of(etag: str) -> list[tuple[str, str]]:
    """What every answer to an application says of itself."""
    return [("ETag", f'"{etag}"'), ("Cache-Control", "private, no-cache")]


def _or_unchanged(etag: str, whole: Callable[[], bytes]) -> Response:
    if request.if_none_match.contains_weak(etag):
        return Response(status=304, headers=headers_of(etag))
    return Response(whole(), headers=headers_of(etag), mimetype="application/json")
