"""The sign-off page: its order, the way to a signature, and every way back."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any
from urllib.parse import urlparse

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.conftest import Staff
from tests.passkeys import add_passkey
from tests.people import PASSWORD
from tests.services.submissions import good, prompt_bytes
from tests.stages import change_in, digests, open_worst_cases, stage_of
from tests.web.client import code_for, make_client, sign_in
from tests.web.client import post_form as post_from
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import CaseOpening, Signature
from webapp.services import comments, review

HEADINGS = (
    "1. What you are asked",
    "2. What changes, and what it is for",
    "3. The worst cases",
    "4. The result",
    "5. What the reviewer says",
    "6. The whole difference",
    "7. Who gets it first, what stops it, how it is undone",
    "8. Sign, ask or decline",
    "Statistics, release contents, parameters",
)


def post_form(client: FlaskClient, url: str, fields: dict[str, Any]) -> TestResponse:
    return post_from(client, url, fields, page="/")


def enter(outside: Outside, name: str = "osei") -> FlaskClient:
    client = make_client(outside)
    sign_in(client, name)
    return client


def text_of(client: FlaskClient, url: str, status: int = 200) -> str:
    answer = client.get(url)
    assert answer.status_code == status, answer.get_data(as_text=True)[-3000:]
    return answer.get_data(as_text=True)


def hidden(text: str, form: str = "/moves/sign") -> dict[str, str]:
    """The hidden fields of the form that is sent to ``form``, as the page holds them."""
    body = next(part for part in text.split("<form")[1:] if form in part.split(">")[0]).split("</form>")[0]
    inputs = re.findall(r'<input type="hidden"\s+name="(\w+)"\s+value="([^"]*)"', body)
    return {name: value for name, value in inputs if name != "csrf_token"}


def sign(client: FlaskClient, change_id: str, **fields: str) -> TestResponse:
    """The form is loaded and sent as a person would."""
    facts = hidden(text_of(client, f"/changes/{change_id}/signoff"))
    return post_form(client, f"/changes/{change_id}/moves/sign", {**facts, **given(client), **fields})


def given(client: FlaskClient, name: str = "osei") -> dict[str, str]:
    """Password and an unused code, as the person types them."""
    return {"password": PASSWORD, "code": code_for(client.application.extensions["formulary"], f"{name}@example.org")}


def test_the_page_keeps_the_order_of_the_signature_dialog(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "signoff")
    text = text_of(enter(outside), f"/changes/{change_id}/signoff")
    places = [text.index(heading) for heading in HEADINGS]
    assert places == sorted(places)


def test_the_page_says_what_happens_if_nobody_signs_and_how_it_is_undone(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "signoff")
    text = text_of(enter(outside), f"/changes/{change_id}/signoff")
    assert "Nothing changes for patients: nothing is served." in text
    assert "After 7 March 2026 it is shown as overdue." in text
    assert "5 % of encounters, for at least 1 day, until 50 encounters per version were seen" in text
    assert "Write the note by hand." in text


def test_sign_opens_after_each_listed_case_was_opened(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "signoff")
    client = enter(outside)
    url = f"/changes/{change_id}/signoff"
    text = text_of(client, url)
    assert 'id="sign-password"' not in text
    assert "Open the listed worst cases first: 2 left." in text
    assert "case-001: Plan" not in text
    answer = post_form(client, f"{url}/cases/case-001", {})
    assert answer.location == f"{url}#case-case-001"
    text = text_of(client, url)
    assert "case-001: Plan" in text
    assert "1 left" in text
    post_form(client, f"{url}/cases/case-001", {})
    post_form(client, f"{url}/cases/case-002", {})
    assert 'id="sign-password"' in text_of(client, url)
    with outside.database.reading() as session:
        mine = session.scalars(select(CaseOpening).where(CaseOpening.person_id == staff.ids["osei"])).all()
    assert len(mine) == 2


def ready(outside: Outside, staff: Staff, name: str = "osei") -> tuple[str, FlaskClient]:
    change_id = change_in(outside, staff, "signoff")
    open_worst_cases(outside, staff, change_id, name)
    return change_id, enter(outside, name)


def test_signing_leads_to_a_receipt_that_tells_its_level_and_state(outside: Outside, staff: Staff) -> None:
    change_id, client = ready(outside, staff)
    answer = sign(client, change_id)
    assert answer.status_code == 303
    assert stage_of(outside, change_id) == "rollout"
    text = text_of(client, urlparse(answer.location).path)
    for words in (
        "Osei",
        "Dr., MD",
        "Meaning: approval",
        "confirmed by the server after your password and one-time code (L1)",
        "sealed: the notary signed a checkpoint over its entry",
        "Download the proof",
    ):
        assert words in text
    assert re.search(r"audit log entry \d+", text)


def test_the_downloads_are_the_bytes_that_the_record_names(outside: Outside, staff: Staff) -> None:
    change_id, client = ready(outside, staff)
    receipt = urlparse(sign(client, change_id).location).path
    with outside.database.reading() as session:
        row = session.scalars(select(Signature).where(Signature.move == "sign")).one()
    envelope, display = client.get(f"{receipt}/envelope.json"), client.get(f"{receipt}/display.json")
    assert hashlib.sha256(envelope.data).hexdigest() == row.envelope_sha256
    assert hashlib.sha256(display.data).hexdigest() == row.display_sha256
    assert json.loads(display.data)["changes"] == "Doses are listed with their route."
    assert "attachment" in envelope.headers["Content-Disposition"]


def test_what_was_displayed_is_what_the_page_said_it_shows(outside: Outside, staff: Staff) -> None:
    change_id, client = ready(outside, staff)
    facts = hidden(text_of(client, f"/changes/{change_id}/signoff"))
    sign(client, change_id)
    with outside.database.reading() as session:
        row = session.scalars(select(Signature).where(Signature.move == "sign")).one()
    assert row.display_sha256 == facts["seen"]


def test_a_wrong_password_keeps_the_sentence_and_signs_nothing(outside: Outside, staff: Staff) -> None:
    change_id, client = ready(outside, staff)
    answer = sign(client, change_id, password="not my password", sentence="Watch the route.")
    text = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "This is not your password; nothing was signed." in text
    assert "Watch the route." in text
    assert "not my password" not in text
    assert stage_of(outside, change_id) == "signoff"
    assert client.get("/").status_code == 200


def test_an_empty_password_is_no_failed_attempt(outside: Outside, staff: Staff) -> None:
    change_id, client = ready(outside, staff)
    for _ in range(6):
        answer = sign(client, change_id, password="")
        assert answer.status_code == 422
        assert "Enter your password to sign this." in answer.get_data(as_text=True)
    assert sign(client, change_id).status_code == 303


def test_too_many_wrong_passwords_are_told_to_wait(outside: Outside, staff: Staff) -> None:
    change_id, client = ready(outside, staff)
    for _ in range(5):
        sign(client, change_id, password="not my password")
    answer = sign(client, change_id)
    assert answer.status_code == 429
    assert "Too many wrong passwords" in answer.get_data(as_text=True)
    assert stage_of(outside, change_id) == "signoff"


def test_enter_never_signs(outside: Outside, staff: Staff) -> None:
    change_id, client = ready(outside, staff)
    text = text_of(client, f"/changes/{change_id}/signoff")
    form = text.split('/moves/sign"')[1].split("</form>")[0]
    first_button = re.findall(r"<button[^>]*>", form)[0]
    assert "disabled" in first_button


def test_a_second_click_leads_to_the_same_receipt(outside: Outside, staff: Staff) -> None:
    change_id, client = ready(outside, staff)
    facts = {**hidden(text_of(client, f"/changes/{change_id}/signoff")), **given(client)}
    url = f"/changes/{change_id}/moves/sign"
    first, second = post_form(client, url, facts), post_form(client, url, facts)
    assert (first.status_code, first.location) == (second.status_code, second.location)
    with outside.database.reading() as session:
        assert len(session.scalars(select(Signature).where(Signature.move == "sign")).all()) == 1


def test_a_page_from_before_a_question_is_stale_and_says_what_is_new(outside: Outside, staff: Staff) -> None:
    change_id, client = ready(outside, staff)
    facts = hidden(text_of(client, f"/changes/{change_id}/signoff"))
    comments.write(outside, staff.act_as("lund"), change_id, comments.Draft("question", "Is the dose right?"))
    answer = post_form(
        client, f"/changes/{change_id}/moves/sign", {**facts, **given(client), "sentence": "Watch the route."}
    )
    text = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "New since you opened it" in text
    assert "Lund commented on the change (question)" in text
    assert "Kim approved" not in text.split("New since you opened it")[1].split("</ul>")[0]
    assert "Watch the route." in text
    assert sign(client, change_id).status_code == 303


def test_a_page_from_before_a_new_revision_is_stale(outside: Outside, staff: Staff) -> None:
    change_id, client = ready(outside, staff)
    facts = hidden(text_of(client, f"/changes/{change_id}/signoff"))
    answer = post_form(
        client, f"/changes/{change_id}/moves/sign", {**facts, "expected_digest": "0" * 64, **given(client)}
    )
    assert answer.status_code == 409
    assert "This page is older than the change" in answer.get_data(as_text=True)


@pytest.mark.parametrize("name", ["ada", "kim", "quinn", "ruth"])
def test_others_read_the_page_and_are_told_why_they_may_not_sign(outside: Outside, staff: Staff, name: str) -> None:
    change_id = change_in(outside, staff, "signoff")
    client = enter(outside, name)
    assert "You may not sign: signing needs the role physician." in text_of(client, f"/changes/{change_id}/signoff")
    digest, seen = digests(outside, change_id)
    answer = post_form(
        client,
        f"/changes/{change_id}/moves/sign",
        {"expected_digest": digest, "seen": seen, "password": PASSWORD},
    )
    assert answer.status_code == 403
    assert "this needs the role physician" in answer.get_data(as_text=True)
    assert stage_of(outside, change_id) == "signoff"


def test_the_reviewer_is_told_that_another_physician_signs(outside: Outside, staff: Staff) -> None:
    from tests.stages import pass_review

    change_id = change_in(outside, staff, "review")
    pass_review(outside, staff, change_id, "moss")
    text = text_of(enter(outside, "moss"), f"/changes/{change_id}/signoff")
    assert "You reviewed this change, so another physician has to sign it." in text


HIGH_RISK = {"prompt": prompt_bytes(risk_class="high_risk"), "risk_class": "high_risk"}


def test_a_high_risk_prompt_is_closed_to_who_has_no_passkey(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "signoff", good(**HIGH_RISK))
    open_worst_cases(outside, staff, change_id, "osei")
    text = text_of(enter(outside), f"/changes/{change_id}/signoff")
    assert "This is signed with a passkey and you have none yet; add one on your profile" in text
    assert 'id="sign-password"' not in text


def test_of_two_signatures_page_and_receipt_say_which_one_it_is(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "signoff", good(**HIGH_RISK))
    words = "First of two signatures: Osei, Dr.; one more physician is needed."
    for number, name in enumerate(("osei", "lund")):
        open_worst_cases(outside, staff, change_id, name)
        key, client = add_passkey(outside, staff.ids[name], number + 1), enter(outside, name)
        text = text_of(client, f"/changes/{change_id}/signoff")
        assert "Two physicians sign, each with a passkey." in text
        assert f"Yours is the {('first', 'second')[number]} of two signatures." in text
        assert (words in text) is (name == "lund")
        assert 'id="sign-passkey"' in text and 'id="sign-password"' not in text
        facts = hidden(text)
        asked = post_form(client, f"/changes/{change_id}/moves/sign/passkey", facts)
        passkey = key.answer(json.loads(asked.data)).passkey
        answer = post_form(client, f"/changes/{change_id}/moves/sign", {**facts, "passkey": passkey})
        assert answer.status_code == 303
        receipt = text_of(client, urlparse(answer.location).path)
        assert (words in receipt) is (name == "osei")
        assert (words in text_of(enter(outside, "ada"), f"/changes/{change_id}")) is (name == "osei")
    assert stage_of(outside, change_id) == "rollout"


def test_a_question_keeps_the_change_here_and_stops_the_clock(outside: Outside, staff: Staff) -> None:
    change_id, client = ready(outside, staff)
    url = f"/changes/{change_id}/comments"
    answer = post_form(client, url, {"kind": "question", "text": "Is the dose right?", "back": "asked"})
    assert answer.location == f"/changes/{change_id}/signoff#comments"
    words = "The clock has been stopped since 2 March 2026, 09:00 UTC while a question of Osei is open. 5 days are left"
    page = text_of(client, f"/changes/{change_id}/signoff")
    assert words in page
    assert "Your question is asked. The clock stands until it is settled" in page
    assert words in text_of(client, f"/changes/{change_id}")
    assert "clock stopped: question of Osei" in text_of(client, "/changes")
    assert "A question of Osei is open; the clock is stopped" in text_of(client, "/")
    assert stage_of(outside, change_id) == "signoff"


def test_declining_needs_a_reason_and_leads_to_its_receipt(outside: Outside, staff: Staff) -> None:
    change_id, client = ready(outside, staff)
    facts = {**hidden(text_of(client, f"/changes/{change_id}/signoff"), "/moves/reject"), "password": PASSWORD}
    url = f"/changes/{change_id}/moves/reject"
    answer = post_form(client, url, {**facts, "reason": " "})
    text = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "Write the reason." in text
    assert "8. Sign, ask or decline" in text
    first, second = (post_form(client, url, {**facts, "reason": "Not for our wards."}) for _ in range(2))
    assert stage_of(outside, change_id) == "rejected"
    assert (first.status_code, first.location) == (303, second.location)
    receipt = text_of(client, urlparse(first.location).path)
    for words in ("Receipt of a signature", "rejection", "Not for our wards.", "recorded with your password (L0)"):
        assert words in receipt
    assert "who acts next" not in receipt
    page = text_of(client, f"/changes/{change_id}")
    top = page[: page.index("What changes for patients")]
    assert "Osei rejected it" in top
    assert "Not for our wards." in top


def test_the_page_of_a_change_that_is_elsewhere_says_so(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "review")
    text = text_of(enter(outside), f"/changes/{change_id}/signoff")
    assert "The change is not at sign-off, so there is nothing to sign here." in text


def test_a_voided_signature_is_shown_as_void(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "signoff")
    digest, _ = digests(outside, change_id)
    review.ask_for_changes(outside, staff.act_as("osei"), change_id, digest, "Name the route.")
    assert "Voided: changes were asked for" in text_of(enter(outside), f"/changes/{change_id}")


def test_a_forged_signature_row_is_shown_as_broken(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "signoff")
    with outside.database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE signatures SET meaning = 'approval' WHERE move = 'approve'")
    assert "the record does not match its signature" in text_of(enter(outside), f"/changes/{change_id}")


def test_an_unknown_receipt_is_not_found(outside: Outside, staff: Staff) -> None:
    for part in ("", "/envelope.json", "/display.json"):
        text_of(enter(outside), f"/signatures/sig_none{part}", 404)
