"""Test sets by program. Scopes submit and read."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, jsonify, request

from webapp.api.auth import token
from webapp.api.bodies import SUITE, read_body
from webapp.api.once import once
from webapp.api.submissions import suite_bytes
from webapp.errors import InvalidInput
from webapp.services import catalogue, submission
from webapp.web.context import outside

room = Blueprint("suites_api", __name__, url_prefix="/api/v1/suites")
LINES_TYPES = frozenset({"application/jsonl", "application/x-ndjson", "text/plain"})


@room.post("")
@token("submit")
@once
def store() -> Any:
    """Store a test set by its digest: a JSON body, or JSON lines as they are with ``name`` in the query."""
    content, name, phi = _given()
    suite = submission.hand_in_suite(outside(), g.actor, content, name, contains_phi=phi)
    link = f"{outside().settings.base_url}/api/v1/suites/{suite.digest}"
    return jsonify(digest=suite.digest, name=suite.name, cases=len(suite.cases)), 201, {"Location": link}


@room.get("/<digest>")
@token("read", "submit")
def show(digest: str) -> Any:
    """A stored test set; its cases are left out where it holds patient data."""
    return jsonify(catalogue.show_suite(outside(), g.actor, digest))


def _given() -> tuple[bytes, str, bool]:
    if request.mimetype in LINES_TYPES:
        phi = request.args.get("contains_phi", "false")
        if phi not in ("true", "false") or set(request.args) - {"name", "contains_phi"}:
            raise InvalidInput("The query holds name and contains_phi (true or false), nothing else.")
        return request.get_data(), request.args.get("name", ""), phi == "true"
    body = read_body(SUITE)
    return suite_bytes(body["suite"]), body["name"], bool(body.get("contains_phi"))
