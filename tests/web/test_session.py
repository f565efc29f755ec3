"""Signing in and out through the pages."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from flask.sessions import SecureCookieSessionInterface
from flask.testing import FlaskClient

from tests.conftest import Clock, Staff
from tests.people import PASSWORD
from tests.web.client import make_client, post_form, sign_in
from webapp.acts.lockout import FREE_ATTEMPTS
from webapp.adapters.outside import Outside
from webapp.adapters.store.database import Database
from webapp.adapters.store.schema import Person
from webapp.errors import Unavailable

PROTECTED = "/ledger"


@pytest.fixture
def client(outside: Outside, staff: Staff) -> FlaskClient:
    return make_client(outside)


def session_id(client: FlaskClient) -> str | None:
    with client.session_transaction() as cookie:
        return cookie.get("_user_id")


def is_signed_in(client: FlaskClient, **headers: str) -> bool:
    return client.get(PROTECTED, headers=headers).status_code == 200


def test_the_right_password_opens_the_first_page(client: FlaskClient) -> None:
    answer = sign_in(client, "kim")
    assert answer.status_code == 303
    page = client.get(PROTECTED).get_data(as_text=True)
    assert "Kim" in page
    assert "clinical informaticist" in page


def test_a_wrong_password_is_said_in_one_sentence_and_the_address_stays(client: FlaskClient) -> None:
    answer = sign_in(client, "kim", "a wrong battery staple")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 401
    assert "Mail address or password is wrong." in page
    assert "kim@example.org" in page
    assert "a wrong battery staple" not in page
    assert not is_signed_in(client)


def test_the_lock_out_is_said_in_seconds(client: FlaskClient) -> None:
    for _ in range(FREE_ATTEMPTS + 1):
        assert sign_in(client, "kim", "a wrong battery staple").status_code == 401
    answer = sign_in(client, "kim")
    assert answer.status_code == 429
    assert "Too many wrong passwords or codes; try again in 61 seconds." in answer.get_data(as_text=True)


@pytest.mark.parametrize("fields", [{"email": "", "password": PASSWORD}, {"email": "kim@example.org", "password": ""}])
def test_an_empty_field_is_named(client: FlaskClient, fields: dict[str, str]) -> None:
    answer = post_form(client, "/sign-in", fields)
    assert answer.status_code == 422
    assert re.search(r"Enter your (mail address|password)\.", answer.get_data(as_text=True))


@pytest.mark.parametrize("target", ["//evil.example", "/%09/evil.example", "https://evil.example", "\\\\evil.example"])
def test_nothing_in_the_request_says_where_signing_in_leads(client: FlaskClient, target: str) -> None:
    fields = {"email": "kim@example.org", "password": PASSWORD, "next": target}
    answer = post_form(client, f"/sign-in?next={target}", fields)
    assert answer.status_code == 303
    assert "evil" not in answer.headers["Location"]
    assert re.match(r"^/(?![/\\])", answer.headers["Location"])


def test_a_protected_page_sends_a_stranger_to_the_sign_in_page(client: FlaskClient) -> None:
    answer = client.get(f"{PROTECTED}?next=//evil.example")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in")


def test_signing_out_ends_the_session_also_for_a_kept_cookie(client: FlaskClient, outside: Outside) -> None:
    sign_in(client, "kim")
    kept = session_id(client)
    answer = post_form(client, "/sign-out", {}, page=PROTECTED)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in")
    assert not is_signed_in(client)
    with client.session_transaction() as cookie:
        cookie["_user_id"] = kept
    assert not is_signed_in(client)


def test_a_link_cannot_sign_anybody_out(client: FlaskClient) -> None:
    sign_in(client, "kim")
    assert client.get("/sign-out").status_code == 405
    assert client.post("/sign-out").status_code == 400
    assert is_signed_in(client)


def test_the_id_changes_at_sign_in_and_the_old_session_is_gone(client: FlaskClient) -> None:
    sign_in(client, "kim")
    first = session_id(client)
    second_answer = post_form(client, "/sign-in", {"email": "lee@example.org", "password": PASSWORD}, page=PROTECTED)
    assert second_answer.status_code == 303
    assert session_id(client) not in (None, first)
    with client.session_transaction() as cookie:
        cookie["_user_id"] = first
    assert not is_signed_in(client)


def test_a_cookie_signed_with_another_key_is_worth_nothing(client: FlaskClient, outside: Outside) -> None:
    sign_in(client, "kim")
    raw = session_id(client)
    stranger = make_client(replace(outside, keyring=replace(outside.keyring, cookie_key=b"\x09" * 32)))
    signer = SecureCookieSessionInterface().get_signing_serializer(stranger.application)
    assert signer is not None
    forged = make_client(outside)
    forged.set_cookie("formulary", signer.dumps({"_user_id": raw, "_fresh": True}))
    assert not is_signed_in(forged)
    own = SecureCookieSessionInterface().get_signing_serializer(client.application)
    assert own is not None
    forged.set_cookie("formulary", own.dumps({"_user_id": raw, "_fresh": True}))
    assert is_signed_in(forged)


def test_a_persons_id_in_the_cookie_is_no_session(client: FlaskClient, staff: Staff) -> None:
    with client.session_transaction() as cookie:
        cookie["_user_id"] = staff.ids["kim"]
    assert not is_signed_in(client)


def test_the_cookie_is_for_the_server_only_and_ends_with_the_browser(client: FlaskClient) -> None:
    cookie = sign_in(client, "kim").headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Expires" not in cookie
    assert "Max-Age" not in cookie


def test_the_cookie_travels_only_encrypted_where_the_site_does(outside: Outside, staff: Staff) -> None:
    encrypted = replace(outside, settings=replace(outside.settings, base_url="https://formulary.example.org"))
    assert "Secure" in make_client(encrypted).get("/sign-in").headers["Set-Cookie"]


def test_an_idle_session_ends_and_polling_does_not_help(client: FlaskClient, clock: Clock) -> None:
    sign_in(client, "kim")
    for _ in range(3):
        clock.forward(minutes=5)
        assert is_signed_in(client, **{"X-Polling": "1"})
    clock.forward(seconds=1)
    assert not is_signed_in(client)


def test_saying_that_one_is_here_keeps_the_session_and_the_forms(client: FlaskClient, clock: Clock) -> None:
    sign_in(client, "kim")
    clock.forward(minutes=14)
    answer = client.get("/stay")
    assert answer.status_code == 200
    clock.forward(minutes=14)
    posted = client.post("/sign-out", data={"csrf_token": answer.json["csrf_token"]})  # type: ignore[index]
    assert posted.status_code == 303


def test_a_person_deactivated_in_mid_session_is_out_at_the_next_request(
    client: FlaskClient, outside: Outside, staff: Staff
) -> None:
    sign_in(client, "kim")
    with outside.database.writing() as session:
        session.get_one(Person, staff.ids["kim"]).is_active = False
    assert not is_signed_in(client)


def test_somebody_signed_in_is_led_away_from_the_sign_in_page(client: FlaskClient) -> None:
    sign_in(client, "kim")
    assert client.get("/sign-in").status_code == 303


def test_a_database_that_does_not_answer_is_said_and_not_a_traceback(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in(client, "kim")

    def silent(self: Database) -> object:
        raise Unavailable("The database does not answer now; nothing was changed. Try again in a moment.")

    monkeypatch.setattr(Database, "reading", silent)
    answer = client.get(PROTECTED)
    assert answer.status_code == 503
    assert "The database does not answer now" in answer.get_data(as_text=True)
