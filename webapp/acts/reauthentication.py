"""The password, asked again: growing lock-out, and single-use proofs bound to digest and meaning (21 CFR 11.200, 11.300).

Passwords are checked before and outside any transaction that writes state of a change.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.acts.actors import actor_of
from webapp.acts.recording import enter
from webapp.adapters.outside import Outside
from webapp.adapters.passwords import is_password
from webapp.adapters.store.schema import Person, Reauthentication
from webapp.domain.workflow import Actor
from webapp.errors import NotSignedIn, Refused, TooMany

PROOF_SECONDS = 120
FREE_ATTEMPTS = 4
FIRST_LOCK_SECONDS = 60
LONGEST_LOCK_SECONDS = 3600


def check_password(outside: Outside, person_id: str, password: str) -> None:
    """The password is this person's; NotSignedIn when not, TooMany while locked. Failures are counted and entered."""
    with outside.database.reading() as session:
        person = session.get(Person, person_id)
    if person is None:
        is_password(None, password)
        raise NotSignedIn("Mail address or password is wrong.")
    if person.locked_until is not None and person.locked_until > outside.now():
        wait = int((person.locked_until - outside.now()).total_seconds()) + 1
        raise TooMany(f"Too many wrong passwords; try again in {wait} seconds.", details={"retry_after_seconds": wait})
    if is_password(person.password_hash, password) and person.is_active:
        _forget_failures(outside, person)
        return
    _count_failure(outside, person_id)
    raise NotSignedIn("Mail address or password is wrong.")


def prove(outside: Outside, actor: Actor, password: str, subject_sha256: str, meaning: str) -> str:
    """A proof that this person gave the password just now for this digest and meaning; returns its nonce."""
    check_password(outside, actor.id, password)
    nonce = outside.chance(24).hex()
    with outside.database.writing() as session:
        session.add(
            Reauthentication(
                nonce=nonce,
                person_id=actor.id,
                subject_sha256=subject_sha256,
                meaning=meaning,
                method="password",
                made_at=outside.now(),
            )
        )
    return nonce


def consume(
    outside: Outside, session: Session, nonce: str | None, actor: Actor, subject: str, meaning: str
) -> Reauthentication:
    """The proof is used up; Refused when there is none, or it is old, used, or made for something else."""
    proof = None
    if nonce is not None:
        proof = session.scalar(select(Reauthentication).where(Reauthentication.nonce == nonce).with_for_update())
    if proof is None or (proof.person_id, proof.subject_sha256, proof.meaning) != (actor.id, subject, meaning):
        raise Refused("Enter your password to sign this.", code="reauthenticate")
    if proof.used_at is not None or outside.now() - proof.made_at > timedelta(seconds=PROOF_SECONDS):
        raise Refused("The password was entered too long ago; enter it again.", code="reauthenticate")
    proof.used_at = outside.now()
    return proof


def _forget_failures(outside: Outside, person: Person) -> None:
    if person.failed_attempts == 0:
        return
    with outside.database.writing() as session:
        row = session.get_one(Person, person.id)
        row.failed_attempts, row.locked_until = 0, None


def _count_failure(outside: Outside, person_id: str) -> None:
    with outside.database.writing() as session:
        row = session.scalars(select(Person).where(Person.id == person_id).with_for_update()).one()
        row.failed_attempts += 1
        over = row.failed_attempts - FREE_ATTEMPTS
        if over > 0:
            seconds = min(LONGEST_LOCK_SECONDS, FIRST_LOCK_SECONDS * 2 ** min(over - 1, 10))
            row.locked_until = outside.now() + timedelta(seconds=seconds)
        kind = "session.locked" if over > 0 else "reauthentication.failed"
        enter(outside, session, actor_of(row, "session"), kind, ("person", row.id, None))
