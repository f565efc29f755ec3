"""OFREP: the same decision as the release route, in the words of OpenFeature; alone and in the web application."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jsonschema
import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests import rollouts as r
from tests.api.caller import Caller
from tests.api.test_delivery import caller, limit_to, make_app
from tests.conftest import Staff
from webapp.adapters.outside import Outside
from webapp.adapters.stop_flags import StopFlags
from webapp.adapters.store.schema import Leaf
from webapp.errors import TooMany
from webapp.services import delivery
from webapp.web.app import create_app

__all__ = ["make_app"]
URL = f"/ofrep/v1/evaluate/flags/{r.NAME}"
MakeApp = Callable[[Outside], Flask]


def ask(application: Caller, unit: str = "", **attributes: Any) -> TestResponse:
    context = {"targetingKey": unit, **attributes} if unit else attributes
    return application.post(URL, {"context": context})


def stop(outside: Outside, prompt: str) -> None:
    """The prompt is stopped on this host."""
    delivery.stop(outside, StopFlags(delivery.stops_file(outside.settings.var_dir)), prompt, "Doses.", "console")


def told(answer: TestResponse, status: int = 200) -> dict[str, Any]:
    """The answer, of this status."""
    assert answer.status_code == status, answer.text
    assert answer.json is not None
    return dict(answer.json)


def test_the_value_is_what_the_release_route_answers_to_this_unit_and_without_one_the_live_version(
    make_app: MakeApp, outside: Outside, staff: Staff
) -> None:
    change_id = r.second(outside, staff)
    application = caller(make_app, outside, staff)
    units = {"candidate": next(r.inside_units(outside, change_id)), "live": next(r.outside_units(outside, change_id))}
    for variant, unit in units.items():
        answer = told(ask(application, unit, age=71, tags=["a"]))
        released = told(application.get(f"/api/v1/prompts/{r.NAME}/release?unit={unit}"))
        assert answer["value"] == released
        assert (answer["key"], answer["variant"], answer["reason"]) == (r.NAME, variant, "SPLIT")
        assert answer["errorDetails"] == ""
        assert answer["metadata"] == {
            "decision_id": released["decision_id"],
            "version": "1.1" if variant == "candidate" else "1.0",
            "version_sha256": released["version"]["sha256"],
            "manifest_sha256": released["release"]["manifest_sha256"],
        }
    assert not {"ETag", "Last-Modified"} & set(ask(application, units["live"]).headers), "providers cannot take a 304"
    for body in ({}, {"context": {}}, {"context": {"targetingKey": None, "site": None}}):
        answer = told(application.post(URL, body))
        assert (answer["variant"], answer["reason"], answer["metadata"]["version"]) == ("live", "STATIC", "1.0")


def test_a_named_cohort_is_a_targeting_match(make_app: MakeApp, outside: Outside, staff: Staff) -> None:
    steps = [{**r.PLAN["steps"][0], "share_basis_points": 10_000, "cohort": {"sites": ["North"]}}, r.PLAN["steps"][1]]
    r.second(outside, staff, {"steps": steps})
    application = caller(make_app, outside, staff)
    inside, other = ask(application, "e-1", site="North", department="ENT"), ask(application, "e-1", site="South")
    assert (told(inside)["variant"], told(inside)["reason"]) == ("candidate", "TARGETING_MATCH")
    assert told(other)["variant"] == "live"


def test_where_nothing_is_served_the_flag_is_disabled_and_holds_nothing_that_could_be_run(
    make_app: MakeApp, outside: Outside, staff: Staff
) -> None:
    r.signed(outside, staff)
    application = caller(make_app, outside, staff)
    for code in ("nothing_live", "stopped"):
        if code == "stopped":
            stop(outside, r.NAME)
        answer = told(ask(application, "encounter-1"))
        assert (answer["reason"], answer["variant"]) == ("DISABLED", "downtime")
        assert answer["value"] == {"prompt": r.NAME, "downtime_text": "Write the note by hand.", "code": code}
        assert answer["metadata"] == {"code": code}
        assert "fallback workflow" in answer["errorDetails"]


def test_a_faulty_release_is_an_error_of_the_server_and_says_which(
    make_app: MakeApp, outside: Outside, staff: Staff
) -> None:
    r.started(outside, staff, r.DIRECT)
    application = caller(make_app, outside, staff)
    r.tamper(outside, "UPDATE versions SET content = x'00'")
    answer = told(ask(application, "encounter-1"), 500)
    assert (answer["errorCode"], answer["metadata"]) == ("GENERAL", {"code": "release_tampered"})
    assert (answer["reason"], answer["variant"]) == ("ERROR", "")
    assert "cannot be served" in answer["errorDetails"]


ODD = {
    "PARSE_ERROR": (b"", b"{", b"[" * 100_000),
    "INVALID_CONTEXT": (
        b"[]",
        b'{"context": "e-1"}',
        b'{"context": null}',
        b'{"context": {"targetingKey": 7}}',
        b'{"context": {"targetingKey": "\\ud800"}}',
        b'{"context": {"site": ["North"]}}',
        b'{"context": {"targetingKey": "%s"}}' % (b"e" * 201),
    ),
}


def test_odd_requests_are_told_what_is_wrong(outside: Outside, staff: Staff) -> None:
    application = caller(create_app, outside, staff)
    for code, bodies in ODD.items():
        for sent in bodies:
            answer = told(application.send("POST", URL, data=sent, content_type="application/json"), 400)
            assert (answer["key"], answer["errorCode"]) == (r.NAME, code), sent
            assert answer["errorDetails"]


def test_an_unknown_prompt_is_a_flag_not_found(make_app: MakeApp, outside: Outside, staff: Staff) -> None:
    answer = caller(make_app, outside, staff).post("/ofrep/v1/evaluate/flags/no-such-prompt", {})
    assert told(answer, 404)["errorCode"] == "FLAG_NOT_FOUND"
    assert told(answer, 404)["key"] == "no-such-prompt"


def test_only_a_good_token_with_the_scope_and_the_prompt_is_answered(
    make_app: MakeApp, outside: Outside, staff: Staff
) -> None:
    r.started(outside, staff, r.DIRECT)
    limited = limit_to(outside, caller(make_app, outside, staff), "another-prompt")
    for application, status, code in (
        (caller(make_app, outside, staff, "report"), 403, "scope"),
        (limited, 403, "prompt_not_allowed"),
        (Caller(limited.client, "pf_" + "A" * 43), 401, "token_unknown"),
        (Caller(limited.client, ""), 401, "not_signed_in"),
    ):
        answer = ask(application, "encounter-1")
        assert told(answer, status)["metadata"] == {"code": code}
        assert told(answer, status)["errorCode"] == "GENERAL"
        assert ("WWW-Authenticate" in answer.headers) is (status == 401)


def test_a_limit_of_rate_says_when_to_come_again(
    outside: Outside, staff: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: object, **__: object) -> None:
        raise TooMany("Too many requests; wait a moment.", details={"retry_after_seconds": 7})

    application = caller(create_app, outside, staff)
    monkeypatch.setattr("webapp.api.auth.find_bearer", busy)
    answer = ask(application, "encounter-1")
    assert (answer.headers["Retry-After"], told(answer, 429)["errorCode"]) == ("7", "GENERAL")


def test_what_nobody_foresaw_and_what_is_too_large_come_in_the_protocols_form(
    make_app: MakeApp, outside: Outside, staff: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    application = caller(make_app, outside, staff)
    application.client.application.config["MAX_CONTENT_LENGTH"] = 100
    assert told(application.send("POST", URL, data=b" " * 101), 413)["errorCode"] == "GENERAL"

    def stumble(*_: object) -> None:
        raise RuntimeError("Mr Brandt")

    for place in ("webapp.services.delivery.serve", "webapp.services.delivery.Shelves.serve"):
        monkeypatch.setattr(place, stumble)
    answer = told(ask(application, "encounter-1"), 500)
    assert (answer["errorCode"], answer["metadata"]["code"]) == ("GENERAL", "internal_server_error")
    assert "Brandt" not in str(answer)


def test_a_refusal_for_want_of_a_right_is_entered(outside: Outside, staff: Staff) -> None:
    application = limit_to(outside, caller(create_app, outside, staff), "another-prompt")
    told(ask(application, "encounter-1"), 403)
    with outside.database.reading() as session:
        entered = session.scalars(select(Leaf.content).where(Leaf.type == "access.refused")).all()
    assert len(entered) == 1


def test_answers_are_as_the_description_says(outside: Outside, staff: Staff) -> None:
    shadow = {**r.PLAN["steps"][0], "kind": "shadow", "share_basis_points": 10_000}
    change_id = r.second(outside, staff, {"steps": [shadow, r.PLAN["steps"][1]]})
    application = caller(create_app, outside, staff)
    document = told(application.get("/openapi.json"))
    evaluated = told(ask(application, "encounter-1"))
    released = told(application.get(f"/api/v1/prompts/{r.NAME}/release?unit=encounter-1"))
    assert released["shadow"]["version"]["label"] == "1.1"
    conforms(evaluated, "Evaluated", document)
    conforms(released, "Served", document)
    conforms(told(application.post(URL, []), 400), "EvaluationFailed", document)
    r.roll_back(outside, staff, change_id)
    conforms(told(application.get(f"/api/v1/prompts/{r.NAME}/release?unit=encounter-1")), "Served", document)
    stop(outside, "*")
    conforms(told(ask(application, "encounter-1")), "Evaluated", document)
    described = document["paths"]["/ofrep/v1/evaluate/flags/{key}"]["post"]
    assert described["security"] == [{"token": []}]
    assert set(described["responses"]) == {"200", "400", "401", "403", "404", "429", "500", "503"}
    assert "304" in document["paths"]["/api/v1/prompts/{name}/release"]["get"]["responses"]


def conforms(answer: dict[str, Any], schema: str, document: dict[str, Any]) -> None:
    """The answer has every field as described, and no other."""
    jsonschema.validate(answer, {**document, "$ref": f"#/components/schemas/{schema}"})
    assert set(answer) == set(document["components"]["schemas"][schema]["properties"])
