"""The pages that say what was live: a moment in UTC, nothing as an answer, the history of a prompt."""

from __future__ import annotations

import pytest

from tests import rollouts as r
from tests.conftest import Clock, Staff
from tests.stages import change_in
from tests.web.client import make_client
from tests.web.test_rollout import client_of, text_of
from webapp.adapters.outside import Outside


def test_a_moment_shows_what_was_served_and_who_signed(outside: Outside, staff: Staff, clock: Clock) -> None:
    clock.forward(days=1)
    r.live_first(outside, staff)
    clock.forward(days=1)
    quinn = client_of(outside, "quinn")
    page = text_of(quinn, "/live")
    for words in ("Version 1 (1.0)", "Osei, MD", "approval", "until now", "Date and time, UTC", 'aria-current="page"'):
        assert words in page
    assert "had no prompt of this name yet" in text_of(quinn, "/live?at=2026-03-02T12:00")
    assert "still to come" in text_of(quinn, "/live?at=2030-01-01T00:00")
    assert "Version 1 (1.0)" in text_of(quinn, f"/live/{r.NAME}")
    assert quinn.get("/live/no-such-prompt").status_code == 404


def test_an_empty_formulary_says_so(outside: Outside, staff: Staff) -> None:
    assert "holds no prompt" in text_of(client_of(outside, "quinn"), "/live")


def test_a_prompt_that_never_was_live_has_an_empty_history(outside: Outside, staff: Staff) -> None:
    change_in(outside, staff, "review")
    assert "Nothing was ever live" in text_of(client_of(outside, "quinn"), f"/live/{r.NAME}")


@pytest.mark.parametrize("at", ["yesterday", "2026-13-02T10:00", "0001-01-01T00:00", "%00", "9999-12-31T23:59"])
def test_a_moment_that_is_none_is_a_sentence(outside: Outside, staff: Staff, at: str) -> None:
    answer = client_of(outside, "quinn").get(f"/live?at={at}")
    assert answer.status_code == 422
    assert "in UTC" in answer.get_data(as_text=True)


def test_strangers_are_asked_to_sign_in(outside: Outside) -> None:
    assert make_client(outside).get("/live").status_code == 303
