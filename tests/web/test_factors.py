"""The pages of second factors: adding an app, signing in with it, losing it."""

from __future__ import annotations

import re

from flask.testing import FlaskClient

from tests.conftest import Staff
from tests.people import PASSWORD, next_code
from tests.web.client import make_client, post_form, sign_in
from webapp.adapters.outside import Outside
from webapp.services.sessions import LONGEST_SECONDS


def enter(outside: Outside, name: str = "kim") -> FlaskClient:
    client = make_client(outside)
    assert sign_in(client, name).location == "/"
    return client


def add_app(outside: Outside, client: FlaskClient) -> list[str]:
    """The app is added over the pages; returns the recovery codes."""
    answer = post_form(client, "/profile/factors/app", {"name": "My phone", "password": PASSWORD}, page="/profile")
    assert answer.status_code == 303
    page = client.get(answer.location).get_data(as_text=True)
    secret = re.sub(r"\s", "", re.search(r"(?:[A-Z2-7]{4} ){7}[A-Z2-7]{4}", page)[0])  # type: ignore[index]
    import pyotp

    code = pyotp.TOTP(secret).at(outside.now())
    assert post_form(client, answer.location, {"code": "000000"}, page=answer.location).status_code == 422
    done = post_form(client, answer.location, {"code": code}, page=answer.location)
    return re.findall(r"<code>([a-z2-7-]{19})</code>", done.get_data(as_text=True))


def test_an_app_is_added_and_asked_for_from_then_on(outside: Outside, staff: Staff) -> None:
    client = enter(outside)
    assert "You have none: your password alone signs you in." in client.get("/profile").get_data(as_text=True)
    codes = add_app(outside, client)
    assert len(codes) == 10
    assert "Signing in takes your password and one of these." in client.get("/profile").get_data(as_text=True)
    other = make_client(outside)
    answer = post_form(other, "/sign-in", {"email": "kim@example.org", "password": PASSWORD})
    assert answer.location == "/sign-in/second-factor"
    assert other.get("/").location == "/sign-in"
    wrong = post_form(other, answer.location, {"code": "000000"}, page=answer.location)
    assert wrong.status_code == 401
    assert "wrong or was used already" in wrong.get_data(as_text=True)
    right = {"code": next_code(outside, staff.ids["kim"])}
    assert post_form(other, answer.location, right, page=answer.location).location == "/"
    assert other.get("/").status_code == 200


def test_the_second_step_without_the_first_leads_back(outside: Outside, staff: Staff) -> None:
    client = make_client(outside)
    assert client.get("/sign-in/second-factor").location == "/sign-in"
    assert post_form(client, "/sign-in/second-factor", {"code": "000000"}).location == "/sign-in"


def test_an_app_is_revoked_with_a_recovery_code(outside: Outside, staff: Staff) -> None:
    client = enter(outside)
    codes = add_app(outside, client)
    page = client.get("/profile").get_data(as_text=True)
    url = re.search(r'action="(/profile/factors/\w+/revoke)"', page)[1]  # type: ignore[index]
    answer = post_form(client, url, {"password": PASSWORD, "code": codes[3]}, page="/profile")
    assert answer.status_code == 303
    assert sign_in(make_client(outside), "kim").location == "/"


def test_a_physician_reads_whether_they_can_sign_here(outside: Outside, staff: Staff) -> None:
    page = enter(outside, "osei").get("/profile").get_data(as_text=True)
    assert (
        "Clinical (clinician-facing): yes, confirmed by the server after your password and one-time code (L1)." in page
    )
    assert "not yet: it is signed with your passkey" in page
    assert "you are none here" in enter(outside, "kim").get("/profile").get_data(as_text=True)


def test_a_waiting_cookie_is_no_session(outside: Outside, staff: Staff) -> None:
    client = make_client(outside)
    post_form(client, "/sign-in", {"email": "osei@example.org", "password": PASSWORD})
    for url in ("/", "/profile", "/changes"):
        assert client.get(url).location == "/sign-in"
    assert LONGEST_SECONDS > 300
