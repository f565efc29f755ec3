"""The formulary, its permissions, its health and its description, by program."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from tests.api.caller import BODY, Caller, call_as
from tests.conftest import SilentQueue, Staff
from tests.services.submissions import rows_of, suite_bytes
from webapp.adapters.outside import Outside
from webapp.domain.workflow import MOVES
from webapp.domain.workflow.grants import GRANTS
from webapp.web.app import create_app
from webapp.web.errors import FOR_PROGRAMS


@pytest.fixture
def ada(outside: Outside, staff: Staff) -> Caller:
    return call_as(outside, staff)


def test_prompts_and_versions_are_told_as_submitted(ada: Caller) -> None:
    ada.post("/api/v1/changes", BODY)
    listed = ada.get("/api/v1/prompts").json
    assert [row["name"] for row in listed["prompts"]] == ["clinical-summarization"]
    assert listed["next_cursor"] is None
    shown = ada.get("/api/v1/prompts/clinical-summarization").json
    assert [row["label"] for row in shown["versions"]] == ["1.0"]
    assert [row["stage"] for row in shown["open_changes"]] == ["evaluation"]
    version = ada.get("/api/v1/prompts/clinical-summarization/versions/1").json
    assert version["file"].startswith("name: clinical-summarization\n")
    assert version["releases"] == []


def test_what_was_never_stored_is_404(ada: Caller) -> None:
    ada.post("/api/v1/changes", BODY)
    for path in ("none", "clinical-summarization/versions/2", "none/live", "none/versions/1"):
        assert ada.get(f"/api/v1/prompts/{path}").status_code == 404
    assert ada.get(f"/api/v1/suites/{'0' * 64}").status_code == 404


def test_nothing_is_live_before_a_release(ada: Caller) -> None:
    ada.post("/api/v1/changes", BODY)
    for query in ("", "?at=2026-01-01T00:00:00Z", "?at=2026-01-01T00:00:00+01:00"):
        answer = ada.get(f"/api/v1/prompts/clinical-summarization/live{query}")
        assert (answer.status_code, answer.json["release"]) == (200, None)


@pytest.mark.parametrize("at", ["yesterday", "2026-01-01T00:00:00", "2026-13-01T00:00:00Z"])
def test_a_moment_without_zone_or_sense_is_422(ada: Caller, at: str) -> None:
    ada.post("/api/v1/changes", BODY)
    assert ada.get(f"/api/v1/prompts/clinical-summarization/live?at={at}").status_code == 422


def test_a_test_set_is_stored_once_and_read_back(ada: Caller, outside: Outside) -> None:
    body = {"name": "notes", "suite": suite_bytes(4).decode()}
    first = ada.post("/api/v1/suites", body)
    assert (first.status_code, first.json["cases"]) == (201, 4)
    after = rows_of(outside)
    lines = ada.send("POST", "/api/v1/suites?name=notes", data=suite_bytes(4), content_type="application/jsonl")
    assert lines.json["digest"] == first.json["digest"]
    assert rows_of(outside) == after
    shown = ada.get(f"/api/v1/suites/{first.json['digest']}").json
    assert [row["id"] for row in shown["rows"]] == [f"case-00{number}" for number in range(1, 5)]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": "notes"},
        {"name": "notes", "suite": ""},
        {"name": "notes", "suite": []},
        {"name": "", "suite": suite_bytes().decode()},
        {"name": "notes", "suite": suite_bytes().decode(), "phi": True},
        {"name": "notes", "suite": [{"id": "a", "category": "unit", "inputs": {"x": "y"}, "expectd": {}}]},
    ],
)
def test_a_bad_test_set_is_422_and_stores_nothing(ada: Caller, outside: Outside, body: dict[str, Any]) -> None:
    ada.get("/api/v1/prompts")
    before = rows_of(outside)
    assert ada.post("/api/v1/suites", body).status_code == 422
    assert rows_of(outside) == before


def test_a_table_is_taken_as_it_is_and_every_fault_told_by_line_and_field(ada: Caller, outside: Outside) -> None:
    good = b"id,category,inputs.encounter_text\na,unit,Well.\n"
    done = ada.send("POST", "/api/v1/suites?name=notes", data=good, content_type="text/csv; charset=utf-8")
    assert (done.status_code, done.json["number"], done.json["difference"]) == (201, 1, None)
    more = ada.send("POST", "/api/v1/suites?name=notes", data=good + b"b,cost,Well.\n", content_type="text/csv")
    assert more.json["difference"]["added"] == ["b"]
    before = rows_of(outside)
    bad = ada.send("POST", "/api/v1/suites?name=notes", data=good + b"b,fun,x\nc,unit\n", content_type="text/csv")
    faults = bad.json["error"]["details"]["faults"]
    assert (bad.status_code, [(row["line"], row["field"]) for row in faults]) == (422, [(3, "category"), (4, "")])
    assert rows_of(outside) == before


def test_patient_data_is_given_only_when_it_is_asked_for(ada: Caller) -> None:
    body = {"name": "notes", "suite": suite_bytes(2).decode(), "contains_phi": True}
    digest = ada.post("/api/v1/suites", body).json["digest"]
    assert ada.get(f"/api/v1/suites/{digest}").json["rows"] == []
    assert len(ada.get(f"/api/v1/suites/{digest}?with_case_text=true").json["rows"]) == 2
    assert ada.get(f"/api/v1/suites/{digest}?with_case_text=yes").status_code == 422


def test_permissions_are_the_tables_themselves(ada: Caller, outside: Outside) -> None:
    shown = ada.get("/api/v1/permissions").json
    assert len(shown["moves"]) == len(MOVES)
    assert {row["move"] for row in shown["moves"] if row["token"]} == {"submit", "revise", "withdraw"}
    assert {row["right"] for row in shown["rights"]} == {right.value for right in GRANTS}
    assert all(row["access"] for row in shown["routes"])
    assert {row["route"] for row in shown["routes"]} == {str(rule) for rule in create_app(outside).url_map.iter_rules()}


def test_alive_is_said_without_a_token(ada: Caller) -> None:
    answer = ada.client.get("/healthz")
    assert (answer.status_code, answer.json) == (200, {"status": "alive"})


def test_ready_names_what_is_degraded(ada: Caller, outside: Outside) -> None:
    assert ada.client.get("/readyz").json["degraded"] == []
    assert isinstance(outside.queue, SilentQueue)
    outside.queue.is_up = False
    answer = ada.client.get("/readyz")
    assert (answer.status_code, answer.json["degraded"]) == (200, ["queue", "workers"])


def test_without_a_worker_evaluations_are_said_to_wait(
    ada: Caller, outside: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outside.queue, "workers", lambda: 0)
    parts = {part["name"]: part for part in ada.client.get("/readyz").json["parts"]}
    assert "No worker is running" in parts["workers"]["sentence"]


def test_without_a_database_it_is_not_ready(ada: Caller, outside: Outside, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webapp.services.health.is_current", _fails)
    answer = ada.client.get("/readyz")
    assert (answer.status_code, answer.json["ready"], answer.json["degraded"]) == (503, False, ["database"])


def _fails(_database: object) -> bool:
    raise OSError("disk gone")


def test_every_route_for_programs_is_described(outside: Outside) -> None:
    app: Flask = create_app(outside)
    document = app.test_client().get("/openapi.json").json
    for rule in app.url_map.iter_rules():
        if not rule.rule.startswith(FOR_PROGRAMS):
            continue
        path = rule.rule
        for argument in rule.arguments:
            path = path.replace(f"<{argument}>", f"{{{argument}}}").replace(f"<int:{argument}>", f"{{{argument}}}")
        path = path.replace("<path:", "{").replace(">", "}")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            told = document["paths"][path][method.lower()]
            assert told["summary"]
            assert any(status.startswith("2") for status in told["responses"])
            assert {row["name"] for row in told["parameters"] if row["in"] == "path"} == set(rule.arguments)


def test_every_write_of_changes_and_test_sets_answers_once(outside: Outside) -> None:
    paths = create_app(outside).test_client().get("/openapi.json").json["paths"]
    for path in ("/api/v1/changes", "/api/v1/changes/{change_id}/revisions", "/api/v1/suites"):
        assert "Idempotency-Key" in [row["name"] for row in paths[path]["post"]["parameters"]]


def test_the_description_says_how_an_application_names_where_it_asks_from(outside: Outside) -> None:
    paths = create_app(outside).test_client().get("/openapi.json").json["paths"]
    told = paths["/api/v1/prompts/{name}/release"]["get"]["parameters"]
    assert [row["name"] for row in told if row["in"] == "query"] == ["unit", "site", "department"]


def test_every_reference_of_the_description_leads_somewhere(outside: Outside) -> None:
    document = create_app(outside).test_client().get("/openapi.json").json
    for reference in _references(document):
        assert reference.removeprefix("#/components/schemas/") in document["components"]["schemas"]
    ids = [told["operationId"] for methods in document["paths"].values() for told in methods.values()]
    assert len(ids) == len(set(ids))


def _references(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["$ref"]] if "$ref" in value else []
        return own + [found for item in value.values() for found in _references(item)]
    return [found for item in value for found in _references(item)] if isinstance(value, list) else []


@pytest.mark.parametrize(
    ("path", "schema"),
    [
        ("/api/v1/changes", "Changes"),
        ("/api/v1/prompts", "Prompts"),
        ("/api/v1/prompts/clinical-summarization", "Prompt"),
        ("/api/v1/prompts/clinical-summarization/versions/1", "Version"),
        ("/api/v1/prompts/clinical-summarization/live", "Live"),
        ("/api/v1/permissions", "Permissions"),
        ("/readyz", "Ready"),
    ],
)
def test_answers_have_every_field_that_is_described(ada: Caller, path: str, schema: str) -> None:
    ada.post("/api/v1/changes", BODY)
    document = ada.client.get("/openapi.json").json
    answer = ada.get(path)
    assert answer.status_code == 200
    _conforms(answer.json, document["components"]["schemas"][schema], document)


def test_a_change_and_its_evaluation_have_every_field_that_is_described(ada: Caller) -> None:
    done = ada.post("/api/v1/changes", BODY).json
    document = ada.client.get("/openapi.json").json
    schemas = document["components"]["schemas"]
    _conforms(done, schemas["Submitted"], document)
    _conforms(ada.get(f"/api/v1/changes/{done['id']}").json, schemas["Change"], document)
    _conforms(ada.get(f"/api/v1/changes/{done['id']}/evaluation").json, schemas["Evaluation"], document)


def _conforms(value: Any, schema: dict[str, Any], document: dict[str, Any]) -> None:
    """Required fields and types, as far as our schemas use them."""
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    if "anyOf" in schema:
        if value is not None:
            _conforms(value, schema["anyOf"][0], document)
        return
    kinds = {"object": dict, "array": list, "string": str, "integer": int, "boolean": bool}
    assert isinstance(value, kinds[schema["type"]])
    for name in schema.get("required", ()):
        _conforms(value[name], schema["properties"][name], document)
    for item in value if schema["type"] == "array" else ():
        _conforms(item, schema["items"], document)
