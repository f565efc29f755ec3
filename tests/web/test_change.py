"""The page of a change: what it shows, to whom, and what its forms do."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.conftest import Staff
from tests.people import PASSWORD
from tests.services.submissions import good, prompt_bytes
from tests.stages import change_in, digests, pass_evaluation, stage_of
from tests.web.client import make_client, sign_in
from tests.web.client import post_form as post_from
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Comment, Contributor
from webapp.services import review
from webapp.services.submission import revise

HOSTILE = '<script>alert("x")</script>'


def post_form(client: FlaskClient, url: str, fields: dict[str, Any]) -> TestResponse:
    return post_from(client, url, fields, page="/")


def enter(outside: Outside, name: str) -> FlaskClient:
    client = make_client(outside)
    sign_in(client, name)
    return client


def text_of(client: FlaskClient, url: str, status: int = 200) -> str:
    answer = client.get(url)
    assert answer.status_code == status, answer.get_data(as_text=True)[-3000:]
    return answer.get_data(as_text=True)


@pytest.mark.parametrize("stage", ["evaluation", "review", "signoff", "rollout"])
@pytest.mark.parametrize("name", ["ada", "kim", "osei", "quinn", "ruth"])
def test_everybody_with_a_role_reads_every_stage(outside: Outside, staff: Staff, stage: str, name: str) -> None:
    change_id = change_in(outside, staff, stage)
    text = text_of(enter(outside, name), f"/changes/{change_id}")
    assert "Doses are listed with their route." in text
    assert "Timeline" in text


def test_an_unknown_change_is_not_found(outside: Outside, staff: Staff) -> None:
    assert "There is no such change" in text_of(enter(outside, "ada"), "/changes/chg_none", 404)


def test_the_page_says_who_acts_next_by_name(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "signoff")
    text = text_of(enter(outside, "ada"), f"/changes/{change_id}")
    assert "Asked: Lund, Moss, Osei." in text
    assert "Your part" not in text


def test_the_difference_is_against_nothing_for_a_first_change(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "review")
    assert "Compared with nothing live yet" in text_of(enter(outside, "kim"), f"/changes/{change_id}")


def test_the_difference_can_be_against_the_previous_revision(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "review")
    digest, _ = digests(outside, change_id)
    review.ask_for_changes(outside, staff.act_as("kim"), change_id, digest, "Name the route.")
    fresh = good(prompt=prompt_bytes(version="1.1", system_prompt="You write notes; name the route.\n"))
    revise(outside, staff.act_as("ada"), change_id, digest, fresh)
    text = text_of(enter(outside, "kim"), f"/changes/{change_id}?against=previous")
    assert "Compared with previous revision v1 (1.0)" in text


def test_a_stale_link_says_what_is_new(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "evaluation")
    old, _ = digests(outside, change_id)
    client = enter(outside, "ada")
    assert "newer than the page" not in text_of(client, f"/changes/{change_id}?digest={old}")
    pass_evaluation(outside, staff, change_id)
    text = text_of(client, f"/changes/{change_id}?digest={old}")
    assert "The change is newer than the page you come from" in text
    assert "closed the evaluation of the change: every measure holds" in text


def test_the_timeline_names_people_and_the_system(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "rollout")
    text = text_of(enter(outside, "quinn"), f"/changes/{change_id}")
    assert "Prompt Formulary (system)" in text
    for words in (
        "opened the change",
        "approved the change and passed it to a physician (signed)",
        "signed the release",
    ):
        assert words in text


def test_typed_text_is_shown_as_text(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "review", good(changes=HOSTILE, title=HOSTILE))
    client = enter(outside, "kim")
    post_form(client, f"/changes/{change_id}/comments", {"kind": "note", "text": HOSTILE, "suggestion": HOSTILE})
    for page in ("", "/review", "/signoff"):
        text = text_of(client, f"/changes/{change_id}{page}")
        assert HOSTILE not in text
        assert "&lt;script&gt;" in text


def test_an_invisible_character_is_a_badge(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "review")
    client = enter(outside, "kim")
    post_form(client, f"/changes/{change_id}/comments", {"kind": "note", "text": "Doses\u202e are listed."})
    assert "U+202E" in text_of(client, f"/changes/{change_id}/review")


def test_a_comment_is_saved_and_leads_back(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "review")
    client = enter(outside, "kim")
    answer = post_form(client, f"/changes/{change_id}/comments", {"kind": "must_fix", "text": "The route\r\nis lost."})
    assert (answer.status_code, answer.location) == (303, f"/changes/{change_id}#comments")
    with outside.database.reading() as session:
        assert session.scalars(select(Comment)).one().body == "The route\nis lost."


def test_a_faulty_comment_keeps_what_was_typed(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "review")
    answer = post_form(
        enter(outside, "kim"), f"/changes/{change_id}/comments", {"kind": "note", "text": "", "suggestion": "Write mg."}
    )
    text = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "Write the comment." in text
    assert "Write mg." in text


def test_a_comment_is_settled_by_its_writer(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "review")
    client = enter(outside, "kim")
    post_form(client, f"/changes/{change_id}/comments", {"kind": "question", "text": "Why?"})
    with outside.database.reading() as session:
        comment_id = session.scalars(select(Comment.id)).one()
    assert f"/comments/{comment_id}/resolve" in text_of(client, f"/changes/{change_id}")
    assert f"/comments/{comment_id}/resolve" not in text_of(enter(outside, "ada"), f"/changes/{change_id}")
    answer = post_form(client, f"/changes/{change_id}/comments/{comment_id}/resolve", {})
    assert answer.status_code == 303
    assert "Settled by Kim" in text_of(client, f"/changes/{change_id}")


def test_an_auditor_is_offered_no_comment_and_refused_one(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "review")
    client = enter(outside, "quinn")
    assert "Write a comment" not in text_of(client, f"/changes/{change_id}")
    answer = post_form(client, f"/changes/{change_id}/comments", {"kind": "note", "text": "Hm."})
    assert answer.status_code == 403


def test_an_unknown_git_author_is_mapped_on_the_page(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "evaluation", good(contributors=[("Dev Two", "two@git.example")]))
    client = enter(outside, "ada")
    assert "not said yet who this is" in text_of(client, f"/changes/{change_id}")
    with outside.database.reading() as session:
        row_id = session.scalars(select(Contributor.id).where(Contributor.how == "git")).one()
    url = f"/changes/{change_id}/contributors/{row_id}"
    assert post_form(client, url, {"person": ""}).status_code == 303
    assert "Choose a person" in text_of(client, f"/changes/{change_id}")
    assert post_form(client, url, {"person": "external"}).status_code == 303
    assert "external: nobody here" in text_of(client, f"/changes/{change_id}")


def test_withdrawing_from_the_page(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "review")
    client, (digest, _) = enter(outside, "ada"), digests(outside, change_id)
    assert "Why you withdraw it" in text_of(client, f"/changes/{change_id}")
    url = f"/changes/{change_id}/moves/withdraw"
    assert post_form(client, url, {"expected_digest": digest, "reason": "Not needed."}).status_code == 303
    assert stage_of(outside, change_id) == "withdrawn"
    assert "Withdrawn" in text_of(client, f"/changes/{change_id}")


def test_a_form_without_its_token_does_nothing(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "review")
    answer = enter(outside, "kim").post(f"/changes/{change_id}/comments", data={"kind": "note", "text": "Hm."})
    assert answer.status_code == 400
    assert PASSWORD not in answer.get_data(as_text=True)
    with outside.database.reading() as session:
        assert session.scalars(select(Comment)).all() == []


def test_a_comment_is_written_on_a_line_of_the_new_text(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "review")
    client, (digest, _) = enter(outside, "kim"), digests(outside, change_id)
    fields = {"kind": "note", "text": "Good.", "about": "line:system_prompt", "expected_digest": digest}
    url = f"/changes/{change_id}/comments"
    wrong = post_form(client, url, {**fields, "line": "99"})
    assert wrong.status_code == 422
    assert "The text has no such line" in wrong.get_data(as_text=True)
    assert post_form(client, url, {**fields, "line": "1"}).status_code == 303
    text = text_of(client, f"/changes/{change_id}")
    assert "Line 1 of the system prompt (revision 1)" in text
    assert "<blockquote>" in text


def test_claims_of_the_author_are_marked_as_not_used(outside: Outside, staff: Staff) -> None:
    claimed = prompt_bytes(metadata={"healthcare_reviewed": True})
    change_id = change_in(outside, staff, "review", good(prompt=claimed))
    text = text_of(enter(outside, "kim"), f"/changes/{change_id}")
    assert "stated by the author, not used" in text
