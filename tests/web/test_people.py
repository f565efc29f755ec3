"""The pages of people, and joining by a link."""

from __future__ import annotations

import html
import logging
import re

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.conftest import Clock, Staff
from tests.web.client import make_client, post_form, sign_in
from webapp.adapters.outside import Outside

NEW = "seven calm otters at noon"
EVE = {"name": "Eve Adler", "email": "eve@example.org", "roles": ["informaticist"]}


@pytest.fixture
def client(outside: Outside, staff: Staff) -> FlaskClient:
    client = make_client(outside)
    sign_in(client, "ruth")
    return client


def send(client: FlaskClient, url: str, fields: dict[str, object] | None = None) -> TestResponse:
    return post_form(client, url, fields or {}, page="/people")


def link_of(answer: TestResponse) -> str:
    found = re.search(r'value="http://localhost:8000(/join/[^"]+)"', answer.get_data(as_text=True))
    assert found
    return found[1]


def text_of(answer: TestResponse) -> str:
    return html.unescape(answer.get_data(as_text=True))


def test_an_administrator_invites_and_the_person_joins_and_signs_in(client: FlaskClient, outside: Outside) -> None:
    answer = send(client, "/people", EVE)
    assert answer.status_code == 201
    assert "shown only now" in text_of(answer)
    link = link_of(answer)
    assert link not in text_of(client.get("/people"))
    eve = make_client(outside)
    page = eve.get(link)
    assert "Welcome, Eve Adler" in text_of(page)
    joined = post_form(eve, link, {"new": NEW, "again": NEW}, page=link)
    assert (joined.status_code, joined.headers["Location"]) == (303, "/sign-in")
    assert sign_in(eve, "eve", NEW).status_code == 303
    assert "Eve Adler" in text_of(eve.get("/profile"))
    used = make_client(outside).get(link)
    assert used.status_code == 409
    assert "used already" in text_of(used)


def test_an_old_link_and_an_unknown_one_say_what_to_do(client: FlaskClient, outside: Outside, clock: Clock) -> None:
    link = link_of(send(client, "/people", EVE))
    clock.forward(days=8)
    stranger = make_client(outside)
    assert stranger.get(link).status_code == 409
    assert "ask an administrator for a new one" in text_of(stranger.get(link))
    unknown = stranger.get("/join/nothing")
    assert unknown.status_code == 404
    assert "copied whole" in text_of(unknown)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"new": "short", "again": "short"}, "12 to 200 characters"),
        ({"new": NEW, "again": NEW + "!"}, "The two passwords differ"),
        ({"new": "", "again": ""}, "Choose a password."),
    ],
)
def test_a_first_password_that_does_not_do_is_said_on_the_page(
    client: FlaskClient, outside: Outside, fields: dict[str, str], sentence: str
) -> None:
    link = link_of(send(client, "/people", EVE))
    eve = make_client(outside)
    answer = post_form(eve, link, fields, page=link)
    assert answer.status_code == 422
    assert sentence in text_of(answer)
    assert post_form(eve, link, {"new": NEW, "again": NEW}, page=link).status_code == 303


@pytest.mark.parametrize(
    ("changes", "status", "sentence"),
    [
        ({"name": ""}, 422, "Write the person's name."),
        ({"email": "eve"}, 422, "Write a whole mail address"),
        ({"roles": []}, 422, "Choose at least one role"),
        ({"roles": ["king"]}, 422, "king"),
        ({"roles": ["administrator", "physician"]}, 403, "Administrators hold no deciding role"),
        ({"email": "kim@example.org"}, 409, "is here already"),
    ],
)
def test_a_refused_invitation_keeps_what_was_typed(
    client: FlaskClient, changes: dict[str, object], status: int, sentence: str
) -> None:
    answer = send(client, "/people", {**EVE, **changes})
    assert answer.status_code == status
    assert sentence in text_of(answer)
    kept = {**EVE, **changes}
    assert f'value="{kept["name"] or kept["email"]}"' in text_of(answer)


def test_roles_are_given_and_taken_on_the_persons_page(client: FlaskClient, staff: Staff) -> None:
    url = f"/people/{staff.ids['ada']}"
    assert "Make auditor" in text_of(client.get(url))
    answer = send(client, f"{url}/roles/grant", {"role": "auditor"})
    assert (answer.status_code, answer.headers["Location"]) == (303, url)
    assert "Take away: auditor" in text_of(client.get(url))
    assert send(client, f"{url}/roles/revoke", {"role": "auditor"}).status_code == 303
    assert "Take away: auditor" not in text_of(client.get(url))


