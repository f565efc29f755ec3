"""Password and code, asked again: single-use proofs bound to person, digest and meaning (21 CFR 11.200, 11.300).

Passwords are checked before and outside any transaction that writes state of a change.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.acts.lockout import count_failure, forget_failures, require_unlocked
from webapp.acts.passkey_proofs import check_passkey
from webapp.acts.resets import require_no_reset
from webapp.acts.second_factors import PASSKEY, check_code, has_second_factor, require_code_where_there_is_one
from webapp.adapters.outside import Outside
from webapp.adapters.passkeys import Asserted
from webapp.adapters.passwords import is_password
from webapp.adapters.store.schema import Person, Reauthentication
from webapp.domain.workflow import Actor
from webapp.errors import NotSignedIn, Refused

PROOF_SECONDS = 120
CLICK_SECONDS = 10
PASSWORD_ONLY = "password"  # noqa: S105
PASSWORD_AND_CODE = "password+totp"  # noqa: S105


@dataclass(frozen=True)
class Given:
    """What a person gave again for one signature: password and perhaps code, or a passkey's answer (JSON of the browser)."""

    password: str = field(repr=False)
    code: str = field(default="", repr=False)
    passkey: str = field(default="", repr=False)


Again = Given | str | None
"""Password and perhaps code, the password alone, or nothing."""


def check_password(outside: Outside, person_id: str, password: str) -> None:
    """The password is this person's; NotSignedIn when not, TooMany while locked. Failures are counted and entered."""
    with outside.database.reading() as session:
        person = session.get(Person, person_id)
    if person is None:
        is_password(None, password)
        raise NotSignedIn("Mail address or password is wrong.")
    require_unlocked(outside, person)
    if is_password(person.password_hash, password) and person.is_active:
        if not has_second_factor(outside, person_id):
            forget_failures(
                outside, person
            )  # else the right code does, so that codes cannot be guessed with the password
        return
    count_failure(outside, person_id, "reauthentication.failed")
    raise NotSignedIn("Mail address or password is wrong.")


def check_again(outside: Outside, actor: Actor, given: Given) -> None:
    """The person at the screen is the one signed in: password, and a code where there is a second factor. Refused when not."""
    if not actor.is_in_person:
        raise Refused("Only the person, signed in, changes this.", code="session")
    try:
        check_password(outside, actor.id, given.password)
        require_code_where_there_is_one(outside, actor.id, given.code)
    except NotSignedIn as error:
        words = error.sentence if error.code == "wrong_code" else "This is not your password; nothing was changed."
        raise Refused(words, code="wrong_password") from error


def prove(outside: Outside, actor: Actor, given: Given | str, subject_sha256: str, meaning: str) -> str:
    """A proof that this person gave password, and code if any, just now for this digest and meaning; returns its nonce."""
    given = given if isinstance(given, Given) else Given(given)
    check_password(outside, actor.id, given.password)
    if given.code.strip():
        check_code(outside, actor.id, given.code)
    nonce = outside.chance(24).hex()
    with outside.database.writing() as session:
        session.add(
            Reauthentication(
                nonce=nonce,
                person_id=actor.id,
                subject_sha256=subject_sha256,
                meaning=meaning,
                method=PASSWORD_AND_CODE if given.code.strip() else PASSWORD_ONLY,
                made_at=outside.now(),
            )
        )
    return nonce


def has_just_proved(outside: Outside, actor: Actor, subject_sha256: str) -> bool:
    """Did this person prove seconds ago to be here, for this very digest? Then another click of theirs is at work."""
    query = select(Reauthentication.nonce).where(
        Reauthentication.person_id == actor.id,
        Reauthentication.subject_sha256 == subject_sha256,
        Reauthentication.method != PASSKEY,  # what a passkey signed is used up by the signature itself
        Reauthentication.made_at > outside.now() - timedelta(seconds=CLICK_SECONDS),
    )
    with outside.database.reading() as session:
        return session.scalar(query.limit(1)) is not None


@dataclass(frozen=True)
class Proof:
    """The nonce of a proof, and what a passkey signed."""

    nonce: str
    asserted: Asserted | None = None


def prove_any(outside: Outside, actor: Actor, given: Given | str, subject_sha256: str, meaning: str) -> Proof:
    """A proof by passkey where its answer was given, else by password and perhaps code."""
    if isinstance(given, Given) and given.passkey:
        row, asserted = check_passkey(outside, actor.id, given.passkey)
        return Proof(row.nonce, asserted)
    return Proof(prove(outside, actor, given, subject_sha256, meaning))


def consume(
    outside: Outside, session: Session, nonce: str | None, actor: Actor, subject: str, meaning: str
) -> Reauthentication:
    """The proof is used up; Refused when there is none, or it is old, used, or made for something else, or a reset waits."""
    proof = None
    if nonce is not None:
        proof = session.scalar(select(Reauthentication).where(Reauthentication.nonce == nonce).with_for_update())
    require_no_reset(session, actor.id)
    if proof is None or (proof.person_id, proof.subject_sha256, proof.meaning) != (actor.id, subject, meaning):
        raise Refused("Enter your password to sign this.", code="reauthenticate")
    if proof.used_at is not None or outside.now() - proof.made_at > timedelta(seconds=PROOF_SECONDS):
        raise Refused("The password was entered too long ago; enter it again.", code="reauthenticate")
    proof.used_at = outside.now()
    return proof
