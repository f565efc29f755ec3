"""The growing lock-out after wrong passwords and wrong codes, counted together (21 CFR 11.300(d)).

What must not live here: what is right or wrong (``reauthentication``, ``second_factors``).
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from webapp.acts.actors import actor_of
from webapp.acts.alerts import watch_failures
from webapp.acts.recording import enter
from webapp.acts.refusals import Attempt, note_refusal
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Person
from webapp.errors import TooMany

FREE_ATTEMPTS = 4
FIRST_LOCK_SECONDS = 60
LONGEST_LOCK_SECONDS = 3600


def require_unlocked(outside: Outside, person: Person) -> None:
    """This person may try now; TooMany says in how many seconds otherwise, and that somebody tried is entered."""
    if person.locked_until is not None and person.locked_until > outside.now():
        wait = int((person.locked_until - outside.now()).total_seconds()) + 1
        attempt = Attempt("reauthentication.failed", person.id, ("person", person.id), "locked")
        note_refusal(outside, attempt, actor_of(person, "session"))
        raise TooMany(
            f"Too many wrong passwords or codes; try again in {wait} seconds.", details={"retry_after_seconds": wait}
        )


def count_failure(outside: Outside, person_id: str, kind: str, reason: str | None = None) -> None:
    """One more failure is counted and entered as ``kind``, or as a lock where it was one too many."""
    with outside.database.writing() as session:
        row = session.scalars(select(Person).where(Person.id == person_id).with_for_update()).one()
        row.failed_attempts += 1
        over = row.failed_attempts - FREE_ATTEMPTS
        if over > 0:
            seconds = min(LONGEST_LOCK_SECONDS, FIRST_LOCK_SECONDS * 2 ** min(over - 1, 10))
            row.locked_until = outside.now() + timedelta(seconds=seconds)
        enter(
            outside,
            session,
            actor_of(row, "session"),
            "session.locked" if over > 0 else kind,
            ("person", row.id, None),
            reason=reason,
        )
        watch_failures(outside, session, row, is_lock=over > 0)


def forget_failures(outside: Outside, person: Person) -> None:
    """Everything that was asked for was right: the count starts anew."""
    if person.failed_attempts == 0:
        return
    with outside.database.writing() as session:
        row = session.get_one(Person, person.id)
        row.failed_attempts, row.locked_until = 0, None
