"""The pages of test sets: importing with every fault shown, versions, differences, cases."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.conftest import Staff
from tests.services.submissions import hand_in, rows_of, suite_bytes
from tests.services.test_suites import held_out_change, lines
from tests.stages import change_in
from tests.web.client import make_client, post_form, sign_in
from webapp.adapters.outside import Outside

IMPORT = "/suites/import"


@pytest.fixture
def kim(outside: Outside, staff: Staff) -> FlaskClient:
    """The informaticist's browser."""
    assert staff.ids
    client = make_client(outside)
    sign_in(client, "kim")
    return client


def send(client: FlaskClient, **fields: Any) -> TestResponse:
    return post_form(
        client, IMPORT, {"name": "notes", "text": suite_bytes().decode(), "form": "jsonl"} | fields, IMPORT
    )


def page(answer: TestResponse) -> str:
    assert answer.status_code == 200, answer.status_code
    return answer.get_data(as_text=True)


def test_without_test_sets_the_list_says_what_to_do(kim: FlaskClient) -> None:
    assert "Import one as JSON lines or as a table" in page(kim.get("/suites"))


def test_pasted_lines_and_an_uploaded_table_become_versions(kim: FlaskClient) -> None:
    first = send(kim)
    assert first.status_code == 303
    table = b"id,category,inputs.encounter_text,supersedes\ncase-9,safety,Well.,case-003\n"
    second = send(kim, text="", file=(io.BytesIO(table), "cases.csv"))
    shown = page(kim.get(second.location))
    for words in ("version 2 of 2", "Against version 1", "case-003 by case-9", "Removed: 2", "safety"):
        assert words in shown
    assert "There is a newer version." in page(kim.get(first.location))
    assert "notes" in page(kim.get("/suites"))


def test_every_fault_is_listed_and_nothing_is_stored_and_what_was_typed_stays(
    outside: Outside, kim: FlaskClient
) -> None:
    before = rows_of(outside)
    answer = send(kim, text="id,category,inputs.x\na b,fun,x\nc,unit\n", form="csv", contains_phi="y")
    assert answer.status_code == 422
    shown = answer.get_data(as_text=True)
    for words in ("3 faults", "letters, digits", "must be one of unit", "has 2 cells", "a b,fun,x", 'value="notes"'):
        assert words in shown
    assert re.search(r'<input[^>]*checked[^>]*value="csv"', shown)
    assert {**rows_of(outside), "sessions": 0} == {**before, "sessions": 0}


def test_an_upload_that_is_not_good_stays_in_the_text_field(kim: FlaskClient) -> None:
    shown = send(kim, text="", file=(io.BytesIO(b'{"id":"kept-case"}\n'), "cases.jsonl")).get_data(as_text=True)
    assert "kept-case" in shown
    assert "is missing" in shown


def test_more_faults_than_are_listed_are_counted(kim: FlaskClient) -> None:
    shown = send(kim, text="{}\n" * 40).get_data(as_text=True)
    assert "120 faults" in shown
    assert "70 more are not listed" in shown


def test_a_name_that_is_missing_is_told_at_its_field(kim: FlaskClient) -> None:
    answer = send(kim, name=" ")
    assert answer.status_code == 422
    assert "Give the test set a name" in answer.get_data(as_text=True)


def test_a_used_case_that_was_edited_is_refused_on_the_page(outside: Outside, staff: Staff, kim: FlaskClient) -> None:
    change_in(outside, staff, "evaluation")
    answer = send(kim, name="clinical-summarization", text=suite_bytes(category="cost").decode())
    assert answer.status_code == 422
    assert "write supersedes: case-001" in answer.get_data(as_text=True)


def test_two_versions_are_compared_and_a_used_case_that_is_gone_is_named(
    outside: Outside, staff: Staff, kim: FlaskClient
) -> None:
    change_in(outside, staff, "evaluation")
    newer = hand_in(outside, staff.act_as("kim"), suite_bytes(2), "clinical-summarization").digest
    shown = page(kim.get(f"/suites/{newer}"))
    link = shown.split(f"/suites/{newer}/difference?from=")[1].split('"')[0]
    assert "Removed although used in a run: case-003" in page(kim.get(f"/suites/{newer}/difference?from={link}"))


def test_a_case_of_patient_data_says_that_its_reading_is_kept(outside: Outside, staff: Staff, kim: FlaskClient) -> None:
    digest = hand_in(outside, staff.act_as("kim"), lines({"id": "a"}), contains_phi=True).digest
    assert "Patient data" in page(kim.get(f"/suites/{digest}"))
    shown = page(kim.get(f"/suites/{digest}/cases/a"))
    assert "kept in the audit log" in shown
    assert "metformin" in shown


def test_an_author_sees_that_a_hold_out_is_there_and_none_of_its_text(outside: Outside, staff: Staff) -> None:
    change_id = held_out_change(outside, staff)
    ada = make_client(outside)
    sign_in(ada, "ada")
    digest = page(ada.get("/suites")).split('href="/suites/')[2].split('"')[0]
    for address in (
        f"/suites/{digest}",
        f"/suites/{digest}/cases/case-001",
        f"/changes/{change_id}/evaluation",
        f"/changes/{change_id}/evaluation/cases/case-001",
    ):
        shown = page(ada.get(address))
        assert "metformin" not in shown and "500 mg" not in shown
        assert "old-out" in shown


@pytest.mark.parametrize("name", ["osei", "quinn", "ruth"])
def test_who_may_not_import_is_offered_nothing(outside: Outside, staff: Staff, name: str) -> None:
    assert staff.ids
    client = make_client(outside)
    sign_in(client, name)
    assert IMPORT not in page(client.get("/suites"))
    assert client.get(IMPORT).status_code == 403
