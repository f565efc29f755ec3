"""The page of the staffing check, and its warning at submission."""

from __future__ import annotations

from tests.conftest import Staff
from tests.web.test_rollout import client_of, text_of
from webapp.adapters.outside import Outside


def test_administrators_see_who_is_missing(outside: Outside, staff: Staff) -> None:
    page = text_of(client_of(outside, "ruth"), "/people/staffing")
    for words in ("cannot be done by anybody here today", "Lund: no passkey", "Kim, Lee, Moss", "Sign-off"):
        assert words in page
    assert client_of(outside, "kim").get("/people/staffing").status_code == 403
    assert "/people/staffing" in text_of(client_of(outside, "ruth"), "/people")


def test_an_author_is_warned_before_submitting(outside: Outside, staff: Staff) -> None:
    page = text_of(client_of(outside, "ada"), "/changes/new")
    assert "nobody can do it today" in page
