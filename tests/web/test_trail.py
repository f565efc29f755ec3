"""The page of reviews: what waits, signing, what was refused stays typed."""

from __future__ import annotations

import re

from tests.conftest import Clock, Staff
from tests.people import PASSWORD
from tests.stages import change_in
from tests.web.client import post_form
from tests.web.test_rollout import client_of, text_of
from webapp.adapters.outside import Outside

URL = "/ledger/reviews"


def fields(page: str, **typed: str) -> dict[str, str]:
    hidden = dict(re.findall(r'name="(first|size|nonce)"\s+value="([^"]*)"', page))
    return {**hidden, "conclusion": "findings", "findings": "Told Ruth of a lock-out.", "password": PASSWORD, **typed}


def test_an_auditor_reviews_and_the_page_keeps_it(outside: Outside, staff: Staff) -> None:
    change_in(outside, staff, "signoff")
    quinn = client_of(outside, "quinn")
    page = text_of(quinn, URL)
    for words in (
        "Waiting: entries 0 to",
        "Meaning: review of the audit log",
        "Look at these first",
        "Next review due",
    ):
        assert words in page
    answer = post_form(quinn, URL, fields(page), page=URL)
    assert answer.status_code == 303
    page = text_of(quinn, URL)
    for words in ("Reviews so far: 1", "Told Ruth of a lock-out.", "begins where the one before ended", "Quinn"):
        assert words in page
    envelope = re.search(r'href="(/signatures/[^"]+/envelope.json)"', page)
    assert envelope is not None
    assert quinn.get(envelope[1]).status_code == 200


def test_a_refused_review_keeps_what_was_typed(outside: Outside, staff: Staff) -> None:
    change_in(outside, staff, "signoff")
    quinn = client_of(outside, "quinn")
    page = text_of(quinn, URL)
    answer = post_form(quinn, URL, fields(page, password="wrong"), page=URL)
    text = answer.get_data(as_text=True)
    assert answer.status_code in (401, 422)
    assert "Told Ruth of a lock-out." in text
    assert "not your password" in text
    answer = post_form(quinn, URL, fields(page, findings=""), page=URL)
    assert answer.status_code == 422
    assert "what needs action" in answer.get_data(as_text=True)


def test_others_read_the_reviews_and_sign_none(outside: Outside, staff: Staff) -> None:
    change_in(outside, staff, "signoff")
    ruth = client_of(outside, "ruth")
    page = text_of(ruth, URL)
    assert "Auditors sign this review." in page
    assert post_form(ruth, URL, {"conclusion": "nothing_found"}, page="/profile").status_code == 403


def test_an_overdue_review_stands_on_the_first_page(outside: Outside, staff: Staff, clock: Clock) -> None:
    clock.forward(days=40)
    for name, words in (("quinn", "yours to sign"), ("ruth", "an auditor signs it")):
        assert words in text_of(client_of(outside, name), "/")
    assert "review of the audit log" not in text_of(client_of(outside, "ada"), "/")
