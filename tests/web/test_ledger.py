"""The audit log's pages: filters that travel in the address, one entry with its proof."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from tests.conftest import Clock, Staff
from tests.services.submissions import prompt_bytes
from tests.stages import change_in
from tests.web.client import make_client
from tests.web.test_rollout import client_of, text_of
from tests.whole_log import count_entries
from webapp import verify
from webapp.acts.actors import SYSTEM
from webapp.adapters.outside import Outside
from webapp.services import ledger, people


@pytest.fixture
def quinn(outside: Outside, staff: Staff) -> FlaskClient:
    """The auditor, with a change in sign-off."""
    change_in(outside, staff, "signoff")
    return client_of(outside, "quinn")


def test_the_list_shows_who_did_what_newest_first(outside: Outside, quinn: FlaskClient) -> None:
    page = text_of(quinn, "/ledger")
    newest = count_entries(outside) - 1
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
    assert f"before={count_entries(outside) - ledger.PAGE}" in page


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


def test_the_list_says_in_words_what_happened_and_counts_it(outside: Outside, staff: Staff, quinn: FlaskClient) -> None:
    page = text_of(quinn, "/ledger?type=group:Signatures+and+decisions")
    total = ledger.show_ledger(outside, staff.act_as("quinn"), ledger.Filters(group="Signatures and decisions")).total
    assert f"<strong>{total} entries</strong>" in page
    assert '<strong>Kim</strong> approved the <a href="/changes/' in " ".join(page.split())
    assert "and passed it to a physician (signed)" in page
    assert "sealed over" in page
    assert 'value="group:Signatures and decisions" selected' in " ".join(page.split())


def test_newer_entries_are_offered_while_a_reader_pages(outside: Outside, staff: Staff, quinn: FlaskClient) -> None:
    assert "since you began" not in text_of(quinn, "/ledger")
    assert "newer entries since you began" in text_of(quinn, "/ledger?up_to=5")


def test_a_filter_by_thing_says_what_it_is_and_can_be_taken_off(outside: Outside, quinn: FlaskClient) -> None:
    (row,) = ledger.show_ledger(outside, SYSTEM, ledger.Filters(type="change.approve")).rows
    page = text_of(quinn, f"/ledger?entity={row.entity_id}&since=2026-03-01")
    assert "Only entries about: <strong>change “" in page
    assert 'href="/ledger?since=2026-03-01"' in page


def test_the_table_is_for_those_who_may_export(outside: Outside, quinn: FlaskClient) -> None:
    answer = quinn.get("/ledger/entries.csv?type=change.approve")
    assert answer.status_code == 200
    assert "attachment" in answer.headers["Content-Disposition"]
    assert answer.get_data(as_text=True).count("\r\n") == 2
    author = client_of(outside, "ada")
    assert author.get("/ledger/entries.csv").status_code == 403
    assert "entries.csv" not in text_of(author, "/ledger")


def test_what_an_entrys_page_gives_is_verified_offline(outside: Outside, quinn: FlaskClient, tmp_path: Path) -> None:
    (row,) = ledger.show_ledger(outside, SYSTEM, ledger.Filters(type="change.approve")).rows
    page = text_of(quinn, f"/ledger/{row.seq}")
    for words in ("--key KEY", f"entry-{row.seq}.tlog-proof", "openssl dgst -sha256", "Kim"):
        assert words in page
    entry, proof = tmp_path / "entry.json", tmp_path / "entry.tlog-proof"
    entry.write_bytes(quinn.get(f"/ledger/{row.seq}/entry.json").data)
    proof.write_bytes(quinn.get(f"/api/v1/ledger/{row.seq}/proof").data)
    key = outside.notary.held().key.to_vkey()
    asked = [f"--entry={entry}", f"--proof={proof}"]
    assert verify.main([*asked, f"--key={key}"]) == verify.GOOD
    assert verify.main(asked) == verify.WEAK
    payload = quinn.get(f"/ledger/{row.seq}/payload.json").data
    assert hashlib.sha256(payload).hexdigest() in entry.read_text()
    entry.write_bytes(entry.read_bytes().replace(b"Kim", b"Lee"))
    assert verify.main([*asked, f"--key={key}"]) == verify.BROKEN


def test_a_withheld_text_is_refused_as_a_file_too(outside: Outside, staff: Staff, quinn: FlaskClient) -> None:
    people.invite(outside, staff.act_as("ruth"), "Dana Fox", "dana@example.org", ["author"])
    (row,) = ledger.show_ledger(outside, SYSTEM, ledger.Filters(type="person.invited")).rows
    author = client_of(outside, "ada")
    assert "Withheld" in text_of(author, f"/ledger/{row.seq}")
    assert author.get(f"/ledger/{row.seq}/payload.json").status_code == 403
    assert "dana@example.org" in text_of(quinn, f"/ledger/{row.seq}")
    assert quinn.get("/ledger/0/payload.json").status_code == 200
