"""The formulary by program: prompts, versions, what was live when. Scope read."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, g, jsonify, request

from webapp.api.auth import token
from webapp.api.limits import require_prompt, token_prompts
from webapp.errors import InvalidInput
from webapp.services import catalogue
from webapp.services.catalogue.pages import page_asked
from webapp.web.context import outside

room = Blueprint("prompts_api", __name__, url_prefix="/api/v1/prompts")


@room.get("")
@token("read", "submit")
def index() -> Any:
    """The prompts of the formulary by name, each with what is live."""
    asked = page_asked(request.args.get("cursor"), request.args.get("limit"))
    return jsonify(catalogue.list_prompts(outside(), g.actor, asked, only=token_prompts()))


@room.get("/<name>")
@token("read", "submit")
def show(name: str) -> Any:
    """One prompt: versions, open changes, what was live when."""
    require_prompt(name)
    return jsonify(catalogue.show_prompt(outside(), g.actor, name))


@room.get("/<name>/versions/<int:number>")
@token("read", "submit")
def version(name: str, number: int) -> Any:
    """One version with its file as submitted."""
    require_prompt(name)
    return jsonify(catalogue.show_version(outside(), g.actor, name, number))


@room.get("/<name>/live")
@token("read", "submit")
def live(name: str) -> Any:
    """What is live, or was at the time ``at``, with release contents and signatures."""
    require_prompt(name)
    return jsonify(catalogue.show_live(outside(), g.actor, name, _moment(request.args.get("at"))))


def _moment(text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text.replace(" ", "+"))  # a + in a query arrives as a blank
    except ValueError:
        raise InvalidInput("at is a time as in 2026-03-02T09:00:00Z.") from None
    if moment.tzinfo is None:
        raise InvalidInput("at states its time zone, as in 2026-03-02T09:00:00Z.")
    return moment.astimezone(UTC)
