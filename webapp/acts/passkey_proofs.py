"""Challenges for passkeys: opened for one person, digest and meaning, answered once within 120 seconds (21 CFR 11.200).

What must not live here: the WebAuthn formats (``adapters.passkeys``) and the statement that a signature's challenge stands for.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from webapp.acts.lockout import count_failure, forget_failures, require_unlocked
from webapp.acts.second_factors import PASSKEY, factors_of
from webapp.adapters import passkeys
from webapp.adapters.outside import Outside
from webapp.adapters.passkeys import Asserted, Site
from webapp.adapters.store.schema import Factor, Person, Reauthentication
from webapp.errors import InvalidInput, NotSignedIn, Refused

ENROL, SIGN_IN = "passkey enrolment", "sign in"
NOTHING = "0" * 64
OTHER = "This passkey's answer is for something else, too old or used already; touch it again."


def site_of(outside: Outside) -> Site:
    """Where this house's passkeys are good."""
    address = urlsplit(outside.settings.base_url)
    origin = f"{address.scheme}://{address.netloc}"
    return Site(outside.settings.rp_id, origin, outside.settings.organisation)


def open_challenge(
    outside: Outside,
    session: Session,
    person_id: str,
    meaning: str,
    *,
    subject: str = NOTHING,
    challenge: bytes | None = None,
    nonce: str | None = None,
) -> bytes:
    """A challenge waits for this person's passkey; returns it."""
    challenge = challenge or outside.chance(32)
    session.add(
        Reauthentication(
            nonce=nonce or outside.chance(24).hex(),
            person_id=person_id,
            subject_sha256=subject,
            meaning=meaning,
            method=PASSKEY,
            made_at=outside.now(),
            challenge=challenge.hex(),
        )
    )
    return challenge


def ask_passkey(outside: Outside, session: Session, person_id: str, challenge: bytes) -> dict[str, Any]:
    """What the browser is told; Refused when the person has no passkey."""
    known = [row.credential_id or "" for row in factors_of(session, person_id, PASSKEY)]
    if not known:
        raise Refused("You have no passkey here; add one on your profile.", code="second_factor")
    return passkeys.request_options(site_of(outside), challenge, known)


def find_challenge(outside: Outside, person_id: str, challenge: bytes) -> Reauthentication:
    """The open challenge of this person; Refused when it is another's, too old, or used."""
    with outside.database.reading() as session:
        row = session.scalar(select(Reauthentication).where(Reauthentication.challenge == challenge.hex()))
    limit = timedelta(seconds=passkeys.SECONDS)
    if row is None or row.person_id != person_id or row.used_at is not None or outside.now() - row.made_at > limit:
        raise Refused(OTHER, code="reauthenticate")
    return row


def use_challenge(outside: Outside, session: Session, row: Reauthentication) -> None:
    """The challenge is used up; Refused when it was already."""
    used = session.execute(
        update(Reauthentication)
        .where(Reauthentication.nonce == row.nonce, Reauthentication.used_at.is_(None))
        .values(used_at=outside.now())
        .returning(Reauthentication.nonce)
    )
    if used.first() is None:
        raise Refused(OTHER, code="reauthenticate")


def check_passkey(outside: Outside, person_id: str, answer: str) -> tuple[Reauthentication, Asserted]:
    """The answer is of this person's passkey over one of the person's open challenges; what it stands for and what it signed.

    NotSignedIn for a wrong one, which counts towards the lock-out; the challenge is not used up yet.
    """
    with outside.database.reading() as session:
        person = session.get_one(Person, person_id)
        factors = {row.credential_id: row for row in factors_of(session, person_id, PASSKEY)}
    require_unlocked(outside, person)
    credential_id, challenge = passkeys.read_answer(answer)
    row = find_challenge(outside, person_id, challenge)
    factor = factors.get(credential_id)
    try:
        if factor is None:
            raise InvalidInput("This is no passkey of yours.")
        found = passkeys.read_assertion(
            site_of(outside), answer, challenge, factor.public_key or b"", factor.sign_count
        )
    except InvalidInput as error:
        count_failure(outside, person_id, "factor.refused", PASSKEY)
        raise NotSignedIn(error.sentence, code="wrong_passkey") from None
    with outside.database.writing() as session:
        session.execute(update(Factor).where(Factor.id == factor.id).values(sign_count=found.sign_count))
    forget_failures(outside, person)
    return row, found
