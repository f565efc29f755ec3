"""The review page: checklist, class, rewording, approving, sending back, and what it keeps when refused."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlparse

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.conftest import Staff
from tests.people import PASSWORD
from tests.services.submissions import good, prompt_bytes
from tests.stages import change_in, conclude_run, digests, ready_review, stage_of
from tests.web.client import make_client, sign_in
from tests.web.client import post_form as post_from
from webapp.acts.actors import SYSTEM
from webapp.acts.manifests import build_manifest
from webapp.acts.perform import Act, perform
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Change, ChecklistTick, FindingRow, Prompt, Signature
from webapp.domain.workflow.evidence import Evidence
from webapp.services import review

SENTENCE = "I read the worst cases; the doses are right."


def post_form(client: FlaskClient, url: str, fields: dict[str, Any]) -> TestResponse:
    return post_from(client, url, fields, page="/")


def enter(outside: Outside, name: str = "kim") -> FlaskClient:
    client = make_client(outside)
    sign_in(client, name)
    return client


def text_of(client: FlaskClient, change_id: str) -> str:
    answer = client.get(f"/changes/{change_id}/review")
    assert answer.status_code == 200, answer.get_data(as_text=True)[-3000:]
    return answer.get_data(as_text=True)


def ticks(text: str) -> int:
    return len(re.findall(r'<input type="checkbox"\s+name="item-[^>]*checked', text))


def send(outside: Outside, client: FlaskClient, change_id: str, move: str, **fields: str) -> TestResponse:
    digest, seen = digests(outside, change_id)
    facts = {"expected_digest": digest, "seen": seen, "password": PASSWORD, "back": "review"}
    return post_form(client, f"/changes/{change_id}/moves/{move}", {**facts, **fields})


def approve(outside: Outside, client: FlaskClient, change_id: str, **fields: str) -> TestResponse:
    given = {"sentence": SENTENCE, "changes_confirmed": "yes", **fields}
    return send(outside, client, change_id, "approve", **given)


def test_the_page_shows_result_cases_difference_and_checklist(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "review")
    text = text_of(enter(outside), change_id)
    for words in (
        "Complete sections and key facts",
        "The plan lacks the follow-up.",
        "Compared with nothing live yet",
        "I read every changed line of the prompt.",
        "Your part: Review: approve, ask for changes or reject.",
        "Confirm or raise the prompt&#39;s risk class first.",
    ):
        assert words in text


def test_the_reviewer_reads_the_downtime_text_that_the_checklist_asks_about(outside: Outside, staff: Staff) -> None:
    assert "Write the note by hand." in text_of(enter(outside), change_in(outside, staff, "review"))


def test_a_case_is_opened_with_a_button_and_stays_open(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "review")
    client = enter(outside)
    assert "case-001: Plan" not in text_of(client, change_id)
    answer = post_form(client, f"/changes/{change_id}/review/cases/case-001", {})
    assert (answer.status_code, answer.location) == (303, f"/changes/{change_id}/review#case-case-001")
    assert "case-001: Plan" in text_of(client, change_id)


def test_ticks_are_kept_and_shown_to_me_alone(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "review")
    client, (digest, _) = enter(outside), digests(outside, change_id)
    fields = {"expected_digest": digest, "item-difference_read": "yes", "item-downtime_usable": "yes"}
    assert post_form(client, f"/changes/{change_id}/review/checklist", fields).status_code == 303
    assert ticks(text_of(client, change_id)) == 2
    assert ticks(text_of(enter(outside, "lee"), change_id)) == 0


def test_with_scripts_a_tick_is_answered_in_one_word(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "review")
    client, (digest, _) = enter(outside), digests(outside, change_id)
    from tests.web.client import TOKEN

    token = TOKEN.search(client.get("/").get_data(as_text=True))
    assert token
    answer = client.post(
        f"/changes/{change_id}/review/checklist",
        data={"csrf_token": token[1], "expected_digest": digest, "item-difference_read": "yes"},
        headers={"HX-Request": "true"},
    )
    assert (answer.status_code, answer.get_data(as_text=True)) == (200, "Saved.")


def test_an_unknown_item_is_refused_with_a_sentence(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "review")
    digest, _ = digests(outside, change_id)
    fields = {"expected_digest": digest, "item-moon": "yes"}
    answer = post_form(enter(outside), f"/changes/{change_id}/review/checklist", fields)
    assert answer.status_code == 422
    assert "The checklist has no such item" in answer.get_data(as_text=True)
    with outside.database.reading() as session:
        assert session.scalars(select(ChecklistTick)).all() == []


def test_the_class_is_confirmed_on_the_page(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "review")
    client = enter(outside)
    assert send(outside, client, change_id, "confirm_class").location == f"/changes/{change_id}/review"
    assert "Confirmed for this prompt." in text_of(client, change_id)


def test_the_class_is_raised_on_the_page(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "review")
    answer = send(outside, enter(outside), change_id, "raise_class", risk_class="high_risk")
    assert answer.location == f"/changes/{change_id}"
    with outside.database.reading() as session:
        assert session.get_one(Change, change_id).risk_class == "high_risk"
        assert session.scalars(select(Prompt)).one().risk_class == "high_risk"


def test_an_impossible_class_stays_on_the_page(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "review")
    answer = send(outside, enter(outside), change_id, "raise_class", risk_class="administrative")
    assert answer.status_code == 422
    assert stage_of(outside, change_id) == "review"


def test_rewording_counts_browser_line_ends_once(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "review")
    words = "\r\n".join(["x" * 99] * 3)
    assert send(outside, enter(outside), change_id, "reword", changes=words).status_code == 303
    with outside.database.reading() as session:
        assert session.get_one(Change, change_id).reworded_changes == words.replace("\r\n", "\n")


def test_too_long_a_rewording_keeps_what_was_typed(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "review")
    answer = send(outside, enter(outside), change_id, "reword", changes="Longer. " * 50)
    text = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "At most 300 characters, please" in text
    assert "Longer. " * 50 in text


def test_approving_leads_to_the_receipt_of_the_review(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "review")
    ready_review(outside, staff, change_id)
    client = enter(outside)
    answer = approve(outside, client, change_id)
    assert answer.status_code == 303
    assert stage_of(outside, change_id) == "signoff"
    text = client.get(urlparse(answer.location).path).get_data(as_text=True)
    assert "Meaning: review" in text
    assert SENTENCE in text


def test_a_second_click_on_approve_is_one_act(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "review")
    ready_review(outside, staff, change_id)
    client, (digest, seen) = enter(outside), digests(outside, change_id)
    fields = {
        "expected_digest": digest, "seen": seen, "password": PASSWORD, "sentence": SENTENCE, "changes_confirmed": "yes",
    }  # fmt: skip
    url = f"/changes/{change_id}/moves/approve"
    first, second = post_form(client, url, fields), post_form(client, url, fields)
    assert (first.status_code, first.location) == (second.status_code, second.location)
    with outside.database.reading() as session:
        assert len(session.scalars(select(Signature).where(Signature.move == "approve")).all()) == 1


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"sentence": ""}, "Write one sentence for the physician"),
        ({"changes_confirmed": ""}, "Confirm or rewrite what changes"),
        ({"password": "not my password"}, "This is not your password"),
        ({"password": ""}, "Enter your password to sign this."),
    ],
)
def test_a_refused_approval_keeps_the_page_and_the_words(
    outside: Outside, staff: Staff, fields: dict[str, str], sentence: str
) -> None:
    change_id = change_in(outside, staff, "review")
    ready_review(outside, staff, change_id)
    answer = approve(outside, enter(outside), change_id, **fields)
    text = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert sentence in text
    assert fields.get("sentence", SENTENCE) in text
    assert "not my password" not in text
    assert stage_of(outside, change_id) == "review"


def test_approving_too_early_says_everything_that_is_missing(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "review")
    answer = approve(outside, enter(outside), change_id)
    text = answer.get_data(as_text=True)
    assert answer.status_code == 409
    for words in ("risk class first", "worst cases first: 2 left", "Checklist: 5 still open"):
        assert words in text


def test_a_physician_reads_the_review_and_cannot_approve(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "review")
    client = enter(outside, "osei")
    assert "You do not decide on this review." in text_of(client, change_id)
    answer = approve(outside, client, change_id)
    assert answer.status_code == 403
    assert "this needs the role clinical informaticist" in answer.get_data(as_text=True)


def test_the_author_is_told_that_others_decide(outside: Outside, staff: Staff) -> None:
    from webapp.adapters.store.schema import RoleGrant

    with outside.database.writing() as session:
        session.add(RoleGrant(id="rol_x", person_id=staff.ids["ada"], role="informaticist", granted_at=outside.now()))
    change_id = change_in(outside, staff, "review")
    client = enter(outside, "ada")
    assert "You contributed to this change, so somebody else has to decide on it." in text_of(client, change_id)
    assert approve(outside, client, change_id).status_code == 403


def test_asking_for_changes_sends_it_back(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "review")
    client = enter(outside)
    assert send(outside, client, change_id, "ask_for_changes", reason="").status_code == 422
    assert send(outside, client, change_id, "ask_for_changes", reason="Name the route.").status_code == 303
    assert stage_of(outside, change_id) == "draft"
    assert "Name the route." in client.get(f"/changes/{change_id}").get_data(as_text=True)


def test_a_finding_is_decided_from_the_review_page(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "evaluation")
    conclude_run(outside, change_id, finding=True)

    def fix(act: Act) -> None:
        build_manifest(outside, act.session, act.case)

    perform(outside, SYSTEM, change_id, "evaluated", digests(outside, change_id)[0], Evidence(), effect=fix)
    client = enter(outside)
    text = text_of(client, change_id)
    assert "Dose 5000 mg; the encounter says 500 mg" in text
    with outside.database.reading() as session:
        finding_id = session.scalars(select(FindingRow.id)).one()
    url = f"/changes/{change_id}/evaluation/findings/{finding_id}"
    assert url in text
    fields = {"expected_digest": digests(outside, change_id)[0], "decision": "dismissed", "reason": "It is per day."}
    assert post_form(client, url, fields).status_code == 303
    assert "It is per day." in text_of(client, change_id)


def test_an_administrative_change_is_approved_for_rollout(outside: Outside, staff: Staff) -> None:
    fields = {"risk_class": "administrative", "name": "appointment-letter"}
    change_id = change_in(outside, staff, "review", good(prompt=prompt_bytes(**fields)))
    ready_review(outside, staff, change_id)
    client = enter(outside)
    assert "/moves/approve_for_rollout" in text_of(client, change_id)
    given = {"sentence": SENTENCE, "changes_confirmed": "yes"}
    answer = send(outside, client, change_id, "approve_for_rollout", **given)
    assert answer.status_code == 303
    assert stage_of(outside, change_id) == "rollout"


def test_a_stale_approval_says_what_is_new_and_keeps_the_sentence(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "review")
    ready_review(outside, staff, change_id)
    client = enter(outside)
    digest, seen = digests(outside, change_id)
    head = int(text_of(client, change_id).split('name="read_to" value="')[1].split('"')[0])
    review.reword(outside, staff.act_as("lee"), change_id, digest, "In other words.")
    fields = {
        "expected_digest": digest, "seen": seen, "read_to": str(head), "password": PASSWORD, "sentence": SENTENCE,
        "changes_confirmed": "yes",
    }  # fmt: skip
    answer = post_form(client, f"/changes/{change_id}/moves/approve", fields)
    text = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "Lee rewrote what changes" in text
    assert SENTENCE in text
