"""Repeated failures: entered without filling the log, and told to administrators once in a window (21 CFR 11.300(d))."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from sqlalchemy import select

from tests.conftest import Clock, Staff
from tests.people import PASSWORD
from webapp.acts.lockout import FREE_ATTEMPTS
from webapp.acts.outbox import deliver_mail, deliver_outbox
from webapp.acts.reauthentication import check_password
from webapp.acts.refusals import Attempt, enter_rests, note_refusal
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Alert, FailureFrom, Leaf, Outbox, Payload, Refusal
from webapp.errors import AlreadyDone, NotSignedIn, Refused, TooMany, Unavailable
from webapp.services import alerts, sessions

HERE, THERE = "10.1.2.3", "10.9.9.9"
WRONG = "a wrong battery staple"


@dataclass
class Postman:
    """Mail that is kept instead of sent; it can be out of order."""

    sent: list[tuple[str, str, str]] = field(default_factory=list)
    is_up: bool = True

    def send(self, to: str, subject: str, text: str) -> None:
        if not self.is_up:
            raise Unavailable("The mail server does not take messages now; they wait and are sent later.")
        self.sent.append((to, subject, text))


@pytest.fixture
def postman() -> Postman:
    return Postman()


@pytest.fixture
def house(outside: Outside, postman: Postman) -> Iterator[Outside]:
    """The house with a mail server."""
    yield replace(outside, mail=postman)


def try_in_vain(house: Outside, name: str, times: int = 1, place: str = HERE) -> None:
    for _ in range(times):
        with pytest.raises((NotSignedIn, TooMany)):
            sessions.open_session(house, f"{name}@example.org", WRONG, place=place)


def entries(house: Outside, kind: str) -> list[dict[str, Any]]:
    """The entries of this type, each with its payload."""
    with house.database.reading() as session:
        leaves = [
            json.loads(c) for c in session.scalars(select(Leaf.content).where(Leaf.type == kind).order_by(Leaf.seq))
        ]
        for leaf in leaves:
            stored = session.get(Payload, leaf["payload"]["sha256"]) if leaf["payload"] else None
            leaf["text"] = json.loads(stored.content) if stored else {}
    return leaves


def raised(house: Outside) -> list[tuple[str, str, int]]:
    with house.database.reading() as session:
        rows = session.scalars(select(Alert).order_by(Alert.raised_at, Alert.id)).all()
    return [(row.kind, row.subject, row.count) for row in rows]


def refuse(house: Outside, staff: Staff, name: str = "ada", right: str = "manage_people", times: int = 1) -> None:
    actor = staff.act_as(name)
    for _ in range(times):
        note_refusal(house, Attempt("access.refused", actor.id, ("right", right), "role", HERE), actor)


def test_a_thousand_refusals_are_two_entries_and_none_is_lost(house: Outside, staff: Staff, clock: Clock) -> None:
    refuse(house, staff, times=1000)
    assert [leaf["text"]["count"] for leaf in entries(house, "access.refused")] == [1]
    assert enter_rests(house) == 0, "the window is still open"
    clock.forward(minutes=15)
    assert enter_rests(house) == 1
    found = entries(house, "access.refused")
    assert [leaf["text"]["count"] for leaf in found] == [1, 999]
    assert {(leaf["actor"]["name"], leaf["entity"]["id"], leaf["reason"]) for leaf in found} == {
        ("Ada", "manage_people", "role")
    }
    with house.database.reading() as session:
        assert session.scalars(select(Refusal)).all() == []


def test_each_right_and_each_person_has_an_entry_of_its_own(house: Outside, staff: Staff) -> None:
    for name in ("ada", "ben"):
        for right in ("manage_people", "export_record"):
            refuse(house, staff, name, right, times=2)
    found = entries(house, "access.refused")
    assert {(leaf["actor"]["name"], leaf["entity"]["id"]) for leaf in found} == {
        (name, right) for name in ("Ada", "Ben") for right in ("manage_people", "export_record")
    }
    assert len(found) == 4


def test_the_next_window_begins_with_what_was_counted_in_the_last(house: Outside, staff: Staff, clock: Clock) -> None:
    refuse(house, staff, times=3)
    clock.forward(minutes=20)
    refuse(house, staff)
    assert [leaf["text"]["count"] for leaf in entries(house, "access.refused")] == [1, 2, 1]


def test_two_refusals_at_once_are_one_entry_and_a_count_of_two(house: Outside, staff: Staff) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: refuse(house, staff), range(8)))
    assert len(entries(house, "access.refused")) == 1
    with house.database.reading() as session:
        assert session.scalars(select(Refusal.count)).one() == 8


def test_no_address_and_no_typed_word_stands_in_a_leaf(house: Outside, staff: Staff) -> None:
    for name in ("typed-by-mistake", "kim", "lee", "osei", "ada"):
        try_in_vain(house, name)
    refuse(house, staff)
    with house.database.reading() as session:
        leaves = b"\n".join(session.scalars(select(Leaf.content)))
        kept = [row.who for row in session.scalars(select(FailureFrom))]
    assert HERE.encode() not in leaves
    assert b"typed-by-mistake" not in leaves
    assert not [who for who in kept if "typed" in who]


def test_strangers_and_locked_people_do_not_fill_the_log(house: Outside, staff: Staff) -> None:
    try_in_vain(house, "nobody", 30)
    try_in_vain(house, "kim", FREE_ATTEMPTS + 1 + 30)
    found = entries(house, "session.refused")
    assert [leaf["entity"]["id"] for leaf in found].count("unknown") == 1
    assert [leaf["reason"] for leaf in found].count("too_many") == 1
    assert len(found) == 1 + FREE_ATTEMPTS + 1 + 1


def test_trying_again_while_locked_is_an_entry_also_at_a_signature(house: Outside, staff: Staff) -> None:
    kim = staff.ids["kim"]
    for _ in range(FREE_ATTEMPTS + 1):
        with pytest.raises(NotSignedIn):
            check_password(house, kim, WRONG)
    for _ in range(3):
        with pytest.raises(TooMany):
            check_password(house, kim, PASSWORD)
    found = entries(house, "reauthentication.failed")
    assert [leaf["reason"] for leaf in found] == [None] * FREE_ATTEMPTS + ["locked"]
    assert entries(house, "session.locked")[0]["entity"]["id"] == kim


def test_a_lock_out_is_told_to_every_administrator_once(
    house: Outside, staff: Staff, postman: Postman, clock: Clock
) -> None:
    try_in_vain(house, "kim", FREE_ATTEMPTS + 1)
    assert raised(house) == [("lock_out", staff.ids["kim"], FREE_ATTEMPTS + 1)]
    clock.forward(seconds=61)
    try_in_vain(house, "kim")
    assert len(raised(house)) == 1, "the second lock comes within the same window"
    assert deliver_mail(house) == 2
    assert [to for to, _, _ in postman.sent] == ["ruth@example.org", "sam@example.org"]
    assert "Kim is locked out after 5 wrong passwords or codes." in postman.sent[0][2]
    assert deliver_mail(house) == 0
    clock.forward(minutes=16)
    try_in_vain(house, "kim")
    assert len(raised(house)) == 2


def test_failures_with_right_passwords_between_them_are_told_as_well(
    house: Outside, staff: Staff, clock: Clock
) -> None:
    for _ in range(2):
        try_in_vain(house, "kim", 2)
        sessions.open_session(house, "kim@example.org", PASSWORD)
    assert raised(house) == []
    try_in_vain(house, "kim")
    assert raised(house) == [("failures", staff.ids["kim"], 5)]
    try_in_vain(house, "kim", 2)
    assert len(raised(house)) == 1


def test_failures_far_apart_are_nobodys_attack(house: Outside, staff: Staff, clock: Clock) -> None:
    for _ in range(8):
        try_in_vain(house, "kim")
        sessions.open_session(house, "kim@example.org", PASSWORD)
        clock.forward(minutes=10)
    assert raised(house) == []


def test_one_place_that_tries_many_people_is_told_of_once(house: Outside, staff: Staff, postman: Postman) -> None:
    for name in ("kim", "lee", "nobody", "osei"):
        try_in_vain(house, name)
    try_in_vain(house, "lund", place=THERE)
    assert raised(house) == []
    for name in ("ada", "ben", "moss"):
        try_in_vain(house, name)
    assert raised(house) == [("place", HERE, 5)]
    assert deliver_mail(house) == 2
    assert f"From the address {HERE}, sign-in failed as 5 different people" in postman.sent[0][2]


def test_places_are_forgotten_when_their_window_is_over(house: Outside, staff: Staff, clock: Clock) -> None:
    try_in_vain(house, "kim")
    clock.forward(minutes=15)
    enter_rests(house)
    with house.database.reading() as session:
        assert session.scalars(select(FailureFrom)).all() == []


def test_somebody_who_is_refused_again_and_again_is_told_of(house: Outside, staff: Staff) -> None:
    refuse(house, staff, times=19)
    assert raised(house) == []
    refuse(house, staff, right="export_record", times=5)
    assert raised(house) == [("refusals", staff.ids["ada"], 20)]


def test_thresholds_are_settings(house: Outside, staff: Staff) -> None:
    strict = replace(house, settings=replace(house.settings, alert_people=2, alert_failures=2))
    try_in_vain(strict, "kim", 2)
    try_in_vain(strict, "lee", 1)
    assert raised(strict) == [("failures", staff.ids["kim"], 2), ("place", HERE, 2)]


def test_an_administrator_looks_into_a_notice_and_it_leaves_the_inboxes(house: Outside, staff: Staff) -> None:
    try_in_vain(house, "kim", FREE_ATTEMPTS + 1)
    ruth, sam = staff.act_as("ruth"), staff.act_as("sam")
    (shown,) = alerts.list_alerts(house, ruth, only_open=True)
    assert shown.may_see
    assert not alerts.list_alerts(house, staff.act_as("quinn"))[0].may_see
    assert alerts.list_alerts(house, staff.act_as("kim")) == ()
    alerts.mark_seen(house, ruth, shown.id)
    assert alerts.list_alerts(house, sam, only_open=True) == ()
    assert alerts.list_alerts(house, sam)[0].seen_by == "Ruth"
    assert entries(house, "alert.seen")[0]["actor"]["name"] == "Ruth"
    with pytest.raises(AlreadyDone):
        alerts.mark_seen(house, sam, shown.id)
    with pytest.raises(Refused):
        alerts.mark_seen(house, staff.act_as("quinn"), shown.id)


def test_without_a_mail_server_nothing_is_written_and_the_page_is_what_there_is(outside: Outside, staff: Staff) -> None:
    try_in_vain(outside, "kim", FREE_ATTEMPTS + 1)
    assert len(alerts.list_alerts(outside, staff.act_as("ruth"))) == 1
    with outside.database.reading() as session:
        assert session.scalars(select(Outbox)).all() == []


def test_a_mail_server_that_is_down_keeps_no_job_waiting(
    house: Outside, staff: Staff, postman: Postman, clock: Clock
) -> None:
    try_in_vain(house, "kim", FREE_ATTEMPTS + 1)
    postman.is_up = False
    assert deliver_mail(house) == 0
    assert deliver_outbox(house) == 0
    postman.is_up = True
    clock.forward(minutes=2)
    assert deliver_mail(house) == 2
