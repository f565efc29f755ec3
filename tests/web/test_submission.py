"""The submission form: what is good becomes a change, what is not comes back with every word that was typed."""

from __future__ import annotations

import html
import io
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.conftest import Staff
from tests.services.submissions import good, hand_in, prompt_bytes, rows_of, suite_bytes
from tests.stages import change_in
from tests.web.client import make_client, post_form, sign_in
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Change, Revision, Run, SuiteRow, Version
from webapp.services.submission import submit

NEW = "/changes/new"
FORM: dict[str, Any] = {
    "prompt_text": prompt_bytes().decode(),
    "suite_text": suite_bytes().decode(),
    "changes": "Doses are listed with their route.",
    "intended_use": "Draft notes of adult outpatients.",
    "not_for": "Triage.",
    "downtime_text": "Write the note by hand.",
    "title": "Doses with route",
    "risk_class": "clinical",
    "model": "offline-clinical-1",
    "plan": "",
}


@pytest.fixture
def ada(outside: Outside, staff: Staff) -> FlaskClient:
    client = make_client(outside)
    sign_in(client, "ada")
    return client


def send(client: FlaskClient, url: str = NEW, **changed: Any) -> TestResponse:
    fields = {name: value for name, value in {**FORM, **changed}.items() if value is not None}
    return post_form(client, url, fields, page=url)


def page_of(answer: TestResponse) -> str:
    return html.unescape(answer.get_data(as_text=True))


def test_the_form_becomes_a_change_and_leads_to_its_page(ada: FlaskClient, outside: Outside) -> None:
    answer = send(ada)
    assert answer.status_code == 303, page_of(answer)
    with outside.database.reading() as session:
        change = session.scalars(select(Change)).one()
        revision = session.scalars(select(Revision)).one()
        assert (change.title, change.stage) == ("Doses with route", "evaluation")
        assert revision.changes == FORM["changes"]
        assert session.scalars(select(Version.content)).one() == prompt_bytes()
    assert answer.headers["Location"] == f"/changes/{change.id}"
    page = page_of(ada.get(answer.headers["Location"]))
    assert "Submitted as revision 1" in page
    assert "Reviewer: Kim, Lee, Moss" in page


def test_line_ends_of_browsers_do_not_change_the_bytes(ada: FlaskClient, outside: Outside) -> None:
    text, lines = FORM["prompt_text"].replace("\n", "\r\n"), FORM["suite_text"].replace("\n", "\r\n")
    assert send(ada, prompt_text=text, suite_text=lines).status_code == 303
    with outside.database.reading() as session:
        assert session.scalars(select(Version.content)).one() == prompt_bytes()


def test_an_uploaded_file_is_kept_byte_for_byte(ada: FlaskClient, outside: Outside) -> None:
    raw = b"# comment\r\n" + prompt_bytes()
    files = {
        "prompt_file": (io.BytesIO(raw), "v1.0.yaml"),
        "suite_file": (io.BytesIO(suite_bytes(4)), "cases.jsonl"),
    }
    assert send(ada, prompt_text=None, suite_text=None, **files).status_code == 303
    with outside.database.reading() as session:
        assert session.scalars(select(Version.content)).one() == raw
        assert session.scalars(select(Run.planned_calls)).one() == 4


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("prompt_text", "name: [", "is not YAML"),
        ("prompt_text", "", "is empty"),
        ("suite_text", "{broken\n", "is not JSON"),
        ("suite_text", "", "Hand in a test set"),
        ("changes", "x" * 301, "At most 300 characters"),
        ("changes", "Take \u200bone.", "U+200B"),
        ("intended_use", "x" * 2001, "At most 2000 characters"),
        ("model", "gpt-99", "gpt-99"),
        ("plan", "{", "not JSON"),
        ("plan", '{"steps": []}', "1 to 12 steps"),
        ("risk_class", "harmless", "Not a valid choice"),
    ],
)
def test_a_fault_stands_on_the_page_and_nothing_typed_is_lost(
    ada: FlaskClient, outside: Outside, field: str, value: str, words: str
) -> None:
    before = rows_of(outside)
    answer = send(ada, **{field: value})
    page = page_of(answer)
    assert answer.status_code == 422
    assert words in page
    for name in ("title", "not_for", "downtime_text"):
        assert FORM[name] in page
    if field not in ("risk_class",):
        assert value in page
    after = rows_of(outside)
    assert {name: after[name] for name in ("changes", "versions", "suites", "prompts", "runs")} == {
        name: before[name] for name in ("changes", "versions", "suites", "prompts", "runs")
    }


def test_an_upload_with_a_fault_comes_back_as_text(ada: FlaskClient) -> None:
    files = {"prompt_file": (io.BytesIO(prompt_bytes(system_prompt="Take \u200bone.")), "v1.0.yaml")}
    answer = send(ada, prompt_text=None, **files)
    assert answer.status_code == 422
    assert "system_prompt" in page_of(answer)


def test_an_upload_that_is_no_text_is_a_sentence(ada: FlaskClient) -> None:
    answer = send(ada, prompt_text=None, prompt_file=(io.BytesIO(b"\xff\xfe\x00"), "v1.0.yaml"))
    assert answer.status_code == 422
    assert "byte order mark" in page_of(answer)


