"""The pages of retention: the report, asking, the second signature, holds; for administrators and auditors only."""

from __future__ import annotations

import html
import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests import erasures
from tests.conftest import Staff
from tests.erasures import Old, lease
from tests.people import PASSWORD
from tests.web.client import code_for, make_client, post_form, sign_in
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Erasure, LegalHold
from webapp.services import retention


@pytest.fixture
def old(outside: Outside, staff: Staff) -> Old:
    """A change and a test set whose six years are over."""
    erasures.enough_apps(outside, staff)
    found = erasures.ended(outside, staff)
    erasures.six_years_later(outside)
    return found


def browser(outside: Outside, name: str) -> FlaskClient:
    client = make_client(outside)
    assert sign_in(client, name).status_code == 303
    return client


def text_of(answer: TestResponse) -> str:
    return re.sub(r"\s+", " ", html.unescape(answer.get_data(as_text=True)))


def digest_on(client: FlaskClient, url: str) -> str:
    found = re.search(r'name="expected_digest" value="([0-9a-f]{64})"', client.get(url).get_data(as_text=True))
    assert found, f"{url} offers nothing to sign"
    return found[1]


def send(client: FlaskClient, outside: Outside, name: str, url: str, page: str, **fields: str) -> TestResponse:
    """The form is sent with password and code; the digest is that of the page."""
    given = {"password": PASSWORD, "code": code_for(outside, f"{name}@example.org")}
    return post_form(client, url, {**given, **fields}, page=page)


def test_the_whole_way_on_pages(outside: Outside, staff: Staff, old: Old) -> None:
    ruth, page = browser(outside, "ruth"), f"/retention/change/{old.change}"
    assert "now" in text_of(ruth.get("/retention"))
    shown = text_of(ruth.get(page))
    assert "What goes, for good" in shown
    assert "every entry of the audit log, with its digest" in shown.lower()
    answer = send(ruth, outside, "ruth", page, page, expected_digest=digest_on(ruth, page), reason="Ticket 11.")
    assert answer.status_code == 303
    with outside.database.reading() as session:
        erasure_id = session.scalars(select(Erasure.id)).one()
    second = f"/retention/erasures/{erasure_id}"
    assert "another person confirms it" in text_of(ruth.get(second))
    quinn = browser(outside, "quinn")
    assert "Ticket 11." in text_of(quinn.get(second))
    answer = send(quinn, outside, "quinn", f"{second}/confirm", second, expected_digest=digest_on(quinn, second))
    assert answer.status_code == 303
    assert "Being erased" in text_of(quinn.get("/retention"))
    retention.execute_erasure(outside, lease(outside, erasure_id))
    assert "erased" in text_of(quinn.get(second))
    assert quinn.get("/retention?poll=1").headers["HX-Refresh"] == "true"
    for url in (f"/changes/{old.change}", f"/changes/{old.change}/evaluation", "/ledger", "/exports"):
        assert quinn.get(url).status_code == 200, url


def test_pages_of_erased_things_still_open(outside: Outside, staff: Staff, old: Old) -> None:
    erasures.erase(outside, staff, "change", old.change)
    erasures.erase(outside, staff, "suite", old.suite)
    kim = browser(outside, "kim")
    pages = ("", "/evaluation", "/review", "/signoff", "/rollout", "/follow-up-audit", "/evaluation/export.json")
    for page in pages:
        assert kim.get(f"/changes/{old.change}{page}").status_code in (200, 303, 404, 409), page
    assert kim.get(f"/changes/{old.change}/evaluation/cases/case-001").status_code == 404
    assert "was erased" in text_of(kim.get(f"/suites/{old.suite}"))
    assert kim.get("/suites").status_code == 200


def test_a_wrong_password_keeps_the_reason_and_says_so(outside: Outside, staff: Staff, old: Old) -> None:
    ruth, page = browser(outside, "ruth"), f"/retention/change/{old.change}"
    fields = {"expected_digest": digest_on(ruth, page), "reason": "Ticket 11.", "password": "a wrong battery staple"}
    answer = send(ruth, outside, "ruth", page, page, **fields)
    assert answer.status_code == 422
    assert "This is not your password" in text_of(answer)
    assert "Ticket 11." in text_of(answer)


def test_within_its_years_the_page_says_until_when(outside: Outside, staff: Staff) -> None:
    found = erasures.ended(outside, staff)
    shown = text_of(browser(outside, "ruth").get(f"/retention/change/{found.change}"))
    assert "its texts may be erased from 2 March 2032 on" in shown
    assert "Sign the request" not in shown


def test_holds_are_placed_and_lifted_on_the_page(outside: Outside, staff: Staff, old: Old) -> None:
    ruth = browser(outside, "ruth")
    answer = send(ruth, outside, "ruth", "/retention/holds", "/retention", on="all:", reason="Case 4711.")
    assert answer.status_code == 303
    assert "Case 4711." in text_of(ruth.get("/retention"))
    assert "A legal hold on everything keeps it" in text_of(ruth.get(f"/retention/suite/{old.suite}"))
    with outside.database.reading() as session:
        hold_id = session.scalars(select(LegalHold.id)).one()
    assert "Lift this hold" not in text_of(browser(outside, "quinn").get("/retention"))
    url = f"/retention/holds/{hold_id}/lift"
    assert send(ruth, outside, "ruth", url, "/retention", reason="").status_code == 422
    assert send(ruth, outside, "ruth", url, "/retention", reason="Settled.").status_code == 303
    assert "Lifted" in text_of(ruth.get("/retention"))


@pytest.mark.parametrize("name", ["ada", "kim", "osei"])
def test_nobody_else_comes_here(outside: Outside, staff: Staff, old: Old, name: str) -> None:
    client = browser(outside, name)
    for url in ("/retention", f"/retention/change/{old.change}", f"/retention/suite/{old.suite}"):
        assert client.get(url).status_code == 403
    assert "/retention" not in client.get("/").get_data(as_text=True)


def test_what_is_unknown_is_not_found(outside: Outside, staff: Staff) -> None:
    ruth = browser(outside, "ruth")
    for url in (
        "/retention/change/none",
        "/retention/suite/none",
        "/retention/erasures/none",
        "/retention/person/none",
    ):
        assert ruth.get(url).status_code == 404
