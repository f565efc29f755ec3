"""Reports over HTTP: a batch is taken whole or not at all; problems reach the rollout at once."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import func, select

from tests import rollouts as r
from tests.api.caller import Caller, call_as
from tests.conftest import Staff
from tests.stages import stage_of
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Interaction, Leaf, Quarantined, ReleaseAlert
from webapp.services import interactions, rollout

CALLS, PROBLEMS = "/api/v1/interactions", "/api/v1/problem-reports"


@pytest.fixture
def change_id(outside: Outside, staff: Staff) -> str:
    """Version 1.1 is in its first step."""
    return r.second(outside, staff)


@pytest.fixture
def application(outside: Outside, staff: Staff, change_id: str) -> Caller:
    return call_as(outside, staff, "ruth", "deliver", "report")


def decide(application: Caller, outside: Outside, change_id: str) -> str:
    unit = next(r.inside_units(outside, change_id))
    answer = application.get(f"/api/v1/prompts/{r.NAME}/release?unit={unit}")
    assert answer.json is not None
    return str(answer.json["decision_id"])


def event(decision_id: str, **fields: Any) -> dict[str, Any]:
    return {
        "event_id": "e1",
        "decision_id": decision_id,
        "happened_at": "2026-03-02T10:00:00Z",
        "model": "offline-clinical-1",
        **fields,
    }


def count(outside: Outside, kind: type, since: int = 0) -> int:
    with outside.database.reading() as session:
        return (session.scalar(select(func.count()).select_from(kind)) or 0) - since


def test_a_batch_is_stored_once(outside: Outside, application: Caller, change_id: str) -> None:
    before = count(outside, Interaction)
    batch = {"events": [event(decide(application, outside, change_id)), event("dec_made-up", event_id="e2")]}
    answer = application.post(CALLS, batch)
    assert (answer.status_code, answer.json) == (202, {"accepted": 1, "duplicates": 0, "quarantined": 1})
    again = application.post(CALLS, batch)
    assert again.json == {"accepted": 0, "duplicates": 2, "quarantined": 0}
    assert (count(outside, Interaction, before), count(outside, Quarantined)) == (1, 1)


BAD: dict[str, tuple[Any, str]] = {
    "a list": ([], "JSON object"),
    "no events": ({}, "Send events"),
    "empty": ({"events": []}, "Send events"),
    "events as text": ({"events": "e1"}, "Send events"),
    "unknown field": ({"events": [{}], "token": "x"}, "no field token"),
    "second event bad": ({"events": [event("d"), event("d", event_id="e2", tokens_in=-1)]}, "Event 2: tokens_in"),
    "score above one": ({"events": [event("d", check_score=1.2)]}, "check_score is a number from 0 to 1"),
    "score as nothing": ({"events": [event("d", check_score=float("nan"))]}, "check_score is a number from 0 to 1"),
    "no stars": ({"events": [event("d", rating=0)]}, "rating is a whole number from 1 to 5"),
    "half a star": ({"events": [event("d", rating=4.5)]}, "rating has the wrong type"),
    "unsafe as a number": ({"events": [event("d", unsafe=1)]}, "unsafe has the wrong type"),
    "rated unseen": ({"events": [event("d", rating=4, displayed=False)]}, "only an answer that was displayed"),
    "too many": ({"events": [event("d", event_id=f"e{n}") for n in range(501)]}, "At most 500"),
}


@pytest.mark.parametrize(("body", "sentence"), BAD.values(), ids=BAD)
def test_bad_input_is_one_sentence_and_stores_nothing(
    outside: Outside, application: Caller, body: Any, sentence: str
) -> None:
    before = count(outside, Interaction)
    answer = application.post(CALLS, body)
    assert answer.status_code == 422
    assert answer.json is not None
    assert sentence in answer.json["error"]["message"]
    assert (count(outside, Interaction, before), count(outside, Quarantined)) == (0, 0)


def test_what_is_no_json_is_a_sentence(application: Caller) -> None:
    for sent in (b"{", b"\xff", b'{"events": NaN}', b"[" * 100_000):
        answer = application.send("POST", CALLS, data=sent, content_type="application/json")
        assert answer.status_code == 422


def test_a_problem_that_reached_a_patient_rolls_back(outside: Outside, application: Caller, change_id: str) -> None:
    decision_id = decide(application, outside, change_id)
    body = {"decision_id": decision_id, "what": "Tenfold dose", "reached_patient": True}
    assert application.post(PROBLEMS, body).status_code == 202
    assert stage_of(outside, change_id) == "rolled_back", "before the answer, without a scheduler"
    with outside.database.reading() as session:
        told = json.loads(session.scalars(select(Leaf.content).where(Leaf.type == "release.alert_raised")).one())
    assert told["reason"] == "harm_reported"


def test_a_problem_that_reached_nobody_stops_nothing(outside: Outside, application: Caller, change_id: str) -> None:
    body = {"decision_id": decide(application, outside, change_id), "what": "Odd words", "reached_patient": False}
    assert application.post(PROBLEMS, body).status_code == 202
    assert rollout.watch(outside) == []


PROBLEM = {"decision_id": "dec_x", "what": "Wrong", "reached_patient": True}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (PROBLEM, 404),
        ({**PROBLEM, "what": " "}, 422),
        ({**PROBLEM, "reached_patient": "yes"}, 422),
        ({**PROBLEM, "decision_id": 7}, 422),
        ({**PROBLEM, "name": "Larkin"}, 422),
        ({}, 422),
    ],
)
def test_an_odd_problem_report_is_refused(application: Caller, body: dict[str, Any], status: int) -> None:
    answer = application.post(PROBLEMS, body)
    assert answer.status_code == status
    assert answer.json is not None
    assert answer.json["error"]["message"]


@pytest.mark.parametrize("path", [CALLS, PROBLEMS])
def test_reports_need_the_scope_report(outside: Outside, staff: Staff, change_id: str, path: str) -> None:
    assert call_as(outside, staff, "ruth", "deliver").post(path, {}).status_code == 403
    assert call_as(outside, staff, "ada", "submit").post(path, {}).status_code == 403


def test_the_interface_document_describes_what_is_sent_and_answered(application: Caller) -> None:
    document = application.client.get("/openapi.json").json
    assert document is not None
    calls, problems = (document["paths"][path]["post"] for path in (CALLS, PROBLEMS))
    sent = calls["requestBody"]["content"]["application/json"]["schema"]
    call = sent["properties"]["events"]["items"]
    assert set(call["properties"]) == set(interactions.FIELDS)
    assert set(call["required"]) == set(event("d"))
    assert call["properties"]["event_id"]["maxLength"] == 80
    assert set(problems["requestBody"]["content"]["application/json"]["schema"]["required"]) == set(PROBLEM)
    for operation, name in ((calls, "CallsReceived"), (problems, "ProblemStored")):
        answer = operation["responses"]["202"]["content"]["application/json"]["schema"]
        assert answer == {"$ref": f"#/components/schemas/{name}"}
        assert name in document["components"]["schemas"]


def test_a_problem_sent_again_counts_once(outside: Outside, application: Caller, change_id: str) -> None:
    body = {"decision_id": decide(application, outside, change_id), "what": "Odd words", "reached_patient": False}
    for _ in range(2):
        assert application.post(PROBLEMS, body).status_code == 202
    with outside.database.reading() as session:
        assert session.scalars(select(ReleaseAlert.count)).one() == 1
