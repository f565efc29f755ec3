"""The audit log's pages: filters that travel in the address, one entry with its proof."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from tests.conftest import Clock, Staff
from tests.services.submissions import prompt_bytes
from tests.stages import change_in
from tests.web.client import make_client
from tests.web.test_rollout import client_of, text_of
from webapp.adapters.outside import Outside
from webapp.services import ledger


@pytest.fixture
def quinn(outside: Outside, staff: Staff) -> FlaskClient:
    """The auditor, with a change in sign-off."""
    change_in(outside, staff, "signoff")
    return client_of(outside, "quinn")


def test_the_list_shows_who_did_what_newest_first(outside: Outside, quinn: FlaskClient) -> None:
    page = text_of(quinn, "/ledger")
    newest = ledger.count_entries(outside) - 1
    assert page.index(f'href="/ledger/{newest}"') < page.index(f'href="/ledger/{newest - 1}"')
    for words in ("change.approve", "Kim", "review → signoff", "entries are sealed"):
        assert words in page


def test_filters_narrow_and_stay_filled_in(outside: Outside, staff: Staff, quinn: FlaskClient) -> None:
    page = text_of(quinn, f"/ledger?type=change.submit&person={staff.ids['ada']}&since=2026-03-01&until=2026-03-02")
    rows = page[page.index("<tbody>") :]
    assert "change.submit" in rows
    assert "change.approve" not in rows
    assert 'value="2026-03-01"' in page
    assert "No entry matches" in text_of(quinn, "/ledger?until=2020-01-01")


@pytest.mark.parametrize("query", ["since=yesterday", "until=2026-13-40", "since=2026-03-02T00"])
def test_a_day_that_is_none_is_a_sentence(quinn: FlaskClient, query: str) -> None:
    answer = quinn.get(f"/ledger?{query}")
    assert answer.status_code == 422
    assert "year-month-day" in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    "query",
    [
        "until=9999-12-31",
        "since=0001-01-01",
        "before=99999999999999999",
        "before=-1",
        "before=x",
        "person=%00",
        "type=%ff",
    ],
)
def test_odd_filters_never_break_the_page(quinn: FlaskClient, query: str) -> None:
    assert quinn.get(f"/ledger?{query}").status_code == 200


def test_older_entries_are_one_link_away(outside: Outside, staff: Staff, quinn: FlaskClient, clock: Clock) -> None:
    for number in range(7):
        change_in(outside, staff, "signoff", prompt=_other(number))
    page = text_of(quinn, "/ledger")
    assert f"before={ledger.count_entries(outside) - ledger.PAGE}" in page


def _other(number: int) -> bytes:

    return prompt_bytes(version=f"2.{number}", system_prompt=f"Notes {number}.\n")


def test_an_entry_shows_its_bytes_hash_and_proof(outside: Outside, staff: Staff, quinn: FlaskClient) -> None:
    (row,) = ledger.show_ledger(outside, staff.act_as("quinn"), ledger.Filters(type="change.approve")).rows
    view = ledger.show_entry(outside, staff.act_as("quinn"), row.seq)
    page = text_of(quinn, f"/ledger/{row.seq}")
    assert "stands in the log" in page
    assert view.document in page
    for digest in (view.leaf_hash, view.root, *view.proof):
        assert digest[:8] in page


@pytest.mark.parametrize("seq", ["999999", "9" * 30])
def test_an_entry_that_is_not_there_is_not_found(quinn: FlaskClient, seq: str) -> None:
    assert quinn.get(f"/ledger/{seq}").status_code == 404


def test_strangers_read_no_entry(outside: Outside, quinn: FlaskClient) -> None:
    stranger = make_client(outside)
    for url in ("/ledger", "/ledger/0"):
        assert stranger.get(url).status_code == 303
