"""Changes by program: what goes in comes out, and a token can do no more than its owner allowed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from tests.api.caller import BODY, Caller, call_as, issue
from tests.conftest import Clock, Staff
from tests.services.submissions import hand_in, prompt_bytes, rows_of, suite_bytes
from tests.stages import change_in
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Answer, Contributor, Leaf, Result, Run, ScoreRow, Version
from webapp.domain.record.canonical import canonical, sha256_hex

CHANGES = "/api/v1/changes"


@pytest.fixture
def ada(outside: Outside, staff: Staff) -> Caller:
    return call_as(outside, staff)


def submitted(caller: Caller, **changed: Any) -> dict[str, Any]:
    answer = caller.post(CHANGES, {**BODY, **changed})
    assert answer.status_code == 201, answer.json
    return dict(answer.json)


def version(**fields: Any) -> dict[str, Any]:
    return {**BODY["version"], **fields}


def test_json_fields_become_a_change(ada: Caller, outside: Outside) -> None:
    done = submitted(ada)
    assert set(done) == {"id", "stage", "revision", "digest", "run", "warnings", "links"}
    assert (done["stage"], done["revision"], done["id"][:4]) == ("evaluation", 1, "chg_")
    assert done["links"]["page"] == f"http://localhost:8000/changes/{done['id']}"
    shown = ada.get(f"{CHANGES}/{done['id']}").json
    for name in ("title", "changes", "intended_use", "not_for", "downtime_text", "risk_class", "prompt"):
        assert shown[name] == BODY[name]
    assert shown["digest"] == done["digest"]


def test_a_yaml_body_is_kept_byte_for_byte(ada: Caller, outside: Outside) -> None:
    suite = ada.post("/api/v1/suites", {"name": "notes", "suite": suite_bytes().decode()}).json["digest"]
    raw = b"# a comment\n" + prompt_bytes()
    people = "&contributor=Guest+%3Cguest%40example.net%3E"
    answer = ada.send(
        "POST", f"{CHANGES}?suite={suite}&title=By+file{people}", data=raw, content_type="text/yaml; charset=utf-8"
    )
    assert answer.status_code == 201, answer.json
    with outside.database.reading() as session:
        assert session.scalars(select(Version.content)).one() == raw
        assert "guest@example.net" in session.scalars(select(Contributor.email)).all()


def test_a_file_as_text_is_kept_byte_for_byte(ada: Caller, outside: Outside) -> None:
    raw = "# ein Kommentar: Größe\n" + prompt_bytes().decode()
    body = {name: BODY[name] for name in ("suite", "title")} | {"file": raw}
    assert ada.post(CHANGES, body).status_code == 201
    with outside.database.reading() as session:
        assert session.scalars(select(Version.sha256)).one() == sha256_hex(raw.encode())


@pytest.mark.parametrize("form", ["lines", "list", "digest"])
def test_a_test_set_comes_as_lines_as_a_list_or_by_digest(
    ada: Caller, outside: Outside, staff: Staff, form: str
) -> None:
    digest = hand_in(outside, staff.act_as("ada"), suite_bytes(), "notes").digest
    rows = [json.loads(line) for line in suite_bytes().splitlines()]
    done = submitted(ada, suite={"lines": suite_bytes().decode(), "list": rows, "digest": digest}[form])
    assert ada.get(f"{CHANGES}/{done['id']}").json["suite"]["digest"] == digest


def without(*names: str) -> dict[str, Any]:
    return {name: value for name, value in BODY.items() if name not in names}


BAD: dict[str, tuple[Any, str]] = {
    "no object": ([1, 2], "the body"),
    "unknown field": ({**BODY, "risk_clas": "clinical"}, "risk_class"),
    "unknown field of the version": ({**BODY, "version": version(sytem_prompt="x")}, "sytem_prompt"),
    "unknown field of a contributor": ({**BODY, "contributors": [{"email": "a@b.org", "role": "x"}]}, "role"),
    "wrong type": ({**BODY, "title": 7}, "title"),
    "number as version": ({**BODY, "version": version(version=1.0)}, "version"),
    "neither version nor file": (without("version"), "Send either version"),
    "both version and file": ({**BODY, "file": "name: x"}, "Send either version"),
    "another prompt": ({**BODY, "version": version(name="discharge-letter")}, "not for clinical-summarization"),
    "a bad case": ({**BODY, "suite": [{"id": "a"}]}, "category"),
    "no test set": (without("suite"), "Hand in a test set"),
    "empty test set": ({**BODY, "suite": ""}, "empty"),
    "test set without a case": ({**BODY, "suite": []}, "has 0 cases"),
    "long changes": ({**BODY, "changes": "x" * 301}, "at most 300"),
    "bad plan": ({**BODY, "plan": {"steps": []}}, "1 to 12 steps"),
    "deep plan": ({**BODY, "plan": [[[[[[[[1]]]]]]]]}, "nested too deeply"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_body_is_422_with_the_one_error_shape_and_stores_nothing(
    ada: Caller, outside: Outside, name: str
) -> None:
    body, words = BAD[name]
    assert ada.get(CHANGES).status_code == 200
    before = rows_of(outside)
    answer = ada.post(CHANGES, body)
    assert answer.status_code == 422, answer.json
    assert set(answer.json["error"]) == {"code", "message", "details"}
    assert words in answer.json["error"]["message"]
    assert rows_of(outside) == before


@pytest.mark.parametrize("raw", [b"", b"{", b'{"title": "a", "title": "b"}', b"\xff\xfe", b"[" * 100_000])
def test_a_body_that_is_no_json_is_a_sentence(ada: Caller, raw: bytes) -> None:
    answer = ada.send("POST", CHANGES, data=raw, content_type="application/json")
    assert answer.status_code == 422
    assert "not JSON" in answer.json["error"]["message"]


def test_a_body_beyond_the_limit_is_413_in_the_same_shape(ada: Caller) -> None:
    answer = ada.send("POST", CHANGES, data=b"x" * (13 * 1024 * 1024), content_type="application/json")
    assert answer.status_code == 413
    assert answer.json["error"]["message"] == "What was sent is too large."


def test_an_unknown_query_field_is_named(ada: Caller) -> None:
    for path in (f"{CHANGES}?stag=review", f"{CHANGES}?limit=0", f"{CHANGES}?limit=x", f"{CHANGES}?stage=lost"):
        assert ada.get(path).status_code == 422
    answer = ada.send("POST", f"{CHANGES}?titel=x", data=prompt_bytes(), content_type="text/yaml")
    assert "titel" in answer.json["error"]["message"]


def test_the_same_bytes_again_are_409_with_the_open_change(ada: Caller) -> None:
    first = submitted(ada)
    answer = ada.post(CHANGES, BODY)
    assert answer.status_code == 409
    assert answer.json["error"]["code"] == "nothing_changed"
    assert answer.json["error"]["details"] == {
        "change": first["id"],
        "stage": "evaluation",
        "digest": first["digest"],
    }


def test_a_stale_digest_is_409_with_present_state_and_digest(ada: Caller, outside: Outside) -> None:
    first = submitted(ada)
    body = {**BODY, "expected_digest": "0" * 64, "version": version(version="1.1")}
    answer = ada.post(f"{CHANGES}/{first['id']}/revisions", body)
    assert answer.status_code == 409
    details = answer.json["error"]["details"]
    assert (details["stage"], details["digest"]) == ("evaluation", first["digest"])


@pytest.mark.parametrize("by", ["revisions", "move", "yaml"])
def test_a_revision_comes_three_ways(ada: Caller, by: str) -> None:
    first = submitted(ada)
    new = {**BODY, "version": version(version="1.1")}
    digest = first["digest"]
    if by == "revisions":
        answer = ada.post(f"{CHANGES}/{first['id']}/revisions", {**new, "expected_digest": digest})
    elif by == "move":
        answer = ada.post(f"{CHANGES}/{first['id']}/moves/revise", {"expected_digest": digest, "evidence": new})
    else:
        path = f"{CHANGES}/{first['id']}/revisions?expected_digest={digest}"
        answer = ada.send("POST", path, data=prompt_bytes(version="1.1"), content_type="application/yaml")
    assert answer.status_code == 201, answer.json
    assert answer.json["revision"] == 2


def test_a_token_withdraws_with_a_reason(ada: Caller) -> None:
    first = submitted(ada)
    path = f"{CHANGES}/{first['id']}/moves/withdraw"
    assert ada.post(path, {"expected_digest": first["digest"]}).status_code == 422
    answer = ada.post(path, {"expected_digest": first["digest"], "evidence": {"reason": "Wrong branch."}})
    assert (answer.status_code, answer.json["stage"]) == (200, "withdrawn")
    again = ada.post(path, {"expected_digest": first["digest"], "evidence": {"reason": "Wrong branch."}})
    assert again.status_code == 409


@pytest.mark.parametrize(
    "move",
    ["run_again", "rebase", "ask_exception", "approve", "approve_for_rollout", "sign", "start", "hold", "roll_back",
     "evaluated", "release_by_policy", "conclude", "reject", "confirm_class", "reword"],
)  # fmt: skip
def test_every_other_move_is_403_in_words_and_entered(ada: Caller, outside: Outside, staff: Staff, move: str) -> None:
    first = submitted(ada)
    body = {"expected_digest": first["digest"]}
    answer = ada.post(f"{CHANGES}/{first['id']}/moves/{move}", body)
    assert answer.status_code == 403
    assert "a token takes submit, revise, withdraw and nothing else" in answer.json["error"]["message"]
    assert answer.json["error"]["details"]["digest"] == first["digest"]
    with outside.database.reading() as session:
        newest = session.scalars(select(Leaf).order_by(Leaf.seq.desc()).limit(1)).one()
    assert (newest.type, newest.entity_id) == ("access.refused", first["id"])


def test_a_reviewer_s_token_cannot_approve_either(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "review")
    caller = call_as(outside, staff)
    digest = caller.get(f"{CHANGES}/{change_id}").json["digest"]
    answer = caller.post(f"{CHANGES}/{change_id}/moves/approve", {"expected_digest": digest})
    assert answer.status_code == 403
    assert caller.get(f"{CHANGES}/{change_id}").json["stage"] == "review"


def test_an_unknown_move_and_an_unknown_change_are_404(ada: Caller) -> None:
    first = submitted(ada)
    body = {"expected_digest": first["digest"]}
    assert ada.post(f"{CHANGES}/{first['id']}/moves/publish", body).status_code == 404
    for path in ("", "/evaluation"):
        assert ada.get(f"{CHANGES}/chg_none{path}").status_code == 404
    assert ada.post(f"{CHANGES}/chg_none/moves/withdraw", body).status_code == 404


def test_without_a_good_token_nothing_is_read_or_written(
    ada: Caller, outside: Outside, staff: Staff, clock: Clock
) -> None:
    for token in ("", "pf_unknown"):
        stranger = Caller(ada.client, token)
        assert stranger.get(CHANGES).status_code == 401
        assert stranger.post(CHANGES, BODY).status_code == 401
    clock.forward(days=31)
    assert ada.get(CHANGES).json["error"]["code"] == "token_expired"


def test_a_reading_token_does_not_submit(outside: Outside, staff: Staff) -> None:
    reader = call_as(outside, staff, "ada", "read")
    before = rows_of(outside)
    answer = reader.post(CHANGES, BODY)
    assert answer.status_code == 403
    assert "scope" in answer.json["error"]["message"]
    assert reader.get(CHANGES).status_code == 200
    assert rows_of(outside)["changes"] == before["changes"]


def test_a_token_for_one_prompt_sees_and_submits_no_other(ada: Caller, outside: Outside, staff: Staff) -> None:
    other = submitted(ada)
    mine = submitted(ada, prompt="discharge-letter")
    limited = Caller(ada.client, issue(outside, staff, "ada", "submit", "read", prompts=("discharge-letter",)))
    assert [row["id"] for row in limited.get(CHANGES).json["changes"]] == [mine["id"]]
    assert [row["name"] for row in limited.get("/api/v1/prompts").json["prompts"]] == ["discharge-letter"]
    for path in (
        f"{CHANGES}/{other['id']}",
        f"{CHANGES}/{other['id']}/evaluation",
        "/api/v1/prompts/clinical-summarization",
    ):
        assert limited.get(path).status_code == 403
    body = {**BODY, "version": version(version="1.1"), "expected_digest": other["digest"]}
    assert limited.post(f"{CHANGES}/{other['id']}/revisions", body).status_code == 403
    new = {**BODY, "version": version(version="1.1")}
    assert limited.post(CHANGES, new).status_code == 403
    withdrawal = {"expected_digest": other["digest"], "evidence": {"reason": "Mine now."}}
    assert limited.post(f"{CHANGES}/{other['id']}/moves/withdraw", withdrawal).status_code == 403


def test_cookies_open_nothing_here(outside: Outside, staff: Staff) -> None:
    from tests.web.client import make_client, sign_in

    client = make_client(outside)
    assert sign_in(client, "ada").status_code in (302, 303)
    assert client.get(CHANGES).status_code == 401


def test_the_list_goes_on_where_the_page_ended(ada: Caller) -> None:
    names = [f"prompt-{number}" for number in range(5)]
    made = [submitted(ada, prompt=name)["id"] for name in names]
    seen: list[str] = []
    cursor = ""
    while cursor is not None:
        page = ada.get(f"{CHANGES}?limit=2&cursor={cursor}").json
        seen += [row["id"] for row in page["changes"]]
        cursor = page["next_cursor"]
    assert seen == sorted(made, reverse=True)


def test_the_list_is_filtered_by_stage_and_prompt(ada: Caller, outside: Outside, staff: Staff) -> None:
    reviewed = change_in(outside, staff, "review")
    other = submitted(ada, prompt="discharge-letter")["id"]
    assert [row["id"] for row in ada.get(f"{CHANGES}?stage=review").json["changes"]] == [reviewed]
    assert [row["id"] for row in ada.get(f"{CHANGES}?prompt=discharge-letter").json["changes"]] == [other]


def test_moves_are_offered_with_their_refusals(ada: Caller) -> None:
    first = submitted(ada)
    moves = {row["name"]: row for row in ada.get(f"{CHANGES}/{first['id']}").json["moves"]}
    assert moves["revise"]["open"] is True
    assert moves["run_again"]["open"] is False
    assert "needs_session" in [row["code"] for row in moves["run_again"]["refusals"]]


def test_a_change_in_review_names_verdicts_what_blocks_and_who_is_asked(
    ada: Caller, outside: Outside, staff: Staff
) -> None:
    shown = ada.get(f"{CHANGES}/{change_in(outside, staff, 'review')}").json
    assert {row["verdict"] for row in shown["verdicts"]} == {"pass"}
    assert shown["run"]["state"] == "complete"
    assert any("risk class" in sentence for sentence in shown["blocks"])
    assert shown["asked_next"]["people"] == ["Kim", "Lee", "Moss"]


def test_signatures_are_told_with_meaning_and_time(ada: Caller, outside: Outside, staff: Staff) -> None:
    shown = ada.get(f"{CHANGES}/{change_in(outside, staff, 'rollout')}").json
    told = {row["signer"]: row for row in shown["signatures"] if row["move"] in ("approve", "sign")}
    assert told["Kim"]["meaning"] == "review"
    assert told["Osei"]["meaning"] == "approval"
    assert told["Osei"]["signed_at"].endswith("Z")
    assert told["Osei"]["voided_at"] is None


def test_an_evaluation_tells_runs_measures_and_cases_in_pages(ada: Caller, outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "review")
    shown = ada.get(f"{CHANGES}/{change_id}/evaluation?limit=2").json
    assert [run["state"] for run in shown["runs"]] == ["complete"]
    assert shown["measures"]
    assert [row["case"] for row in shown["cases"]["rows"]] == ["case-001", "case-002"]
    rest = ada.get(f"{CHANGES}/{change_id}/evaluation?limit=2&cursor={shown['cases']['next_cursor']}").json
    assert [row["case"] for row in rest["cases"]["rows"]] == ["case-003"]
    assert rest["cases"]["next_cursor"] is None
    assert ada.get(f"{CHANGES}/{change_id}/evaluation?run=run_none").status_code == 404


def test_no_words_of_a_test_set_with_patient_data_leave_here(ada: Caller, outside: Outside, staff: Staff) -> None:
    secret = "Ngozi Abernathy"
    rows = [json.loads(line) for line in suite_bytes(inputs={"encounter_text": secret}).splitlines()]
    done = submitted(ada, suite=rows, suite_contains_phi=True)
    _finish_with_finding(outside, done["run"], f"The name {secret} stands in the answer.")
    for path in (f"{CHANGES}/{done['id']}", f"{CHANGES}/{done['id']}/evaluation"):
        assert secret not in ada.get(path).get_data(as_text=True)
    digest = ada.get(f"{CHANGES}/{done['id']}").json["suite"]["digest"]
    suite = ada.get(f"/api/v1/suites/{digest}")
    assert secret not in suite.get_data(as_text=True)
    assert suite.json["cases_left_out"] is True
    worst = ada.get(f"{CHANGES}/{done['id']}/evaluation").json["worst_cases"]
    assert worst[0]["case"] == "case-001"


def _finish_with_finding(outside: Outside, run_id: str, sentence: str) -> None:
    """A complete run whose worst case quotes its input."""
    document = {
        "kind": "prompt-formulary/result/v1",
        "run": run_id,
        "counts": {"cases": 3},
        "measures": [],
        "worst_cases": [{"case": "case-001", "category": "unit", "sentence": sentence, "critical": True}],
    }
    content = canonical(document)
    with outside.database.writing() as session:
        answer = Answer(
            run_id=run_id, case_id="case-001", cluster="c", subgroup={}, arm="candidate", repeat=0, model="m",
            text=sentence, answered_at=outside.now(),
        )  # fmt: skip
        session.add(answer)
        session.flush()
        finding = {"metric": "phi_free", "code": "leak", "sentence": sentence}
        score = ScoreRow(
            answer_id=answer.id, metric="phi_free", state="scored", value=0.0, findings={"findings": [finding]}
        )
        session.add(score)
        session.add(Result(sha256=sha256_hex(content), run_id=run_id, content=content))
        run = session.get_one(Run, run_id)
        run.state, run.verdict, run.result_sha256 = "complete", "fail", sha256_hex(content)


def test_what_the_guide_s_file_says_is_taken_from_disk_as_it_is(ada: Caller, tmp_path: Path) -> None:
    raw = prompt_bytes(metadata={"evaluation_score": 0.99, "healthcare_reviewed": True})
    done = ada.post(CHANGES, {"file": raw.decode(), "suite": suite_bytes().decode()})
    assert done.status_code == 201
    fields = ada.get("/api/v1/prompts/clinical-summarization/versions/1").json["fields"]
    assert fields["metadata"]["evaluation_score"] == 0.99
