"""The pages of people and roles through time."""

from __future__ import annotations

from tests.conftest import Clock, Staff
from tests.web.test_rollout import client_of, text_of
from webapp.adapters.outside import Outside
from webapp.services import people


def test_an_auditor_asks_who_was_what_then(outside: Outside, staff: Staff, clock: Clock) -> None:
    clock.forward(days=1)
    people.grant_role(outside, staff.act_as("ruth"), staff.ids["ada"], "physician")
    quinn = client_of(outside, "quinn")
    page = text_of(quinn, "/ledger/people?role=physician")
    for words in ("Ada", "given by Ruth", "could not sign", "credentials not confirmed", "policy version 1"):
        assert words in page
    assert "Nobody" in text_of(quinn, "/ledger/people?at=2026-03-01T00:00&role=physician")
    history = text_of(quinn, f"/ledger/people/{staff.ids['ada']}")
    assert "gave" in history
    assert "says something else than the audit log" in history
    assert quinn.get("/ledger/people/per_none").status_code == 404
    assert quinn.get("/ledger/people?at=x").status_code == 422


def test_others_are_refused(outside: Outside, staff: Staff) -> None:
    assert client_of(outside, "kim").get("/ledger/people").status_code == 403
