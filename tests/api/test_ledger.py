"""The audit log by program: the filters of the page, pages by cursor, and nothing that was typed."""

from __future__ import annotations

import pytest

from tests import rollouts as r
from tests.api.caller import call_as
from tests.conftest import Staff
from tests.stages import change_in
from tests.whole_log import count_entries
from webapp.adapters.outside import Outside


def test_entries_come_newest_first_by_cursor_without_a_gap(outside: Outside, staff: Staff) -> None:
    change_in(outside, staff, "signoff")
    ada = call_as(outside, staff, "ada", "read")
    seen, cursor = list[int](), ""
    while True:
        page = ada.get(f"/api/v1/ledger?limit=7{cursor}").get_json()
        seen += [entry["seq"] for entry in page["entries"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert seen == list(range(count_entries(outside) - 1, -1, -1))


def test_an_entry_says_who_did_what_in_words_and_codes(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "rollout")
    page = call_as(outside, staff, "ada", "read").get("/api/v1/ledger?type=change.sign").get_json()
    (entry,) = page["entries"]
    assert page["total"] == 1
    assert entry["sentence"].startswith("Osei signed the release of the change “")
    assert (entry["actor"]["id"], entry["entity"]["id"]) == (staff.ids["osei"], change_id)
    assert (entry["before"], entry["after"], entry["prompt"]) == ("signoff", "rollout", r.NAME)
    assert entry["sealed_by"] > entry["seq"]


@pytest.mark.parametrize("query", ["cursor=x", "limit=0", "since=yesterday", "until=2026-99-01"])
def test_a_filter_that_is_none_is_refused(outside: Outside, staff: Staff, query: str) -> None:
    assert call_as(outside, staff, "ada", "read").get(f"/api/v1/ledger?{query}").status_code == 422


def test_the_log_needs_a_token_with_scope_and_for_the_prompt(outside: Outside, staff: Staff) -> None:
    change_in(outside, staff, "review")
    assert call_as(outside, staff, "ada", "submit").get("/api/v1/ledger").status_code == 403
    limited = call_as(outside, staff, "ada", "read", prompts=(r.NAME,))
    assert limited.get("/api/v1/ledger").status_code == 403
    assert limited.get(f"/api/v1/ledger?prompt={r.NAME}").status_code == 200
