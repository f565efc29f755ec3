"""Where hospital applications fetch what they may run: bearer token with scope deliver, ETag, nothing else."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, jsonify, make_response, request

from webapp.api.auth import token
from webapp.domain.cohorts import Place
from webapp.errors import Refused
from webapp.services import delivery
from webapp.web.context import outside

room = Blueprint("delivery", __name__)


@room.get("/api/v1/prompts/<name>/release")
@token("deliver")
def release(name: str) -> Any:
    """The signed release for this unit, or 304 while nothing changed for it."""
    _require_prompt(name)
    said = {part: request.args.get(part, "") for part in ("unit", "site", "department")}
    served = delivery.serve(outside(), name, Place(**said, application=g.token.application))
    is_known = request.if_none_match.contains(served.etag)
    response = make_response("", 304) if is_known else jsonify(served.document)
    response.set_etag(served.etag)
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def _require_prompt(name: str) -> None:
    """A token that names prompts serves only these."""
    allowed = g.token.scopes.get("prompts") or []
    if allowed and name not in allowed:
        raise Refused(
            f"This token is not for {name[:60]}; ask an administrator for one that names it.", code="prompt_not_allowed"
        )
