"""Sessions: how they open, end and renew themselves, and what wrong passwords lead to."""

from __future__ import annotations

import json
import logging

import pytest
from sqlalchemy import select, text

from tests.conftest import Clock, Staff
from tests.people import PASSWORD
from webapp.acts.lockout import FREE_ATTEMPTS, LONGEST_LOCK_SECONDS
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Base, Leaf, Person, SessionRow
from webapp.errors import NotSignedIn, TooMany
from webapp.services import sessions

WRONG = "a wrong battery staple"


def open_for(outside: Outside, name: str = "kim") -> str:
    return sessions.open_session(outside, f"{name}@example.org", PASSWORD)


def is_open(outside: Outside, raw: str, *, is_activity: bool = True) -> bool:
    return sessions.find_person(outside, raw, is_activity=is_activity) is not None


def entries(outside: Outside) -> list[tuple[str, str, str | None]]:
    with outside.database.reading() as session:
        leaves = [json.loads(content) for content in session.scalars(select(Leaf.content).order_by(Leaf.seq))]
    return [(leaf["type"], leaf["entity"]["id"], leaf["reason"]) for leaf in leaves if leaf["type"] != "policy.adopted"]


def fail(outside: Outside, times: int, name: str = "kim") -> None:
    for _ in range(times):
        with pytest.raises(NotSignedIn):
            sessions.open_session(outside, f"{name}@example.org", WRONG)


def test_the_right_password_opens_a_session_with_the_roles_held_now(outside: Outside, staff: Staff) -> None:
    found = sessions.find_person(outside, open_for(outside), is_activity=True)
    assert found is not None
    person, actor = found
    assert (person.id, actor.id, actor.via) == (staff.ids["kim"], staff.ids["kim"], "session")
    assert actor.roles == staff.act_as("kim").roles
    assert entries(outside)[-1] == ("session.opened", staff.ids["kim"], None)


def test_case_and_blanks_of_the_mail_address_do_not_matter(outside: Outside, staff: Staff) -> None:
    assert is_open(outside, sessions.open_session(outside, "  KIM@Example.org ", PASSWORD))


@pytest.mark.parametrize("email", ["kim@example.org", "nobody@example.org", ""])
def test_a_stranger_learns_not_whether_the_address_is_known(outside: Outside, staff: Staff, email: str) -> None:
    with pytest.raises(NotSignedIn, match=r"^Mail address or password is wrong\.$"):
        sessions.open_session(outside, email, WRONG)


def test_a_refused_sign_in_is_entered_with_the_person_where_known(outside: Outside, staff: Staff) -> None:
    fail(outside, 1)
    fail(outside, 1, "nobody")
    refused = [entry for entry in entries(outside) if entry[0] == "session.refused"]
    assert refused == [
        ("session.refused", staff.ids["kim"], "not_signed_in"),
        ("session.refused", "unknown", "not_signed_in"),
    ]


def test_the_address_of_a_stranger_is_written_nowhere(outside: Outside, staff: Staff) -> None:
    fail(outside, 1, "mistyped-password-as-address")
    assert "mistyped" not in dump(outside)


def test_wrong_passwords_lock_for_longer_and_longer(outside: Outside, staff: Staff, clock: Clock) -> None:
    fail(outside, FREE_ATTEMPTS + 1)
    waits = []
    for _ in range(8):
        with pytest.raises(TooMany, match="try again in") as refusal:
            sessions.open_session(outside, "kim@example.org", PASSWORD)
        waits.append(refusal.value.details["retry_after_seconds"])
        clock.forward(seconds=waits[-1])
        fail(outside, 1)
    assert waits == [61, 121, 241, 481, 961, 1921, LONGEST_LOCK_SECONDS + 1, LONGEST_LOCK_SECONDS + 1]
    assert "session.locked" in [kind for kind, _, _ in entries(outside)]


def test_a_lock_ends_and_the_right_password_forgets_the_wrong_ones(
    outside: Outside, staff: Staff, clock: Clock
) -> None:
    fail(outside, FREE_ATTEMPTS + 1)
    clock.forward(seconds=61)
    assert is_open(outside, open_for(outside))
    fail(outside, FREE_ATTEMPTS)
    assert is_open(outside, open_for(outside))


def test_one_persons_lock_does_not_lock_another(outside: Outside, staff: Staff) -> None:
    fail(outside, FREE_ATTEMPTS + 1)
    assert is_open(outside, open_for(outside, "lee"))


