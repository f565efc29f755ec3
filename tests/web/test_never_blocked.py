"""Holding and rolling back on the main site wait for nothing but the database; without that, every page leads to the emergency page."""

from __future__ import annotations

import html
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from tests import rollouts as r
from tests.conftest import Clock, SilentQueue, Staff
from tests.people import PASSWORD
from tests.stages import change_in, stage_of
from tests.store.test_sealing import silent
from tests.web.client import make_client, post_form, sign_in
from webapp.adapters.notary.client import Notary
from webapp.adapters.outside import Outside
from webapp.errors import Conflict

LINK = 'href="http://localhost:8001/emergency"'


def sent(client: FlaskClient, outside: Outside, change_id: str, move: str) -> int:
    """The form on the rollout page is sent with a reason and a password, and no code; the status of the answer."""
    page = f"/changes/{change_id}/rollout"
    fields = {"expected_digest": r.digest(outside, change_id), "mode": "live", "reason": "Odd.", "password": PASSWORD}
    return post_form(client, f"/changes/{change_id}/moves/{move}", fields, page).status_code


def test_hold_and_roll_back_wait_neither_for_notary_nor_queue_nor_policy_nor_second_factor(
    outside: Outside, staff: Staff
) -> None:
    change_id = r.second(outside, staff)
    down = replace(outside, notary=Notary(silent), queue=SilentQueue(is_up=False))
    client = make_client(down)
    sign_in(client, "osei")
    assert sent(client, outside, change_id, "hold") == 303, "with a password, though Osei has an authenticator app"
    assert r.serve(outside, next(r.inside_units(outside, change_id)))["arm"] == "live"
    r.resume(outside, staff, change_id)
    r.tamper(outside, "UPDATE policies SET content = x'7b'")
    assert sent(client, outside, change_id, "hold") == 303, "whatever became of the policy"
    with pytest.raises(Conflict, match="Only hold and roll back are open") as refused:
        r.resume(outside, staff, change_id)
    assert refused.value.code == "policy_damaged"
    r.tamper(outside, "UPDATE revisions SET policy_sha256 = :none", none="0" * 64)
    r.tamper(outside, "DELETE FROM policies")
    assert sent(client, outside, change_id, "roll_back") == 303
    assert stage_of(outside, change_id) == "rolled_back"


def spoil(outside: Outside) -> None:
    """The database's file is no database any more."""
    outside.database.close()
    outside.settings.var_dir.joinpath("formulary.sqlite").write_bytes(b"no database " * 2_000)
    for beside in outside.settings.var_dir.glob("formulary.sqlite-*"):
        beside.unlink()


def take_place_of(outside: Outside) -> None:
    """Where the database's file was there is a folder."""
    outside.database.close()
    for path in outside.settings.var_dir.glob("formulary.sqlite*"):
        path.unlink()
    outside.settings.var_dir.joinpath("formulary.sqlite").mkdir()


@pytest.mark.parametrize("take_down", [spoil, take_place_of])
def test_every_page_that_cannot_be_shown_without_the_database_leads_to_the_emergency_page(
    outside: Outside, staff: Staff, take_down: Callable[[Outside], None]
) -> None:
    assert staff.ids
    client = make_client(outside)
    sign_in(client, "kim")
    take_down(outside)
    for path in ("/", "/changes", "/prompts", "/no-such-page"):
        answer = client.get(path)
        assert answer.status_code in (500, 503)
        page = html.unescape(answer.get_data(as_text=True))
        assert f'<a class="button" {LINK}>Stop or hold a prompt on the emergency page</a>' in page


def test_on_a_log_that_was_rewound_and_with_a_moved_clock_pages_lead_there_too(
    outside: Outside, staff: Staff, clock: Clock
) -> None:
    change_in(outside, staff, "evaluation")
    client = make_client(outside)
    assert LINK in client.get("/sign-in").get_data(as_text=True), "at the foot of every page"
    r.tamper(outside, "UPDATE log_state SET size = 6")
    r.tamper(outside, "DELETE FROM ledger_leaves WHERE seq > 5")
    clock.forward(seconds=11)
    answer = make_client(outside).get("/sign-in")
    assert answer.status_code == 503
    assert LINK in answer.get_data(as_text=True)


def test_where_delivery_runs_elsewhere_the_setting_says_so(outside: Outside) -> None:
    settings = replace(outside.settings, delivery_url="https://delivery.example.org")
    client = make_client(replace(outside, settings=settings))
    assert 'href="https://delivery.example.org/emergency"' in client.get("/sign-in").get_data(as_text=True)
