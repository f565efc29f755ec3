"""Test sets by program. Scopes submit and read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, g, jsonify, request

from webapp.api.auth import token
from webapp.api.bodies import SUITE, read_body
from webapp.api.once import once
from webapp.api.submissions import suite_bytes
from webapp.domain.prompts.suite_files import CSV, JSONL
from webapp.errors import InvalidInput
from webapp.services import suites
from webapp.services.suites import Imported, SuiteGiven
from webapp.web.context import outside

room = Blueprint("suites_api", __name__, url_prefix="/api/v1/suites")
FORM_OF = {"application/jsonl": JSONL, "application/x-ndjson": JSONL, "text/plain": JSONL, "text/csv": CSV}


@room.post("")
@token("submit")
@once
def store() -> Any:
    """Import a test set as the next version of its name: a JSON body, or JSON lines or CSV as they are with ``name`` in the query."""
    done = suites.import_suite(outside(), g.actor, _given())
    link = f"{outside().settings.base_url}/api/v1/suites/{done.digest}"
    return jsonify(_document(done)), 201, {"Location": link}


@room.get("/<digest>")
@token("read", "submit")
def show(digest: str) -> Any:
    """A stored test set; cases of patient data and of hold-outs only with ``with_case_text=true``, which is entered in the audit log."""
    with_case_text = _truth(request.args, "with_case_text")
    return jsonify(suites.suite_document(outside(), g.actor, digest, with_case_text=with_case_text))


def _given() -> SuiteGiven:
    form = FORM_OF.get(request.mimetype)
    if form is None:
        body = read_body(SUITE)
        return SuiteGiven(suite_bytes(body["suite"]), body["name"], contains_phi=bool(body.get("contains_phi")))
    query = request.args
    if set(query) - {"name", "contains_phi"}:
        raise InvalidInput("The query holds name and contains_phi (true or false), nothing else.")
    return SuiteGiven(request.get_data(), query.get("name", ""), form, contains_phi=_truth(query, "contains_phi"))


def _truth(query: Mapping[str, str], name: str) -> bool:
    text = query.get(name, "false")
    if text not in ("true", "false"):
        raise InvalidInput(f"{name} is true or false.")
    return text == "true"


def _document(done: Imported) -> dict[str, Any]:
    """What was stored, and what it does to the version before."""
    difference = done.difference
    return {
        "digest": done.digest,
        "name": done.name,
        "number": done.number,
        "cases": done.case_count,
        "is_new": done.is_new,
        "difference": None
        if difference is None
        else {
            "added": list(difference.added),
            "superseded": [list(pair) for pair in difference.superseded],
            "removed": list(difference.removed),
            "edited": [case.id for case in difference.edited],
            "kept": difference.kept,
        },
        "warnings": list(done.warnings),
    }
