"""Errors as answers: a sentence with a status, as page or as JSON, never a traceback."""

from __future__ import annotations

import html

import pytest
from flask.testing import FlaskClient

from tests.conftest import Staff
from tests.people import PASSWORD
from tests.web.client import make_client, post_form, sign_in
from webapp import errors
from webapp.adapters.outside import Outside

CASES = [
    (errors.InvalidInput("It is too long; shorten it."), 422),
    (errors.Refused("You wrote it yourself; ask somebody else."), 403),
    (errors.NotFound("It is not there; look in the list."), 404),
    (errors.Stale("It is older; load it again."), 409),
    (errors.Conflict("It collides; load it again."), 409),
    (errors.TooMany("Too many; wait.", details={"retry_after_seconds": 7}), 429),
    (errors.Unavailable("It does not answer; try again."), 503),
]


@pytest.fixture
def client(outside: Outside, staff: Staff) -> FlaskClient:
    return make_client(outside)


def fail_with(client: FlaskClient, url: str, error: Exception) -> None:
    def fail() -> str:
        raise error

    client.application.add_url_rule(url, url, fail, methods=["GET", "POST"])


@pytest.mark.parametrize(("error", "status"), CASES, ids=lambda case: getattr(case, "code", str(case)))
def test_every_error_of_ours_is_a_page_with_its_sentence(
    client: FlaskClient, error: errors.FormularyError, status: int
) -> None:
    fail_with(client, "/failing", error)
    answer = client.get("/failing")
    assert answer.status_code == status
    assert error.sentence in html.unescape(answer.get_data(as_text=True))
    assert "<h1></h1>" not in answer.get_data(as_text=True)


def test_only_a_change_that_is_there_is_offered_again(client: FlaskClient) -> None:
    assert sign_in(client, "ada").status_code == 303
    answer = client.get("/changes/none").get_data(as_text=True)
    assert "There is no such change" in answer
    assert "Load the change again" not in answer


@pytest.mark.parametrize(("error", "status"), CASES, ids=lambda case: getattr(case, "code", str(case)))
def test_programs_get_the_one_shape_of_errors(client: FlaskClient, error: errors.FormularyError, status: int) -> None:
    fail_with(client, "/api/v1/failing", error)
    answer = client.get("/api/v1/failing")
    assert answer.status_code == status
    assert answer.json == {"error": {"code": error.code, "message": error.sentence, "details": error.details}}
    assert answer.headers.get("Retry-After") == ("7" if status == 429 else None)


def test_what_nobody_foresaw_says_nothing_of_the_inside(client: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    fail_with(client, "/broken", ValueError("secret inside"))
    answer = client.get("/broken")
    assert answer.status_code == 500
    assert "secret inside" not in answer.get_data(as_text=True)
    assert "Something went wrong on our side" in answer.get_data(as_text=True)
    assert "unforeseen ValueError" in caplog.text


@pytest.mark.parametrize(("method", "url", "status"), [("get", "/no-such-page", 404), ("put", "/sign-in", 405)])
def test_what_flask_refuses_is_a_sentence_too(client: FlaskClient, method: str, url: str, status: int) -> None:
    answer = getattr(client, method)(url)
    assert answer.status_code == status
    assert "<h1>" in answer.get_data(as_text=True)


def test_a_form_without_its_token_is_said_to_be_too_old(client: FlaskClient) -> None:
    answer = client.post("/sign-in", data={"email": "kim@example.org", "password": PASSWORD})
    assert answer.status_code == 400
    assert "This form is too old or was opened in another session" in answer.get_data(as_text=True)


def test_a_token_of_another_session_is_refused(client: FlaskClient, outside: Outside) -> None:
    other = make_client(outside)
    page = other.get("/sign-in").get_data(as_text=True)
    foreign = page.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]
    client.get("/sign-in")
    answer = client.post("/sign-in", data={"csrf_token": foreign, "email": "kim@example.org", "password": PASSWORD})
    assert answer.status_code == 400


def test_a_wrong_password_in_an_act_signs_nobody_out(client: FlaskClient) -> None:
    fail_with(client, "/act", errors.NotSignedIn("Mail address or password is wrong."))
    sign_in(client, "kim")
    answer = post_form(client, "/act", {"password": "a wrong battery staple"}, page="/profile")
    assert answer.status_code == 403
    assert "This is not your password; nothing was changed." in answer.get_data(as_text=True)
    assert client.get("/profile").status_code == 200
