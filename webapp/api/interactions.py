"""Reports of applications: calls they made and problems people saw. Bearer token with scope report.

A problem acts at once: those who must know are told, and where it reached a patient the rollouts are looked at before the answer goes.
"""

from __future__ import annotations

import logging
from typing import Any

from flask import Blueprint, g, jsonify, request

from webapp.api.auth import token
from webapp.api.once import once
from webapp.errors import FormularyError, InvalidInput, NotFound
from webapp.services import interactions
from webapp.web.context import outside

room = Blueprint("interactions_api", __name__, url_prefix="/api/v1")
log = logging.getLogger("formulary.reports")


@room.post("/interactions")
@token("report")
@once
def report() -> Any:
    """A batch of calls is stored; the same event sent twice counts once."""
    body = _object({"events"})
    events = body.get("events")
    if not isinstance(events, list) or not events:
        raise InvalidInput("Send events: a list of calls.")
    reports = [interactions.read_report(event, f"Event {number}") for number, event in enumerate(events, 1)]
    done = interactions.report(outside(), g.token.id, reports)
    return jsonify(accepted=done.accepted, duplicates=done.duplicates, quarantined=done.quarantined), 202


@room.post("/problem-reports")
@token("report")
@once
def problem() -> Any:
    """A problem with one answer is stored; where it reached the patient it counts at once as possible harm."""
    body = _object({"decision_id", "what", "reached_patient"})
    decision_id, what, reached = body.get("decision_id"), body.get("what"), body.get("reached_patient")
    if (
        not isinstance(decision_id, str)
        or not isinstance(what, str)
        or not what.strip()
        or not isinstance(reached, bool)
    ):
        raise InvalidInput("Send decision_id, what (a text) and reached_patient (true or false).")
    if not interactions.report_problem(outside(), g.token.id, decision_id, what, reached):
        raise NotFound("This decision id was not made here; report the problem to your formulary team by telephone.")
    _act_at_once(reached_patient=reached)
    return jsonify(stored=True), 202


def _act_at_once(*, reached_patient: bool) -> None:
    """What the scheduler does every few seconds is done now. The problem is stored, so whatever fails here is done by the scheduler."""
    from webapp.services import rollout  # with all its statistics, which delivery starts without

    try:
        if reached_patient:
            rollout.watch(outside())
        interactions.tell_all(outside())
    except FormularyError as error:
        log.warning("a reported problem waits for the scheduler: %s", error.code)


def _object(fields: set[str]) -> dict[str, Any]:
    try:
        body = request.get_json(silent=True)
    except RecursionError:
        body = None
    if not isinstance(body, dict):
        raise InvalidInput("Send a JSON object.")
    unknown = sorted(set(body) - fields)
    if unknown:
        raise InvalidInput(f"There is no field {', '.join(unknown)}; the fields are {', '.join(sorted(fields))}.")
    return body