def test_a_session_ends_after_fifteen_idle_minutes(outside: Outside, staff: Staff, clock: Clock) -> None:
    raw = open_for(outside)
    clock.forward(minutes=15)
    assert is_open(outside, raw)
    clock.forward(minutes=15, seconds=1)
    assert not is_open(outside, raw)


def test_polling_does_not_keep_a_session_open(outside: Outside, staff: Staff, clock: Clock) -> None:
    raw = open_for(outside)
    for _ in range(3):
        clock.forward(minutes=5)
        assert is_open(outside, raw, is_activity=False)
    clock.forward(seconds=1)
    assert not is_open(outside, raw, is_activity=False)


def test_a_session_ends_after_twelve_hours_of_work(outside: Outside, staff: Staff, clock: Clock) -> None:
    raw = open_for(outside)
    for _ in range(71):
        clock.forward(minutes=10)
        assert is_open(outside, raw)
    clock.forward(minutes=10)
    assert not is_open(outside, raw)


def test_when_somebody_was_last_seen_is_written_at_most_once_a_minute(
    outside: Outside, staff: Staff, clock: Clock
) -> None:
    raw, start = open_for(outside), clock.at
    for seconds, written in ((59, 0), (1, 60), (30, 60), (30, 120)):
        clock.forward(seconds=seconds)
        assert is_open(outside, raw)
        with outside.database.reading() as session:
            seen = session.scalars(select(SessionRow.last_seen_at)).one()
        assert (seen - start).total_seconds() == written


def test_two_sessions_of_one_person_live_and_end_apart(outside: Outside, staff: Staff) -> None:
    ward, office = open_for(outside), open_for(outside)
    assert ward != office
    sessions.close_session(outside, ward)
    assert not is_open(outside, ward)
    assert is_open(outside, office)


def test_a_closed_session_leaves_no_row_and_closes_once(outside: Outside, staff: Staff) -> None:
    raw = open_for(outside)
    sessions.close_session(outside, raw)
    sessions.close_session(outside, raw)
    with outside.database.reading() as session:
        assert session.scalars(select(SessionRow)).all() == []
    assert [kind for kind, _, _ in entries(outside)].count("session.closed") == 1


def test_a_renewed_session_has_a_new_id_and_the_old_end(outside: Outside, staff: Staff, clock: Clock) -> None:
    first = open_for(outside)
    clock.forward(minutes=10)
    second = sessions.rotate_session(outside, first)
    assert (is_open(outside, first), is_open(outside, second)) == (False, True)
    for _ in range(70):
        clock.forward(minutes=10)
        assert is_open(outside, second)
    clock.forward(minutes=10)
    assert not is_open(outside, second)


def test_a_dead_session_cannot_be_renewed(outside: Outside, staff: Staff, clock: Clock) -> None:
    raw = open_for(outside)
    clock.forward(minutes=16)
    with pytest.raises(NotSignedIn):
        sessions.rotate_session(outside, raw)
    with pytest.raises(NotSignedIn):
        sessions.rotate_session(outside, "no such id")


def test_dead_rows_go_when_the_person_signs_in_again(outside: Outside, staff: Staff, clock: Clock) -> None:
    open_for(outside)
    clock.forward(minutes=16)
    open_for(outside)
    with outside.database.reading() as session:
        assert len(session.scalars(select(SessionRow)).all()) == 1


def test_somebody_deactivated_is_signed_in_no_more_and_cannot_sign_in(outside: Outside, staff: Staff) -> None:
    raw = open_for(outside)
    with outside.database.writing() as session:
        session.get_one(Person, staff.ids["kim"]).is_active = False
    assert not is_open(outside, raw)
    with pytest.raises(NotSignedIn):
        open_for(outside)


def test_ids_and_passwords_stand_in_no_table_and_no_log(
    outside: Outside, staff: Staff, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        raw = open_for(outside)
        assert is_open(outside, raw)
        fail(outside, 1)
    stored = dump(outside)
    assert "kim@example.org" in stored
    for secret in (raw, PASSWORD, WRONG):
        assert secret not in stored
        assert secret not in caplog.text


def dump(outside: Outside) -> str:
    with outside.database.reading() as session:
        return "\n".join(
            str(row)
            for table in Base.metadata.sorted_tables
            for row in session.execute(text(f'SELECT * FROM "{table}"'))
        )
