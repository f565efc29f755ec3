"""Refused access as an entry of the audit log, at pages and in the API; notices on administrators' pages."""

from __future__ import annotations

import html
import json
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select

from tests.api.caller import Caller, call_as
from tests.conftest import Staff
from tests.web.client import make_client, post_form, sign_in
from webapp.acts.lockout import FREE_ATTEMPTS
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Alert, Leaf, Payload


def entries(outside: Outside, kind: str) -> list[dict[str, Any]]:
    with outside.database.reading() as session:
        return [
            json.loads(c) for c in session.scalars(select(Leaf.content).where(Leaf.type == kind).order_by(Leaf.seq))
        ]


def browser(outside: Outside, name: str) -> FlaskClient:
    client = make_client(outside)
    assert sign_in(client, name).status_code == 303
    return client


def text_of(client: FlaskClient, url: str) -> str:
    return html.unescape(client.get(url).get_data(as_text=True))


def test_a_wrong_role_at_a_page_is_an_entry_with_the_right_that_was_asked_for(outside: Outside, staff: Staff) -> None:
    ada = browser(outside, "ada")
    for _ in range(3):
        assert ada.get("/people").status_code == 403
    assert ada.get("/exports").status_code == 403
    found = entries(outside, "access.refused")
    assert [(leaf["actor"]["name"], leaf["entity"], leaf["reason"]) for leaf in found] == [
        ("Ada", {"type": "right", "id": "read_people", "version": None}, "role"),
        ("Ada", {"type": "right", "id": "export_record", "version": None}, "role"),
    ]


def test_a_wrong_scope_in_the_api_is_an_entry_of_the_tokens_owner(outside: Outside, staff: Staff) -> None:
    caller = call_as(outside, staff, "ada", "read")
    assert caller.post("/api/v1/suites", {}).status_code == 403
    (leaf,) = entries(outside, "access.refused")
    assert (leaf["actor"]["name"], leaf["actor"]["via"], leaf["reason"]) == ("Ada", "token", "scope")
    assert leaf["entity"]["id"] == "token:submit"


def test_a_token_that_is_not_good_is_a_failed_sign_in(outside: Outside, staff: Staff) -> None:
    caller = Caller(make_client(outside), "pf_unknown")
    for _ in range(5):
        assert caller.get("/api/v1/prompts").status_code == 401
    (leaf,) = entries(outside, "session.refused")
    assert (leaf["entity"]["type"], leaf["entity"]["id"], leaf["reason"]) == ("token", "unknown", "token_unknown")


def test_strangers_and_unknown_pages_make_no_entry(outside: Outside, staff: Staff) -> None:
    client = make_client(outside)
    assert client.get("/people").status_code == 303
    assert client.get("/nothing-here").status_code == 404
    assert entries(outside, "access.refused") == []


def test_where_a_sign_in_failed_from_stands_in_the_payload(outside: Outside, staff: Staff) -> None:
    client = make_client(outside)
    assert sign_in(client, "kim", "a wrong battery staple").status_code == 401
    (leaf,) = entries(outside, "session.refused")
    with outside.database.reading() as session:
        stored = json.loads(session.get_one(Payload, leaf["payload"]["sha256"]).content)
    assert stored["place"] == "127.0.0.1"


def test_administrators_read_of_a_lock_in_the_inbox_and_say_that_they_looked_into_it(
    outside: Outside, staff: Staff
) -> None:
    for _ in range(FREE_ATTEMPTS + 1):
        sign_in(make_client(outside), "kim", "a wrong battery staple")
    ruth, quinn = browser(outside, "ruth"), browser(outside, "quinn")
    for url in ("/", "/people"):
        assert "Kim is locked out after 5 wrong passwords or codes." in text_of(ruth, url)
    assert "FORMULARY_SMTP_URL" in text_of(ruth, "/people")
    assert "Kim is locked out" in text_of(quinn, "/people")
    assert "I looked into this" not in text_of(quinn, "/people")
    assert "Kim is locked out" not in text_of(browser(outside, "ada"), "/")
    with outside.database.reading() as session:
        alert_id = session.scalars(select(Alert.id)).one()
    assert post_form(ruth, f"/people/notices/{alert_id}/seen", {}, page="/people").status_code == 303
    assert "Kim is locked out" not in text_of(ruth, "/")
    assert "Ruth looked into it" in text_of(ruth, "/people")
