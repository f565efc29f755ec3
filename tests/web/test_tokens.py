"""The page of tokens, and bearer tokens at the door for programs."""

from __future__ import annotations

import html
import re

import pytest
from flask import Flask, g, jsonify
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.conftest import Clock, Staff
from tests.web.client import make_client, post_form, sign_in
from webapp.adapters.outside import Outside
from webapp.api.auth import token

ASKED = {"name": "Pipeline", "scopes": ["submit", "read"], "owner": "Ada", "phone": "555 0100", "days": "30"}
PROBE = "/api/v1/probe"


def signed_in(outside: Outside, name: str) -> FlaskClient:
    client = make_client(outside)
    add_probe(client.application)
    sign_in(client, name)
    return client


def add_probe(app: Flask) -> None:
    """A route that needs the scope read and says who called."""

    @app.get(PROBE)
    @token("read")
    def probe() -> object:
        return jsonify(name=g.actor.name, via=g.actor.via, token=g.token.id == g.actor.token_id)


@pytest.fixture
def ada(outside: Outside, staff: Staff) -> FlaskClient:
    return signed_in(outside, "ada")


def make(client: FlaskClient, **changes: object) -> TestResponse:
    return post_form(client, "/tokens", {**ASKED, **changes}, page="/tokens")


def secret_of(answer: TestResponse) -> str:
    found = re.search(r'value="(pf_[^"]+)"', answer.get_data(as_text=True))
    assert found
    return found[1]


def text_of(answer: TestResponse) -> str:
    return html.unescape(answer.get_data(as_text=True))


def call(client: FlaskClient, secret: str | None) -> TestResponse:
    headers = {} if secret is None else {"Authorization": f"Bearer {secret}"}
    return client.get(PROBE, headers=headers)


def test_a_token_is_shown_once_and_lets_a_program_in(ada: FlaskClient) -> None:
    made = make(ada)
    assert made.status_code == 201
    secret = secret_of(made)
    listed = text_of(ada.get("/tokens"))
    assert "Pipeline" in listed
    assert secret not in listed
    answer = call(ada, secret)
    assert answer.json == {"name": "Ada", "via": "token", "token": True}


def test_a_revoked_token_lets_nobody_in(ada: FlaskClient) -> None:
    secret = secret_of(make(ada))
    url = re.search(r'action="(/tokens/tok_[^"]+/revoke)"', ada.get("/tokens").get_data(as_text=True))
    assert url
    assert post_form(ada, url[1], {}, page="/tokens").status_code == 303
    assert "Revoked" in text_of(ada.get("/tokens"))
    answer = call(ada, secret)
    assert (answer.status_code, answer.json["error"]["code"]) == (401, "token_revoked")  # type: ignore[index]


def test_an_ended_token_says_when_it_ended(ada: FlaskClient, clock: Clock) -> None:
    secret = secret_of(make(ada))
    clock.forward(days=30)
    answer = call(ada, secret)
    assert answer.status_code == 401
    assert answer.json["error"]["message"] == "This token ended on 1 April 2026; ask for a new one."  # type: ignore[index]


def test_a_cookie_is_no_token(ada: FlaskClient) -> None:
    answer = call(ada, None)
    assert answer.status_code == 401
    assert answer.json["error"]["code"] == "not_signed_in"  # type: ignore[index]
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "Basic YTpi", "Bearer " + "x" * 201, "pf_x", "Bearer p\xe9"])
def test_a_header_that_is_no_token_is_refused_in_one_sentence(ada: FlaskClient, header: str) -> None:
    answer = ada.get(PROBE, headers={"Authorization": header})
    assert answer.status_code == 401
    assert set(answer.json["error"]) == {"code", "message", "details"}  # type: ignore[index]


def test_a_scope_that_is_missing_is_named(outside: Outside, staff: Staff) -> None:
    ruth = signed_in(outside, "ruth")
    secret = secret_of(make(ruth, scopes=["deliver"]))
    answer = call(ruth, secret)
    assert answer.status_code == 403
    assert answer.json["error"]["message"] == "This token may not do this; it needs the scope read."  # type: ignore[index]


def test_everyone_is_offered_the_scopes_of_their_roles(outside: Outside, ada: FlaskClient) -> None:
    def offered(client: FlaskClient) -> set[str]:
        return set(re.findall(r'name="scopes"[^>]*value="(\w+)"', client.get("/tokens").get_data(as_text=True)))

    assert offered(ada) == {"submit", "read"}
    assert offered(signed_in(outside, "ruth")) == {"deliver", "report", "read"}


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"name": ""}, "Name the token by what uses it."),
        ({"name": "n" * 81}, "at most 80 characters"),
        ({"scopes": []}, "Choose what the token may do."),
        ({"scopes": ["deliver"]}, "deliver"),
        ({"days": "366"}, "Write 1 to 365 days."),
        ({"days": "soon"}, "Not a valid integer value."),
        ({"phone": ""}, "Write a telephone number."),
    ],
)
def test_a_refused_token_keeps_what_was_typed(ada: FlaskClient, changes: dict[str, object], sentence: str) -> None:
    answer = make(ada, **changes)
    assert answer.status_code == 422
    assert sentence in text_of(answer)
    assert f'value="{ASKED["owner"]}"' in text_of(answer)
    assert "No token yet." in text_of(ada.get("/tokens"))


@pytest.mark.parametrize("name", ["kim", "osei", "quinn"])
def test_whoever_needs_no_tokens_is_told_so(outside: Outside, staff: Staff, name: str) -> None:
    answer = signed_in(outside, name).get("/tokens")
    assert answer.status_code == 403
    assert "Your roles do not let you manage own tokens" in text_of(answer)


def test_somebody_elses_token_is_not_found(outside: Outside, ada: FlaskClient) -> None:
    make(ada)
    url = re.search(r'action="(/tokens/tok_[^"]+/revoke)"', ada.get("/tokens").get_data(as_text=True))
    assert url
    ben = signed_in(outside, "ben")
    assert post_form(ben, url[1], {}, page="/tokens").status_code == 404


def test_an_owner_who_left_is_replaced_on_the_tokens_page(ada: FlaskClient) -> None:
    make(ada)
    url = re.search(r'href="(/tokens/tok_[^"]+)"', ada.get("/tokens").get_data(as_text=True))
    assert url
    page = ada.get(url[1]).get_data(as_text=True)
    seen = re.search(r'name="seen" value="(\w+)"', page)
    assert seen
    assert f'value="{ASKED["owner"]}"' in page
    wanted = {"owner": "Ben", "phone": "555 0199", "seen": seen[1]}
    assert post_form(ada, url[1], {**wanted, "phone": ""}, page=url[1]).status_code == 422
    assert post_form(ada, url[1], wanted, page=url[1]).status_code == 303
    assert "555 0199" in text_of(ada.get("/tokens"))
    stale = post_form(ada, url[1], {**wanted, "owner": "Cleo"}, page=url[1])
    assert stale.status_code == 409
    assert 'value="Cleo"' in text_of(stale)


def test_a_token_that_is_not_ones_own_has_no_page(outside: Outside, ada: FlaskClient) -> None:
    make(ada)
    url = re.search(r'href="(/tokens/tok_[^"]+)"', ada.get("/tokens").get_data(as_text=True))
    assert url
    assert signed_in(outside, "ben").get(url[1]).status_code == 404
