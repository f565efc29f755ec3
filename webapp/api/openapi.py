"""/openapi.json, written from the routes themselves: addresses, words and scopes from the views, bodies and answers from tables.

A route that the table does not describe is in it all the same, with a plain object as its answer.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, current_app, jsonify
from werkzeug.routing import Rule

from webapp import __version__
from webapp.api.answers import SCHEMAS, Schema, named
from webapp.api.bodies import MOVE, REVISION, SUBMISSION, SUITE
from webapp.api.once import HEADER
from webapp.api.report_bodies import CALLS, PROBLEM
from webapp.api.serving_answers import EVALUATION, SERVING
from webapp.domain.prompts.kinds import Record
from webapp.services.repeats import LONGEST_KEY
from webapp.web.access import public
from webapp.web.errors import FOR_PROGRAMS

room = Blueprint("openapi", __name__)
LONGEST_ETAG = 100


@dataclass(frozen=True)
class Operation:
    """What the table says of one route: its body, its answer, its query fields, other bodies it takes; ``media`` of no JSON.

    ``has_etag``: it answers 304 while nothing changed. ``failure``: the schema of its errors.
    """

    answer: str = "Document"
    status: str = "200"
    body: Record | Schema | None = None
    other_types: tuple[str, ...] = ()
    query: tuple[str, ...] = ()
    media: str | None = None
    has_etag: bool = False
    failure: str = "Error"


_PAGES = ("cursor", "limit")
_FILE_WORDS = (
    "prompt",
    "title",
    "risk_class",
    "changes",
    "intended_use",
    "not_for",
    "downtime_text",
    "model",
    "suite",
    "suite_contains_phi",
    "contributor",
)
OPERATIONS: dict[str, Operation] = {
    "changes_api.submit": Operation("Submitted", "201", SUBMISSION, ("text/yaml",), _FILE_WORDS),
    "changes_api.index": Operation("Changes", query=("stage", "prompt", *_PAGES)),
    "changes_api.show": Operation("Change"),
    "changes_api.revise": Operation("Submitted", "201", REVISION, ("text/yaml",), ("expected_digest", *_FILE_WORDS)),
    "changes_api.take": Operation("Change", body=MOVE),
    "changes_api.evaluation": Operation("Evaluation", query=("run", *_PAGES)),
    "interactions_api.report": Operation("CallsReceived", "202", CALLS),
    "interactions_api.problem": Operation("ProblemStored", "202", PROBLEM),
    "ledger_api.index": Operation("Entries", query=("prompt", "person", "type", "entity", "since", "until", *_PAGES)),
    "delivery.snapshot": Operation("Envelope", has_etag=True),
    "prompts_api.index": Operation("Prompts", query=_PAGES),
    "prompts_api.show": Operation("Prompt"),
    "prompts_api.version": Operation("Version"),
    "prompts_api.live": Operation("Live", query=("at",)),
    "delivery.release": Operation("Served", query=("unit", "site", "department"), has_etag=True),
    "ofrep.evaluate": Operation("Evaluated", body=EVALUATION, failure="EvaluationFailed"),
    "suites_api.store": Operation(
        "SuiteStored", "201", SUITE, ("application/jsonl", "text/csv"), ("name", "contains_phi")
    ),
    "suites_api.show": Operation("Suite", query=("with_case_text",)),
    "permissions_api.show": Operation("Permissions"),
    "health_api.alive": Operation("Alive"),
    "health_api.ready": Operation("Ready"),
    "log_api.checkpoint": Operation(media="text/plain"),
    "log_api.tile": Operation(media="application/octet-stream"),
    "log_api.entries": Operation(media="application/octet-stream"),
    "log_api.proof": Operation(media="text/plain"),
    "openapi.show": Operation("OpenApi"),
}
_ERRORS = {
    "401": "The token is missing, unknown, expired or revoked.",
    "403": "The token's scope or its owner's role does not allow this; the message says why.",
    "404": "No such thing.",
    "409": "It collides with what is stored; details carry the present stage and digest.",
    "422": "Something sent is not of the promised form; details.faults name file, line and field.",
    "429": "Too many requests; details.retry_after_seconds says when to come again.",
    "503": "A part that is needed does not answer now.",
}
_FAILURES = {
    **{status: words for status, words in _ERRORS.items() if status not in ("409", "422")},
    "400": "The body is no JSON, or its context is not of the promised form.",
    "404": "No such prompt.",
    "500": "The release may not be served; errorDetails say why, metadata.code in one word.",
}
_ARGUMENT = re.compile(r"<(?:(\w+)(?:\([^)]*\))?:)?(\w+)>")


@room.get("/openapi.json")
@public
def show() -> Any:
    """This document."""
    return jsonify(document())


def document() -> dict[str, Any]:
    """The whole interface for programs, OpenAPI 3.1."""
    paths: dict[str, dict[str, Any]] = {}
    for rule in sorted(current_app.url_map.iter_rules(), key=lambda rule: rule.rule):
        if rule.rule.startswith(FOR_PROGRAMS):
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                paths.setdefault(_ARGUMENT.sub(r"{\2}", rule.rule), {})[method.lower()] = _operation(rule, method)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Prompt Formulary", "version": __version__, "license": {"name": "Apache-2.0"}},
        "paths": paths,
        "components": {
            "schemas": {**SCHEMAS, **SERVING},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(rule: Rule, method: str) -> dict[str, Any]:
    view: Callable[..., Any] = current_app.view_functions[rule.endpoint]
    access = str(getattr(view, "access", ""))
    told = OPERATIONS.get(rule.endpoint, Operation())
    responses: dict[str, Any] = {told.status: {"description": "Done.", "content": _answer(told)}}
    if told.has_etag:
        responses["304"] = {"description": "Nothing changed since the answer with this ETag."}
    for status, words in (_ERRORS if told.failure == "Error" else _FAILURES).items():
        responses[status] = {"description": words, "content": _json(named(told.failure))}
    return {
        "operationId": rule.endpoint.replace(".", "_"),
        "summary": (view.__doc__ or "").strip().splitlines()[0],
        "parameters": [*_path_parameters(rule), *_query_parameters(told), *_header_parameters(view, told)],
        "responses": responses,
        "security": [] if access == "public" else [{"token": []}],
        "x-access": access,
        **_request_body(told, method),
    }


def _path_parameters(rule: Rule) -> list[dict[str, Any]]:
    kinds = {"int": {"type": "integer"}}
    return [
        {"name": name, "in": "path", "required": True, "schema": kinds.get(kind, {"type": "string"})}
        for kind, name in _ARGUMENT.findall(rule.rule)
    ]


def _query_parameters(told: Operation) -> list[dict[str, Any]]:
    return [{"name": name, "in": "query", "required": False, "schema": {"type": "string"}} for name in told.query]


def _header_parameters(view: Callable[..., Any], told: Operation) -> list[dict[str, Any]]:
    longest = {HEADER: LONGEST_KEY} if getattr(view, "answers_once", False) else {}
    if told.has_etag:
        longest["If-None-Match"] = LONGEST_ETAG
    return [
        {"name": name, "in": "header", "required": False, "schema": {"type": "string", "maxLength": most}}
        for name, most in longest.items()
    ]


def _request_body(told: Operation, method: str) -> dict[str, Any]:
    if method == "GET":
        return {}
    body = told.body.schema() if isinstance(told.body, Record) else told.body
    content = _json(body or {"type": "object"})
    content.update({media: {"schema": {"type": "string"}} for media in told.other_types})
    return {"requestBody": {"required": True, "content": content}}


def _answer(told: Operation) -> dict[str, Any]:
    if told.media is None:
        return _json(named(told.answer))
    return {told.media: {"schema": {"type": "string", "format": "binary"}}}


def _json(schema: Schema | dict[str, object]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}
