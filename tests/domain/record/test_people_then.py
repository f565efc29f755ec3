"""A person of then, folded from entries alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from webapp.domain.record.people_then import PersonThen, Told, person_then

BEGAN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def after(*entries: tuple[str, str | None]) -> PersonThen:
    return person_then(
        Told(kind, seq, BEGAN + timedelta(hours=seq), "Ruth", code) for seq, (kind, code) in enumerate(entries)
    )


def test_nobody_is_known_before_the_first_entry() -> None:
    assert not after().is_known
    assert after(("person.invited", None)).is_known
    assert not after(("person.invited", None)).has_joined


def test_a_role_is_held_from_its_grant_until_it_is_taken_and_keeps_who_did_it() -> None:
    held = after(("role.granted", "physician"), ("role.confirmed", "physician"))
    assert held.held == {"physician"}
    assert held.roles[0].confirmed is not None
    taken = after(("role.granted", "physician"), ("role.revoked", "physician"), ("role.granted", "physician"))
    assert [one.since.seq for one in taken.roles] == [2]
    assert [(one.since.seq, one.until.seq if one.until else None) for one in taken.past] == [(0, 1)]
    assert taken.roles[0].confirmed is None


def test_a_second_grant_of_a_held_role_changes_nothing() -> None:
    assert after(("role.granted", "author"), ("role.granted", "author")).roles[0].since.seq == 0


def test_taking_or_confirming_a_role_that_is_not_held_is_nothing() -> None:
    assert after(("role.revoked", "author"), ("role.confirmed", "author")).roles == ()


def test_credentials_that_were_changed_are_not_confirmed_any_more() -> None:
    assert after(("person.credentials_confirmed", None)).credentials is not None
    assert after(("person.credentials_confirmed", None), ("person.changed", "credentials")).credentials is None
    assert after(("person.credentials_confirmed", None), ("person.changed", "password")).credentials is not None


def test_the_level_follows_the_factors_and_a_reset_takes_all_of_them() -> None:
    assert after().level == "L0"
    assert after(("factor.enrolled", "totp")).level == "L1"
    assert after(("factor.enrolled", "totp"), ("factor.enrolled", "passkey")).level == "L2"
    assert after(("factor.enrolled", "passkey"), ("factor.revoked", "passkey")).level == "L0"
    reset = after(("factor.enrolled", "passkey"), ("factor.reset", None))
    assert (reset.level, reset.reset is not None) == ("L0", True)
    again = after(("factor.reset", None), ("factor.enrolled", "totp"), ("factor.reset_confirmed", None))
    assert (again.level, again.reset) == ("L1", None)


def test_somebody_who_left_and_came_back_is_active() -> None:
    assert not after(("person.deactivated", None)).is_active
    assert after(("person.deactivated", None), ("person.reactivated", None)).is_active
