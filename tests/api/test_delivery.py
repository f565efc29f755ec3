"""The release route: scope, prompts of the token, ETag, the downtime text, one error shape; alone and in the web application."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests import rollouts as r
from tests.api.caller import Caller, issue
from tests.conftest import Clock, Staff
from webapp.adapters.outside import Outside
from webapp.adapters.store.database import Database
from webapp.adapters.store.schema import Token
from webapp.delivery import create_delivery_app, fill_shelves
from webapp.domain.record.canonical import sha256_hex
from webapp.web.app import create_app

URL = f"/api/v1/prompts/{r.NAME}/release?unit="


def create_looking_app(outside: Outside) -> Flask:
    """The delivery application, whose process looks at the database every second: here before each request."""
    app = create_delivery_app(outside)
    answer = app.wsgi_app

    def look_first(environ: Any, start_response: Any) -> Any:
        app.extensions["shelves"] = fill_shelves(outside)
        return answer(environ, start_response)

    app.wsgi_app = look_first  # type: ignore[method-assign]
    return app


APPLICATIONS = {"web": create_app, "delivery": create_looking_app}


@pytest.fixture(params=APPLICATIONS.values(), ids=APPLICATIONS)
def make_app(request: pytest.FixtureRequest) -> Callable[[Outside], Flask]:
    """Both applications that serve releases."""
    chosen: Callable[[Outside], Flask] = request.param
    return chosen


def caller(
    make_app: Callable[[Outside], Flask], outside: Outside, staff: Staff, *scopes: str, prompts: tuple[str, ...] = ()
) -> Caller:
    secret = issue(outside, staff, "ruth", *(scopes or ("deliver",)), prompts=prompts)
    return Caller(make_app(outside).test_client(), secret)


def test_a_unit_gets_its_release_and_then_304(
    make_app: Callable[[Outside], Flask], outside: Outside, staff: Staff, clock: Clock
) -> None:
    r.started(outside, staff, r.DIRECT)
    application = caller(make_app, outside, staff)
    answer = application.get(URL + "encounter-1")
    assert answer.status_code == 200
    assert answer.json is not None
    assert (answer.json["version"]["label"], answer.json["model"]) == ("1.0", "offline-clinical-1")
    assert "no-cache" in answer.headers["Cache-Control"]
    clock.forward(minutes=1)
    again = application.send("GET", URL + "encounter-1", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    other = application.send("GET", URL + "encounter-2", headers={"If-None-Match": answer.headers["ETag"]})
    assert other.status_code == 200


def test_a_roll_back_reaches_an_application_that_asks_with_its_etag(
    make_app: Callable[[Outside], Flask], outside: Outside, staff: Staff
) -> None:
    change_id = r.second(outside, staff, r.DIRECT)
    application = caller(make_app, outside, staff)
    before = application.get(URL + "encounter-1")
    r.roll_back(outside, staff, change_id)
    after = application.send("GET", URL + "encounter-1", headers={"If-None-Match": before.headers["ETag"]})
    assert after.status_code == 200
    assert after.json is not None
    assert after.json["version"]["label"] == "1.0"


def test_where_nothing_is_live_the_answer_is_the_downtime_text(
    make_app: Callable[[Outside], Flask], outside: Outside, staff: Staff
) -> None:
    r.signed(outside, staff)
    answer = caller(make_app, outside, staff).get(URL + "encounter-1")
    assert answer.status_code == 409
    assert answer.json is not None
    assert answer.json["error"]["code"] == "nothing_live"
    assert answer.json["error"]["details"] == {"downtime_text": "Write the note by hand."}


def test_only_a_token_with_the_scope_and_the_prompt_is_served(
    make_app: Callable[[Outside], Flask], outside: Outside, staff: Staff
) -> None:
    r.started(outside, staff, r.DIRECT)
    assert caller(make_app, outside, staff, "report").get(URL + "u").status_code == 403
    assert caller(make_app, outside, staff, "deliver", prompts=(r.NAME,)).get(URL + "u").status_code == 200
    limited = caller(make_app, outside, staff)
    refused = limit_to(outside, limited, "another-prompt").get(URL + "u")
    assert refused.status_code == 403
    assert refused.json is not None
    assert refused.json["error"]["code"] == "prompt_not_allowed"


def limit_to(outside: Outside, limited: Caller, name: str) -> Caller:
    """The caller's token names this prompt only."""
    with outside.database.writing() as session:
        digest = sha256_hex(limited.token.encode())
        row = session.scalars(select(Token).where(Token.token_sha256 == digest)).one()
        row.scopes = {**row.scopes, "prompts": [name]}
    return limited