def test_a_role_that_does_not_go_together_is_refused_in_words(client: FlaskClient, staff: Staff) -> None:
    url = f"/people/{staff.ids['kim']}"
    assert "Make administrator" not in text_of(client.get(url))
    answer = send(client, f"{url}/roles/grant", {"role": "administrator"})
    assert answer.status_code == 403
    assert "Administrators hold no deciding role" in text_of(answer)


def test_a_taken_role_counts_at_the_next_request(client: FlaskClient, outside: Outside, staff: Staff) -> None:
    sam = make_client(outside)
    sign_in(sam, "sam")
    assert sam.get("/people").status_code == 200
    send(client, f"/people/{staff.ids['sam']}/roles/revoke", {"role": "administrator"})
    assert sam.get("/people").status_code == 403


def test_somebody_deactivated_is_out_and_can_come_back(client: FlaskClient, outside: Outside, staff: Staff) -> None:
    ada = make_client(outside)
    sign_in(ada, "ada")
    url = f"/people/{staff.ids['ada']}"
    assert send(client, f"{url}/deactivate").status_code == 303
    assert ada.get("/profile").headers["Location"] == "/sign-in"
    assert sign_in(ada, "ada").status_code == 401
    assert "Deactivated" in text_of(client.get(url))
    assert send(client, f"{url}/reactivate").status_code == 303
    assert sign_in(ada, "ada").status_code == 303


def test_one_cannot_deactivate_oneself_and_is_told_so(client: FlaskClient, staff: Staff) -> None:
    url = f"/people/{staff.ids['ruth']}"
    assert "You cannot deactivate yourself" in text_of(client.get(url))
    assert send(client, f"{url}/deactivate").status_code == 403


def test_credentials_are_confirmed_as_they_were_shown(client: FlaskClient, outside: Outside, staff: Staff) -> None:
    osei = make_client(outside)
    sign_in(osei, "osei")
    words = {"title": "Professor", "credentials": "MD, PhD", "specialty": "Cardiology"}
    assert post_form(osei, "/profile/credentials", words, page="/profile").status_code == 303
    url = f"/people/{staff.ids['osei']}"
    page = text_of(client.get(url))
    assert "Professor, MD, PhD, Cardiology" in page
    digest = re.search(r'name="expected_digest" value="([0-9a-f]{64})"', page)
    assert digest
    post_form(osei, "/profile/credentials", {**words, "credentials": "Everything"}, page="/profile")
    stale = send(client, f"{url}/confirm", {"expected_digest": digest[1]})
    assert stale.status_code == 409
    fresh = re.search(r'name="expected_digest" value="([0-9a-f]{64})"', text_of(client.get(url)))
    assert fresh
    assert send(client, f"{url}/confirm", {"expected_digest": fresh[1]}).status_code == 303
    assert "by Ruth" in text_of(client.get(url))


def test_a_new_link_replaces_the_old_one(client: FlaskClient, outside: Outside) -> None:
    first = send(client, "/people", EVE)
    person = re.search(r'href="(/people/per_[^"]+)"', first.get_data(as_text=True))
    assert person
    second = send(client, f"{person[1]}/link")
    assert second.status_code == 201
    assert make_client(outside).get(link_of(first)).status_code == 409
    assert make_client(outside).get(link_of(second)).status_code == 200


def test_an_auditor_reads_people_and_is_offered_nothing(client: FlaskClient, outside: Outside, staff: Staff) -> None:
    quinn = make_client(outside)
    sign_in(quinn, "quinn")
    listed, person = quinn.get("/people"), quinn.get(f"/people/{staff.ids['ada']}")
    assert (listed.status_code, person.status_code) == (200, 200)
    for page in (text_of(listed), text_of(person)):
        assert "Invite somebody" not in page
        assert "Deactivate" not in page
    answer = post_form(quinn, "/people", EVE, page="/people")
    assert answer.status_code == 403
    assert "Your roles do not let you manage people; ask an administrator." in text_of(answer)


@pytest.mark.parametrize("name", ["ada", "kim", "osei"])
def test_the_wrong_role_is_told_why(outside: Outside, staff: Staff, name: str) -> None:
    client = make_client(outside)
    sign_in(client, name)
    answer = client.get("/people")
    assert answer.status_code == 403
    assert "Your roles do not let you read people; ask an administrator." in text_of(answer)


def test_names_are_shown_as_text(client: FlaskClient) -> None:
    send(client, "/people", {**EVE, "name": "<script>alert(1)</script>"})
    page = client.get("/people").get_data(as_text=True)
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_no_link_and_no_password_goes_to_the_logs(
    client: FlaskClient, outside: Outside, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        link = link_of(send(client, "/people", EVE))
        eve = make_client(outside)
        post_form(eve, link, {"new": NEW, "again": NEW}, page=link)
        sign_in(eve, "eve", NEW)
    assert link.removeprefix("/join/") not in caplog.text
    assert NEW not in caplog.text
