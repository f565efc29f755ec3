"""A person's own page."""

from __future__ import annotations

import html

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.conftest import Staff
from tests.people import PASSWORD
from tests.web.client import make_client, post_form, sign_in
from webapp.adapters.outside import Outside

NEW = "seven calm otters at noon"
CHANGE = {"present": PASSWORD, "new": NEW, "again": NEW}


@pytest.fixture
def osei(outside: Outside, staff: Staff) -> FlaskClient:
    client = make_client(outside)
    sign_in(client, "osei")
    return client


def text_of(answer: TestResponse) -> str:
    return html.unescape(answer.get_data(as_text=True))


def session_id(client: FlaskClient) -> str:
    with client.session_transaction() as cookie:
        return str(cookie["_user_id"])


def test_the_page_shows_what_stands_on_signatures(osei: FlaskClient) -> None:
    page = text_of(osei.get("/profile"))
    assert 'value="MD"' in page
    assert "Roles: physician." in page
    assert "Confirmed on 2 March 2026, 09:00 UTC." in page


def test_new_words_wait_for_confirmation(osei: FlaskClient) -> None:
    words = {"title": "Professor", "credentials": "MD, PhD", "specialty": ""}
    answer = post_form(osei, "/profile/credentials", words, page="/profile")
    assert answer.status_code == 303
    page = text_of(osei.get("/profile"))
    assert "An administrator has to confirm these words" in page
    assert "Not confirmed yet." in page


@pytest.mark.parametrize(
    ("words", "status", "sentence"),
    [
        ({"title": "x" * 121, "credentials": "MD", "specialty": ""}, 422, "At most 120 characters."),
        ({"title": "Dr.", "credentials": "MD\u202e", "specialty": ""}, 422, "plain characters"),
        ({"title": "Dr.", "credentials": "MD", "specialty": ""}, 409, "already; nothing was changed"),
    ],
)
def test_words_that_do_not_do_are_refused_and_kept(
    osei: FlaskClient, words: dict[str, str], status: int, sentence: str
) -> None:
    answer = post_form(osei, "/profile/credentials", words, page="/profile")
    assert answer.status_code == status
    assert sentence in text_of(answer)
    assert f'value="{words["title"]}"' in text_of(answer)
    assert "Confirmed on" in text_of(osei.get("/profile"))


def test_a_new_password_renews_this_session_and_ends_the_others(osei: FlaskClient, outside: Outside) -> None:
    elsewhere = make_client(outside)
    sign_in(elsewhere, "osei")
    before = session_id(osei)
    assert post_form(osei, "/profile/password", CHANGE, page="/profile").status_code == 303
    assert session_id(osei) != before
    assert osei.get("/profile").status_code == 200
    assert elsewhere.get("/profile").headers["Location"] == "/sign-in"
    stolen = make_client(outside)
    with stolen.session_transaction() as cookie:
        cookie["_user_id"] = before
    assert stolen.get("/profile").status_code == 303


@pytest.mark.parametrize(
    ("changes", "status", "sentence"),
    [
        ({"present": "a wrong battery staple"}, 403, "This is not your present password"),
        ({"again": "something else again"}, 422, "The two new passwords differ"),
        ({"new": "short", "again": "short"}, 422, "12 to 200 characters"),
        ({"new": PASSWORD, "again": PASSWORD}, 422, "is the present one"),
        ({"present": ""}, 422, "Enter your present password."),
    ],
)
def test_a_password_that_does_not_do_changes_nothing(
    osei: FlaskClient, outside: Outside, changes: dict[str, str], status: int, sentence: str
) -> None:
    answer = post_form(osei, "/profile/password", {**CHANGE, **changes}, page="/profile")
    assert answer.status_code == status
    assert sentence in text_of(answer)
    assert sign_in(make_client(outside), "osei").status_code == 303


def test_an_act_confirmed_by_password_renews_the_session(outside: Outside, staff: Staff) -> None:
    client = make_client(outside)

    @client.application.post("/act-with-password")
    def act() -> tuple[str, int, dict[str, str]]:
        return "", 303, {"Location": "/profile"}

    sign_in(client, "kim")
    before = session_id(client)
    post_form(client, "/act-with-password", {"reason": "no password asked"}, page="/profile")
    assert session_id(client) == before
    post_form(client, "/act-with-password", {"password": PASSWORD}, page="/profile")
    assert session_id(client) != before
    assert client.get("/profile").status_code == 200