@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic x"}])
def test_nobody_is_served_without_a_good_token(
    make_app: Callable[[Outside], Flask], outside: Outside, staff: Staff, header: dict[str, str]
) -> None:
    r.started(outside, staff, r.DIRECT)
    answer = make_app(outside).test_client().get(URL + "u", headers=header)
    assert answer.status_code == 401
    assert answer.json is not None
    assert set(answer.json["error"]) == {"code", "message", "details"}


def test_a_token_that_ended_serves_nothing(
    make_app: Callable[[Outside], Flask], outside: Outside, staff: Staff, clock: Clock
) -> None:
    r.started(outside, staff, r.DIRECT)
    application = caller(make_app, outside, staff)
    clock.forward(days=31)
    assert application.get(URL + "u").status_code == 401


def test_a_tampered_release_is_refused_in_one_sentence(
    make_app: Callable[[Outside], Flask], outside: Outside, staff: Staff
) -> None:
    r.started(outside, staff, r.DIRECT)
    application = caller(make_app, outside, staff)
    r.tamper(outside, "UPDATE versions SET content = x'00'")
    answer = application.get(URL + "u")
    assert answer.status_code == 403
    assert answer.json is not None
    assert answer.json["error"]["code"] == "release_tampered"
    assert "cannot be served" in answer.json["error"]["message"]


def test_odd_addresses_are_answered_as_json(
    make_app: Callable[[Outside], Flask], outside: Outside, staff: Staff
) -> None:
    application = caller(make_app, outside, staff)
    assert application.get("/api/v1/prompts/no-such-prompt/release").status_code == 404
    assert application.get(URL + "u" * 201).status_code == 422
    for method, path in (("POST", URL), ("GET", "/api/v1/nothing")):
        answer = application.send(method, path)
        assert answer.status_code in (404, 405)
        assert answer.json is not None
        assert answer.json["error"]["message"]


def test_the_delivery_application_has_no_pages_but_the_one_that_stops(outside: Outside) -> None:
    rules = {rule.rule for rule in create_delivery_app(outside).url_map.iter_rules()}
    served = {"/api/v1/prompts/<name>/release", "/api/v1/snapshot", "/api/v1/interactions", "/api/v1/problem-reports"}
    stopping = {"/", "/emergency", "/emergency/stop", "/emergency/lift", "/emergency/style.css"}
    assert rules == {*served, *stopping, "/ofrep/v1/evaluate/flags/<key>", "/healthz"}


def test_the_delivery_process_answers_without_a_database(outside: Outside, staff: Staff) -> None:
    r.started(outside, staff, r.DIRECT)
    secret = issue(outside, staff, "ruth", "deliver")
    fill_shelves(outside)
    down = replace(outside, database=Database("sqlite:////proc/nowhere.db"))
    application = Caller(create_delivery_app(down).test_client(), secret)
    assert application.get(URL + "encounter-1").status_code == 200
    assert application.get("/healthz").status_code == 200
    stranger = Caller(application.client, "pf_" + "A" * 43).get(URL + "encounter-1")
    assert stranger.status_code == 503, "a token that memory does not know is asked of the database"
