"""The same request with the same key is answered once."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import select

from tests.api.caller import BODY, Caller, call_as, issue
from tests.conftest import Clock, Staff
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Change, IdempotencyKey
from webapp.web.app import create_app

CHANGES = "/api/v1/changes"
KEY = {"Idempotency-Key": "build-17"}


@pytest.fixture
def ada(outside: Outside, staff: Staff) -> Caller:
    return call_as(outside, staff)


def test_the_same_request_again_gets_the_same_answer(ada: Caller, outside: Outside) -> None:
    first, second = ada.post(CHANGES, BODY, **KEY), ada.post(CHANGES, BODY, **KEY)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json == second.json
    assert second.headers["Idempotency-Replayed"] == "true"
    assert _changes(outside) == 1


def test_the_same_key_for_another_body_is_409(ada: Caller, outside: Outside) -> None:
    ada.post(CHANGES, BODY, **KEY)
    answer = ada.post(CHANGES, {**BODY, "prompt": "discharge-letter"}, **KEY)
    assert (answer.status_code, answer.json["error"]["code"]) == (409, "key_used")
    assert _changes(outside) == 1


def test_the_same_key_at_another_address_is_409(ada: Caller) -> None:
    first = ada.post(CHANGES, BODY, **KEY).json
    path = f"{CHANGES}/{first['id']}/moves/withdraw"
    answer = ada.post(path, {"expected_digest": first["digest"], "evidence": {"reason": "x"}}, **KEY)
    assert answer.json["error"]["code"] == "key_used"


def test_a_refused_request_frees_its_key(ada: Caller, outside: Outside) -> None:
    assert ada.post(CHANGES, {**BODY, "title": 7}, **KEY).status_code == 422
    assert ada.post(CHANGES, BODY, **KEY).status_code == 201


def test_keys_of_two_tokens_do_not_meet(ada: Caller, outside: Outside, staff: Staff) -> None:
    ada.post(CHANGES, BODY, **KEY)
    ben = Caller(ada.client, issue(outside, staff, "ben", "submit", "read"))
    answer = ben.post(CHANGES, {**BODY, "prompt": "discharge-letter"}, **KEY)
    assert answer.status_code == 201


def test_a_key_abandoned_by_a_dead_process_can_be_used_again(ada: Caller, outside: Outside, clock: Clock) -> None:
    ada.post(CHANGES, BODY, **KEY)
    with outside.database.writing() as session:
        session.scalars(select(IdempotencyKey)).one().status = 0
    assert ada.post(CHANGES, BODY, **KEY).status_code == 409
    clock.forward(minutes=3)
    assert ada.post(CHANGES, BODY, **KEY).json["error"]["code"] == "nothing_changed"


def test_a_key_that_is_too_long_is_named(ada: Caller) -> None:
    answer = ada.post(CHANGES, BODY, **{"Idempotency-Key": "x" * 201})
    assert answer.status_code == 422


def test_two_at_once_with_one_key_make_one_change(outside: Outside, staff: Staff, ada: Caller) -> None:
    app = create_app(outside)
    statuses: list[int] = []
    gate = threading.Barrier(2)

    def send() -> None:
        caller = Caller(app.test_client(), ada.token)
        gate.wait()
        statuses.append(caller.post(CHANGES, BODY, **KEY).status_code)

    threads = [threading.Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(statuses) <= {201, 409}
    assert 201 in statuses
    assert _changes(outside) == 1


def _changes(outside: Outside) -> int:
    with outside.database.reading() as session:
        return len(session.scalars(select(Change.id)).all())
