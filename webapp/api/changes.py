"""Changes by program: submit, list, read, revise, and the only route that changes a stage. Scopes submit and read."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Blueprint, g, jsonify, request

from webapp.api.auth import token
from webapp.api.bodies import MOVE, NOTHING, REVISION, SUBMISSION, WITHDRAWAL, checked, read_body
from webapp.api.limits import require_change, token_prompts
from webapp.api.once import once
from webapp.api.submissions import is_yaml, submission_of_body, submission_of_query
from webapp.errors import InvalidInput
from webapp.services import catalogue, submission
from webapp.services.catalogue.changes import links_of
from webapp.services.catalogue.pages import PageAsked, page_asked
from webapp.services.evaluation import estimate_change
from webapp.services.submission import Submission, Submitted
from webapp.web.context import outside

room = Blueprint("changes_api", __name__, url_prefix="/api/v1")


@room.post("/changes")
@token("submit")
@once
def submit() -> Any:
    """Submit a prompt file as a change, as JSON or as a YAML body."""
    given = submission_of_query() if is_yaml() else submission_of_body(read_body(SUBMISSION))
    return _created(submission.submit(outside(), g.actor, _limited(given)))


@room.get("/changes")
@token("read", "submit")
def index() -> Any:
    """Changes, newest first; filters stage and prompt."""
    _only("stage", "prompt", "cursor", "limit")
    stage, prompt = request.args.get("stage"), request.args.get("prompt")
    return jsonify(
        catalogue.list_changes(outside(), g.actor, _page(), stage=stage, prompt=prompt, only=token_prompts())
    )


@room.get("/changes/<change_id>")
@token("read", "submit")
def show(change_id: str) -> Any:
    """One change: stage, revision, digest, class, verdicts, signatures, moves, what blocks, who is asked next."""
    return jsonify(require_change(change_id))


@room.post("/changes/<change_id>/revisions")
@token("submit")
@once
def revise(change_id: str) -> Any:
    """A further revision of the change; earlier approvals do not count for it."""
    if is_yaml():
        given, digest = submission_of_query(), request.args.get("expected_digest", "")
        if not digest:
            raise InvalidInput("Name expected_digest: the change's digest as you last read it.")
        return _created(submission.revise(outside(), g.actor, change_id, digest, _limited(given)))
    body = read_body(REVISION)
    return _created(
        submission.revise(outside(), g.actor, change_id, body["expected_digest"], _limited(submission_of_body(body)))
    )


@room.post("/changes/<change_id>/moves/<move>")
@token("submit")
@once
def take(change_id: str, move: str) -> Any:
    """Take a move: submit, revise or withdraw. Every other move needs a person in a session."""
    require_change(change_id)
    if move not in submission.TOKEN_MOVES:
        submission.refuse_token_move(outside(), g.actor, change_id, move)
    body = read_body(MOVE)
    digest, evidence = body["expected_digest"], body.get("evidence") or {}
    if move == "revise":
        given: Submission = submission_of_body(checked(SUBMISSION, evidence, "evidence"))
        return _created(submission.revise(outside(), g.actor, change_id, digest, _limited(given)))
    if move == "withdraw":
        reason = checked(WITHDRAWAL, evidence, "evidence")["reason"]
        submission.withdraw(outside(), g.actor, change_id, digest, reason)
    else:
        checked(NOTHING, evidence, "evidence")
        submission.submit_again(outside(), g.actor, change_id, digest)
    return jsonify(catalogue.show_change(outside(), g.actor, change_id))


@room.get("/changes/<change_id>/evaluation")
@token("read", "submit")
def evaluation(change_id: str) -> Any:
    """All runs with progress, and what is expected of one that goes on; of one run measures, worst cases, a page of cases.

    Never the text of a case.
    """
    _only("run", "cursor", "limit")
    require_change(change_id)
    document = catalogue.show_evaluation(outside(), g.actor, change_id, _page(), run_id=request.args.get("run"))
    estimate = estimate_change(outside(), change_id)
    return jsonify(document | {"estimate": None if estimate is None else estimate.to_document()})


def _limited(given: Submission) -> Submission:
    return replace(given, only_prompts=token_prompts())


def _page() -> PageAsked:
    return page_asked(request.args.get("cursor"), request.args.get("limit"))


def _only(*names: str) -> None:
    """The query holds nothing else."""
    unknown = sorted(set(request.args) - set(names))
    if unknown:
        raise InvalidInput(f"There is no query field {', '.join(unknown)[:200]}; known are {', '.join(names)}.")


def _created(done: Submitted) -> Any:
    links = links_of(outside(), done.change_id)
    body = {
        "id": done.change_id,
        "stage": done.stage,
        "revision": done.revision,
        "digest": done.digest,
        "run": done.run_id,
        "warnings": list(done.warnings),
        "links": links,
    }
    return jsonify(body), 201, {"Location": links["self"]}
