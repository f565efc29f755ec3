"""The follow-up audit's page: blind until every grade is in, forms that keep what was typed."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests import rollouts as r
from tests.conftest import Staff
from tests.people import PASSWORD
from tests.services.test_post_audit import grade_all, samples
from tests.stages import stage_of
from tests.web.client import post_form
from tests.web.test_rollout import client_of, text_of
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Interaction
from webapp.services import post_audit
from webapp.services.tokens import TokenChange, change_token, show_token

GRADE = {"accurate": "yes", "harm": "none", "note": "", **{name: "4" for name, _ in post_audit.RUBRIC}}


@pytest.fixture
def change_id(outside: Outside, staff: Staff) -> str:
    """Version 1.1 is in its follow-up audit."""
    change_id = r.second(outside, staff)
    r.pass_step(outside, staff, change_id)
    r.advance(outside, staff, change_id)
    r.pass_step(outside, staff, change_id)
    r.complete(outside, staff, change_id)
    return change_id


def send(client: FlaskClient, outside: Outside, change_id: str, number: int = 0, **fields: Any) -> TestResponse:
    sample = samples(outside, change_id)[number]
    page = f"/changes/{change_id}/follow-up-audit"
    return post_form(client, f"{page}/{sample.id}", {**GRADE, **fields}, page)


def sample_part(page: str) -> str:
    """The part of the page with the sampled answers."""
    return page[page.index('id="sample-title"') : page.index("</main>")]


def test_the_page_never_tells_the_version_before_all_grades_are_in(
    outside: Outside, staff: Staff, change_id: str
) -> None:
    kim, url = client_of(outside, "kim"), f"/changes/{change_id}/follow-up-audit"
    page = text_of(kim, url)
    assert "A001" in page
    assert "Findings" not in page
    for word in ("candidate", "live before", "1.0", "1.1", "arm"):
        assert not re.search(rf"\b{re.escape(word)}\b", sample_part(page)), word
    with_ids = [row.interaction_id for row in samples(outside, change_id)]
    assert all(f"interaction-{number}" not in page for number in with_ids)
    grade_all(outside, staff, change_id)
    page = text_of(kim, url)
    assert "live before" in page
    assert "Every grade is in, so versions are shown" in page


def test_a_reference_opens_the_record_in_a_new_tab(outside: Outside, staff: Staff, change_id: str) -> None:
    kim, url = client_of(outside, "kim"), f"/changes/{change_id}/follow-up-audit"
    with outside.database.writing() as session:
        row = session.get_one(Interaction, samples(outside, change_id)[0].interaction_id)
        row.source_ref, token_id = "note/7?x", row.token_id
    assert "by its reference note/7?x" in re.sub("<[^>]*>", "", text_of(kim, url))
    ruth = staff.act_as("ruth")
    token, _ = show_token(outside, ruth, token_id)
    wanted = TokenChange(token.owner, token.phone, token.prompts, token.seen, "https://ehr.example/encounter/{ref}")
    change_token(outside, ruth, token_id, wanted)
    link = '<a href="https://ehr.example/encounter/note%2F7%3Fx" target="_blank" rel="noopener noreferrer">'
    assert link in kim.get(url).get_data(as_text=True)


def test_a_grade_is_stored_once(outside: Outside, staff: Staff, change_id: str) -> None:
    kim = client_of(outside, "kim")
    assert send(kim, outside, change_id).status_code == 303
    page = text_of(kim, f"/changes/{change_id}/follow-up-audit")
    assert "Your grade is stored." in page
    assert "You graded this answer." in page
    assert send(kim, outside, change_id).status_code == 403


@pytest.mark.parametrize("missing", ["accurate", "harm", "useful"])
def test_an_incomplete_grade_comes_back_as_typed(outside: Outside, staff: Staff, change_id: str, missing: str) -> None:
    answer = send(client_of(outside, "kim"), outside, change_id, note="Dose <unclear>", **{missing: ""})
    body = html.unescape(answer.get_data(as_text=True))
    assert answer.status_code == 422
    assert "Dose <unclear>" in body
    assert re.search(r'name="succinct"\s+value="4"\s+checked', body)


def test_an_answer_that_cannot_be_graded_needs_no_ratings(outside: Outside, staff: Staff, change_id: str) -> None:
    nothing = {name: "" for name, _ in post_audit.RUBRIC}
    kim = client_of(outside, "kim")
    assert send(kim, outside, change_id, accurate="not_gradable", **nothing).status_code == 303


def test_authors_and_auditors_do_not_grade(outside: Outside, staff: Staff, change_id: str) -> None:
    for name in ("ada", "quinn"):
        sample = samples(outside, change_id)[0]
        url = f"/changes/{change_id}/follow-up-audit/{sample.id}"
        assert post_form(client_of(outside, name), url, GRADE, "/profile").status_code == 403


def test_the_conclusion_closes_the_change(outside: Outside, staff: Staff, change_id: str) -> None:
    grade_all(outside, staff, change_id)
    osei, page = client_of(outside, "osei"), f"/changes/{change_id}/follow-up-audit"
    fields = {"expected_digest": r.digest(outside, change_id), "reason": "Kept.", "password": PASSWORD}
    refused = post_form(osei, f"/changes/{change_id}/moves/conclude", {**fields, "next_review_on": "soon"}, page)
    assert refused.status_code == 422
    assert "Kept." in refused.get_data(as_text=True)
    done = post_form(osei, f"/changes/{change_id}/moves/conclude", {**fields, "next_review_on": "2026-09-01"}, page)
    assert (done.status_code, done.location) == (303, f"/changes/{change_id}")
    assert stage_of(outside, change_id) == "closed"
    closed = text_of(osei, page)
    assert "Kept." in closed
    assert "Meaning: conclusion of the follow-up audit" in closed


def test_what_applications_sent_is_shown_as_text(outside: Outside, staff: Staff) -> None:
    change_id = r.second(outside, staff, r.DIRECT)
    r.pass_step(outside, staff, change_id, response_text="<script>alert(1)</script>")
    r.complete(outside, staff, change_id)
    answer = client_of(outside, "kim").get(f"/changes/{change_id}/follow-up-audit").get_data(as_text=True)
    assert "&lt;script&gt;alert(1)" in answer
    assert "<script>alert(1)" not in answer
