"""Deny by default: every route says who may call it, and forms carry a token."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import AnyConverter, BaseConverter, IntegerConverter

from tests.conftest import Staff
from tests.web.client import make_client, sign_in
from webapp.adapters.outside import Outside
from webapp.domain.workflow.grants import GRANTS, Right
from webapp.web.access import needs, public, refuse_unmarked, takes_move
from webapp.web.app import create_app


@pytest.fixture
def client(outside: Outside, staff: Staff) -> FlaskClient:
    return make_client(outside)


def test_an_unmarked_route_stops_the_start(outside: Outside) -> None:
    app = create_app(outside)
    app.add_url_rule("/open-to-whom", "open_to_whom", lambda: "")
    with pytest.raises(RuntimeError, match="open_to_whom"):
        refuse_unmarked(app)


def test_marked_routes_let_the_application_start() -> None:
    app = Flask("marked")
    app.view_functions["static"].access = "public"  # type: ignore[attr-defined]
    app.add_url_rule("/a", "a", public(lambda: ""))
    app.add_url_rule("/b", "b", needs(Right.READ_LEDGER)(lambda: ""))
    app.add_url_rule("/c", "c", takes_move("sign")(lambda: ""))
    refuse_unmarked(app)
    assert {app.view_functions[name].access for name in "abc"} == {"public", "read_ledger", "move:sign"}  # type: ignore[attr-defined]


def test_a_mark_for_an_unknown_move_is_a_fault_of_the_program() -> None:
    with pytest.raises(AssertionError):
        takes_move("bless")


def test_every_right_is_somebodys() -> None:
    assert set(GRANTS) == set(Right)
    assert all(GRANTS.values())


def _some(converter: BaseConverter) -> object:
    """A value that this place of an address takes."""
    if isinstance(converter, AnyConverter):
        return min(converter.items)
    return 1 if isinstance(converter, IntegerConverter) else "x"


def test_every_unsafe_route_of_the_browser_demands_the_token_of_a_form(client: FlaskClient) -> None:
    sign_in(client, "ruth")
    asked = 0
    for rule in client.application.url_map.iter_rules():
        access = getattr(client.application.view_functions[rule.endpoint], "access", "")
        if "POST" not in (rule.methods or ()) or access.startswith("token:"):
            continue
        values = {name: _some(rule._converters[name]) for name in rule.arguments}
        url = client.application.url_map.bind("localhost").build(rule.endpoint, values, method="POST")
        answer = client.post(url)
        assert answer.status_code == 400, rule.endpoint
        assert "load the page again and repeat" in answer.get_data(as_text=True)
        asked += 1
    assert asked > 5


def test_every_protected_page_sends_a_stranger_away(client: FlaskClient) -> None:
    asked = 0
    for rule in client.application.url_map.iter_rules():
        access = getattr(client.application.view_functions[rule.endpoint], "access", "")
        if "GET" not in (rule.methods or ()) or access == "public" or access.startswith("token:"):
            continue
        values = {name: _some(rule._converters[name]) for name in rule.arguments}
        answer = client.get(client.application.url_map.bind("localhost").build(rule.endpoint, values))
        assert (answer.status_code, answer.headers.get("Location")) == (303, "/sign-in"), rule.endpoint
        asked += 1
    assert asked > 2


def test_every_page_forbids_inline_code_framing_and_guessing(client: FlaskClient) -> None:
    headers = client.get("/sign-in").headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert "form-action 'self'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-store"
    assert client.get("/no-such-page").headers["Content-Security-Policy"] == policy
