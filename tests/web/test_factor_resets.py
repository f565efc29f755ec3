"""The pages of a reset: taking away, enrolling anew with nothing else open, confirming as the second person."""

from __future__ import annotations

import html
import re

from flask.testing import FlaskClient

from tests.conftest import Staff
from tests.people import PASSWORD, add_app, next_code
from tests.web.client import make_client, post_form, sign_in
from tests.web.test_factors import add_app as add_app_over_pages
from webapp.adapters.outside import Outside


def enter(outside: Outside, name: str) -> FlaskClient:
    client = make_client(outside)
    assert sign_in(client, name).status_code == 303
    return client


def text(client: FlaskClient, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200, answer.status_code
    return html.unescape(re.sub(r"\s+", " ", answer.get_data(as_text=True)))


def test_the_whole_way_from_a_lost_phone_to_the_next_signature(outside: Outside, staff: Staff) -> None:
    osei = staff.ids["osei"]
    url = f"/people/{osei}/second-factors/take-away"
    before, ruth = enter(outside, "osei"), enter(outside, "ruth")
    assert "take away the second factors" in text(ruth, f"/people/{osei}")
    page = text(ruth, url)
    assert "This is how somebody could take over an account" in page
    assert "It can then be confirmed by: Quinn, Sam." in page
    wrong = post_form(ruth, url, {"password": "a wrong battery staple"}, page=url)
    assert wrong.status_code == 422
    assert post_form(ruth, url, {"password": PASSWORD}, page=url).status_code == 303
    assert before.get("/").location == "/sign-in"
    assert "signs nothing until a second person confirms" in text(ruth, f"/people/{osei}")

    again = make_client(outside)
    assert post_form(again, "/sign-in", {"email": "osei@example.org", "password": PASSWORD}).location == "/profile"
    for closed in ("/", "/changes", "/prompts", "/ledger"):
        assert again.get(closed).location == "/profile#factors"
    page = text(again, "/profile")
    assert "Add one here first; then everything else is open to you again." in page
    assert 'href="/changes"' not in page
    assert len(add_app_over_pages(outside, again)) == 10
    assert again.get("/").status_code == 200
    assert "You sign nothing until a second person confirms that it is yours" in text(again, "/profile")

    confirm = f"/people/{osei}/second-factors/confirm"
    assert "You took the second factors away, so a second person has to confirm it" in text(ruth, confirm)
    add_app(outside, staff.ids["quinn"])
    quinn = enter(outside, "quinn")
    inbox = text(quinn, "/")
    assert "Waiting for me: 1" in inbox
    assert f'href="{confirm}"' in inbox
    page = quinn.get(confirm).get_data(as_text=True)
    assert "My phone" in page
    assert "I spoke with this person myself" in page
    digest = re.search(r'name="expected_digest"\s+value="([0-9a-f]{64})"', page)[1]  # type: ignore[index]
    alone = post_form(quinn, confirm, {"expected_digest": digest, "password": PASSWORD}, page=confirm)
    assert alone.status_code == 422
    assert "nothing less is accepted" in alone.get_data(as_text=True)
    wrong = post_form(quinn, confirm, {"expected_digest": digest, "password": "x"}, page=confirm)
    assert "This is not your password" in wrong.get_data(as_text=True)
    fields = {"expected_digest": digest, "password": PASSWORD, "code": next_code(outside, staff.ids["quinn"])}
    done = post_form(quinn, confirm, fields, page=confirm)
    assert (done.status_code, done.location) == (303, f"/people/{osei}")
    assert "the new ones confirmed by Quinn" in text(quinn, f"/people/{osei}")
    assert "Waiting for me: 0" in text(quinn, "/")
    assert quinn.get(confirm).status_code == 404
    assert "signs you in as well" not in text(again, "/profile")


def test_nobody_but_an_administrator_sees_the_way_to_take_away(outside: Outside, staff: Staff) -> None:
    url = f"/people/{staff.ids['osei']}/second-factors/take-away"
    quinn = enter(outside, "quinn")
    assert "take-away" not in text(quinn, f"/people/{staff.ids['osei']}")
    assert quinn.get(url).status_code == 403
    assert enter(outside, "kim").get(url).status_code == 403


def test_the_second_step_of_signing_in_says_what_to_do_when_all_is_lost(outside: Outside, staff: Staff) -> None:
    client = make_client(outside)
    post_form(client, "/sign-in", {"email": "osei@example.org", "password": PASSWORD})
    page = text(client, "/sign-in/second-factor")
    assert "Call an administrator: they take your second factors away" in page
    assert "A recovery code signs you in as well" in page
