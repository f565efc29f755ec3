"""Reports reach the server once, whatever happens in between, and the application never waits for them."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from formulary_client import Client, Resolved
from formulary_client.reporting import MOST_IN_A_BATCH, MOST_WAITING, Reports
from tests import rollouts as r
from tests.client.ward import Ward
from tests.conftest import Staff
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Interaction, Quarantined
from webapp.domain.decision import unit_hash

FIELDS: dict[str, Any] = {
    "model": "offline-clinical-1",
    "request": "Takes metformin.",
    "response": r.ANSWER,
    "latency_ms": 900,
}


def stored(outside: Outside) -> list[Interaction]:
    with outside.database.reading() as session:
        return list(session.scalars(select(Interaction).order_by(Interaction.event_id)))


def resolved(client: Client, unit: str = "encounter-1") -> Resolved:
    return client.resolve(r.NAME, unit=unit)


def test_a_call_decided_by_the_client_is_a_row_of_its_rollout(outside: Outside, staff: Staff, ward: Ward) -> None:
    change_id = r.second(outside, staff)
    before = len(stored(outside))
    ward.look()
    client, found = ward.client(), r.rollout_of(outside, change_id)
    inside, beyond = next(r.inside_units(outside, change_id)), next(r.outside_units(outside, change_id))
    for unit in (inside, beyond):
        client.report(resolved(client, unit), **FIELDS)
    assert client.flush()
    rows = {row.arm: row for row in stored(outside) if row.rollout_id == found.id}
    assert (len(stored(outside)) - before, len(rows)) == (2, 2)
    assert rows["candidate"].unit_hash == unit_hash(inside, found.salt)
    assert rows["live"].unit_hash == unit_hash(beyond, found.salt)
    assert rows["candidate"].release_id == found.release_id
    assert (rows["live"].step_index, rows["live"].latency_ms) == (0, 900)
    assert inside not in rows["candidate"].decision_id


def test_of_a_silent_run_both_answers_are_reported_under_one_decision(
    outside: Outside, staff: Staff, ward: Ward
) -> None:
    change_id = r.second(
        outside, staff, {"steps": [{"kind": "shadow", "share_basis_points": 10_000}, *r.PLAN["steps"]]}
    )
    ward.look()
    client = ward.client()
    found = resolved(client)
    client.report(found, **FIELDS)
    client.report(found, displayed=False, **FIELDS)
    assert client.flush()
    rows = [row for row in stored(outside) if row.rollout_id == r.rollout_of(outside, change_id).id]
    assert {(row.arm, row.is_displayed) for row in rows} == {("live", True), ("shadow", False)}
    assert len({row.decision_id for row in rows}) == 1


@pytest.fixture
def client(outside: Outside, staff: Staff, ward: Ward) -> Client:
    """An application while version 1.0 serves everyone."""
    r.started(outside, staff, r.DIRECT)
    ward.look()
    return ward.client()


def test_reports_lie_on_the_disk_while_the_server_is_away_and_arrive_once_it_is_back(
    outside: Outside, ward: Ward, client: Client
) -> None:
    found = resolved(client)
    ward.line.is_up = False
    for _ in range(MOST_IN_A_BATCH + 1):
        client.report(found, **FIELDS)
    assert not client.flush()
    client.report(found, **FIELDS)
    assert not client.flush()
    files = sorted((ward.folder / "reports").iterdir())
    assert [len(json.loads(path.read_bytes())) for path in files] == [MOST_IN_A_BATCH, 1]
    client.report(found, **FIELDS)
    client.close()
    ward.line.is_up = True
    restarted = ward.client()
    assert restarted.flush()
    assert len(stored(outside)) == MOST_IN_A_BATCH + 3
    assert list((ward.folder / "reports").iterdir()) == []


def test_an_answer_that_got_lost_on_its_way_counts_nothing_twice(outside: Outside, ward: Ward, client: Client) -> None:
    client.report(resolved(client), **FIELDS)
    handle = ward.line.handle_request

    def lose(request: httpx.Request) -> httpx.Response:
        handle(request)
        raise httpx.ReadTimeout("lost", request=request)

    ward.line.handle_request = lose  # type: ignore[method-assign]
    assert not client.flush()
    ward.line.handle_request = handle  # type: ignore[method-assign]
    assert client.flush()
    assert len(stored(outside)) == 1


def test_one_report_of_a_wrong_form_takes_no_other_with_it(outside: Outside, client: Client) -> None:
    found = resolved(client)
    client.report(found, **FIELDS)
    client.report(found, model="m", latency_ms="long")
    client.report(found, model="m", there_is_no_such_field=1)
    client.report(found, model="m", request=object())
    client.report(found, **FIELDS)
    assert client.flush()
    assert len(stored(outside)) == 2
    assert client._reports.lost == 3


def test_an_id_that_the_server_did_not_grant_is_set_apart(outside: Outside, ward: Ward, client: Client) -> None:
    found = resolved(client)
    forged = Resolved(**{**vars(found), "decision_id": found.decision_id[:-32] + "0" * 32})
    client.report(forged, **FIELDS)
    assert client.flush()
    with outside.database.reading() as session:
        assert session.scalars(select(Quarantined.reason)).all() == ["unknown_decision"]
    assert stored(outside) == []


def test_without_room_the_oldest_reports_are_given_up() -> None:
    reports = Reports(None)
    for number in range(MOST_WAITING + 5):
        reports.add({"event_id": str(number)})
    assert (reports.waiting(), reports.lost) == (MOST_WAITING, 5)
    sent: list[dict[str, Any]] = []

    def take(batch: list[dict[str, Any]]) -> int:
        sent.extend(batch)
        return 202

    assert reports.send(take)
    assert sent[0] == {"event_id": "5"}


def test_without_a_folder_reports_wait_in_their_order(outside: Outside, ward: Ward, client: Client) -> None:
    alone = ward.client(folder=None)
    found = resolved(alone)
    ward.line.is_up = False
    alone.report(found, model="first")
    alone.report(found, model="second")
    assert not alone.flush()
    ward.line.is_up = True
    assert alone.flush()
    assert {row.model for row in stored(outside)} == {"first", "second"}


def test_a_disk_that_takes_nothing_is_no_error_of_the_application(ward: Ward, client: Client) -> None:
    found = resolved(client)
    (ward.folder / "reports").write_text("in the way")
    ward.line.is_up = False
    client.report(found, **FIELDS)
    assert not client.flush()
    assert client._reports.lost == 1


def test_what_is_reported_by_its_decision_id_twice_counts_once(outside: Outside, staff: Staff, ward: Ward) -> None:
    r.started(outside, staff, r.DIRECT)
    ward.look()
    client = ward.client()
    for _ in range(2):
        client.report(resolved(client).decision_id, event_id="call-1", **FIELDS)
    assert client.flush()
    assert [row.event_id for row in stored(outside)] == ["call-1"]


def test_a_call_that_ends_after_the_client_was_closed_lies_on_the_disk(
    outside: Outside, staff: Staff, ward: Ward
) -> None:
    r.started(outside, staff, r.DIRECT)
    ward.look()
    client = ward.client()
    found = resolved(client)
    client.close()
    client.report(found, **FIELDS)
    assert stored(outside) == []
    assert ward.client().flush()
    assert len(stored(outside)) == 1
