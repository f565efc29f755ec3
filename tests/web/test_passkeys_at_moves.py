"""The passkey button at every signed move: the form is asked about, the answer signs, and without one the password does."""

from __future__ import annotations

import json
import re

import pytest
from flask.testing import FlaskClient

from tests import rollouts as r
from tests.conftest import Staff
from tests.passkeys import SoftPasskey, add_passkey
from tests.stages import change_in
from tests.web.client import make_client, post_form, sign_in
from webapp.adapters.outside import Outside


@pytest.fixture
def key(outside: Outside, staff: Staff) -> SoftPasskey:
    return add_passkey(outside, staff.ids["osei"])


@pytest.fixture
def client(outside: Outside, staff: Staff) -> FlaskClient:
    client = make_client(outside)
    sign_in(client, "osei")
    return client


def buttons(client: FlaskClient, url: str) -> list[str]:
    """Where the passkey buttons of this page ask."""
    return re.findall(r'data-passkey-url="([^"]+)"', client.get(url).get_data(as_text=True))


def test_a_hold_is_signed_with_a_passkey(outside: Outside, staff: Staff, client: FlaskClient, key: SoftPasskey) -> None:
    change_id = r.started(outside, staff)
    page = f"/changes/{change_id}/rollout"
    asks = [f"/changes/{change_id}/moves/{name}/passkey" for name in ("hold", "roll_back")]
    assert buttons(client, page) == asks
    form = {"expected_digest": r.digest(outside, change_id), "mode": "live", "reason": "Odd notes."}
    asked = post_form(client, asks[0], form, page=page)
    assert asked.status_code == 200, asked.data
    given = key.answer(json.loads(asked.data)).passkey
    answer = post_form(client, f"/changes/{change_id}/moves/hold", {**form, "passkey": given}, page=page)
    assert answer.status_code == 303
    assert r.rollout_of(outside, change_id).state == "held"


def test_what_the_form_lacks_is_said_before_the_passkey_is_touched(
    outside: Outside, staff: Staff, client: FlaskClient, key: SoftPasskey
) -> None:
    change_id = r.started(outside, staff)
    url, page = f"/changes/{change_id}/moves/roll_back/passkey", f"/changes/{change_id}/rollout"
    asked = post_form(client, url, {"expected_digest": r.digest(outside, change_id), "reason": ""}, page=page)
    assert (asked.status_code, json.loads(asked.data)["error"]["message"]) == (403, "Write the reason.")
    old = post_form(client, url, {"expected_digest": "0" * 64, "reason": "Odd."}, page=page)
    assert old.status_code == 409


@pytest.mark.parametrize("name", ["start", "withdraw", "bless"])
def test_what_is_no_signed_act_is_asked_of_no_passkey(
    outside: Outside, staff: Staff, client: FlaskClient, key: SoftPasskey, name: str
) -> None:
    change_id = r.signed(outside, staff)
    asked = post_form(client, f"/changes/{change_id}/moves/{name}/passkey", {}, page=f"/changes/{change_id}/rollout")
    assert asked.status_code == 404


@pytest.mark.parametrize(("stage", "page"), [("review", "review"), ("signoff", "signoff"), ("rollout", "rollout")])
def test_without_a_passkey_no_button_stands_there(outside: Outside, staff: Staff, stage: str, page: str) -> None:
    change_id, client = change_in(outside, staff, stage), make_client(outside)
    sign_in(client, "moss")
    assert buttons(client, f"/changes/{change_id}/{page}") == []
    add_passkey(outside, staff.ids["moss"])
    assert bool(buttons(client, f"/changes/{change_id}/{page}")) is (stage != "rollout")


def test_a_stranger_is_asked_nothing(outside: Outside, staff: Staff) -> None:
    change_id, client = r.started(outside, staff), make_client(outside)
    answer = post_form(client, f"/changes/{change_id}/moves/hold/passkey", {}, page="/sign-in")
    assert (answer.status_code, answer.location) == (303, "/sign-in")