def test_typed_text_is_never_markup(ada: FlaskClient) -> None:
    nasty = "</textarea><script>alert(1)</script>"
    answer = send(ada, not_for=nasty, changes="x" * 301)
    assert nasty not in answer.get_data(as_text=True)
    assert nasty in page_of(answer)


def test_warnings_are_shown_after_the_submission(ada: FlaskClient) -> None:
    answer = send(ada, prompt_text=prompt_bytes(parameters={"temperature": 0}).decode())
    assert "No max_tokens is set" in page_of(ada.get(answer.headers["Location"]))


def test_the_same_bytes_again_are_409_and_keep_what_was_typed(ada: FlaskClient) -> None:
    send(ada)
    answer = send(ada, title="Second try")
    page = page_of(answer)
    assert answer.status_code == 409
    assert "Nothing changed" in page
    assert "Second try" in page


def test_the_mark_for_patient_data_is_kept(ada: FlaskClient, outside: Outside) -> None:
    assert send(ada, suite_contains_phi="y").status_code == 303
    with outside.database.reading() as session:
        assert session.scalars(select(SuiteRow.contains_phi)).one() is True


def test_a_revision_starts_from_what_the_change_holds(ada: FlaskClient, outside: Outside, staff: Staff) -> None:
    done = submit(outside, staff.act_as("ada"), good())
    url = f"/changes/{done.change_id}/revise"
    page = page_of(ada.get(url))
    assert prompt_bytes().decode() in page
    assert done.digest in page
    assert "3 cases" in page
    text = prompt_bytes(version="1.1").decode()
    answer = send(ada, url, prompt_text=text, suite_text="", expected_digest=done.digest)
    assert answer.status_code == 303, page_of(answer)
    with outside.database.reading() as session:
        assert session.get_one(Change, done.change_id).revision == 2


def test_a_stale_revision_is_409_and_keeps_what_was_typed(ada: FlaskClient, outside: Outside, staff: Staff) -> None:
    done = submit(outside, staff.act_as("ada"), good())
    url = f"/changes/{done.change_id}/revise"
    text = prompt_bytes(version="1.1", description="My long work.").decode()
    answer = send(ada, url, prompt_text=text, expected_digest="0" * 64)
    page = page_of(answer)
    assert answer.status_code == 409
    assert "older than the change" in page
    assert "My long work." in page


def test_where_no_revision_is_taken_the_page_says_why(ada: FlaskClient, outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "review")
    assert "no longer where a revision can be handed in" in page_of(ada.get(f"/changes/{change_id}/revise"))


def test_a_new_form_starts_from_an_unknown_prompt_with_404(ada: FlaskClient) -> None:
    assert ada.get(f"{NEW}?prompt=none").status_code == 404


@pytest.mark.parametrize("name", ["kim", "osei", "quinn", "ruth"])
def test_only_authors_reach_the_form(outside: Outside, staff: Staff, name: str) -> None:
    client = make_client(outside)
    sign_in(client, name)
    assert client.get(NEW).status_code == 403


def test_a_stranger_is_led_to_the_sign_in_page(outside: Outside) -> None:
    answer = make_client(outside).get(NEW)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in")


def test_without_its_token_the_form_is_refused(ada: FlaskClient, outside: Outside) -> None:
    assert ada.post(NEW, data=FORM).status_code == 400
    with outside.database.reading() as session:
        assert session.scalars(select(Change.id)).all() == []


def test_an_author_withdraws_and_runs_again_from_the_page(ada: FlaskClient, outside: Outside, staff: Staff) -> None:
    done = submit(outside, staff.act_as("ada"), good())
    with outside.database.writing() as session:
        session.get_one(Run, done.run_id).state = "failed"
    moves = f"/changes/{done.change_id}/moves"
    digest = {"expected_digest": done.digest}
    assert post_form(ada, f"{moves}/run_again", digest, page=NEW).status_code == 303
    assert post_form(ada, f"{moves}/rebase", digest, page=NEW).status_code == 409
    assert post_form(ada, f"{moves}/withdraw", digest, page=NEW).status_code == 422
    assert post_form(ada, f"{moves}/withdraw", {**digest, "reason": "Wrong branch."}, page=NEW).status_code == 303
    with outside.database.reading() as session:
        assert session.get_one(Change, done.change_id).stage == "withdrawn"
        assert session.scalars(select(Run.state).order_by(Run.number)).all() == ["failed", "cancelled"]


def test_a_move_of_an_author_is_refused_to_others_in_words(outside: Outside, staff: Staff) -> None:
    done = submit(outside, staff.act_as("ada"), good())
    client = make_client(outside)
    sign_in(client, "kim")
    fields = {"expected_digest": done.digest, "reason": "x"}
    answer = post_form(client, f"/changes/{done.change_id}/moves/withdraw", fields, page="/changes")
    assert answer.status_code == 403
    assert "needs the role" in page_of(answer)


def test_a_stored_test_set_is_chosen_from_the_list(ada: FlaskClient, outside: Outside, staff: Staff) -> None:
    digest = hand_in(outside, staff.act_as("kim"), suite_bytes(4), "night clinic").digest
    assert "night clinic, version 1, 4 cases" in ada.get("/changes/new").get_data(as_text=True)
    assert send(ada, suite_text="", suite_digest=digest).status_code == 303
    with outside.database.reading() as session:
        assert session.scalars(select(Run.suite_sha256)).one() == digest
