"""Second factors of one's own: enrolling, naming and revoking them, recovery codes, and "Can I sign here?".

What must not live here: signing in with them (``sessions``), signing with them (``acts``), resetting those of others (``people``).
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from webapp.acts.can_sign import signing_lines
from webapp.acts.passkey_proofs import ENROL, find_challenge, open_challenge, site_of, use_challenge
from webapp.acts.reauthentication import Given, check_again
from webapp.acts.recording import enter
from webapp.acts.resets import NOBODY_CONFIRMS, enrol_until, waiting_resets
from webapp.acts.second_factors import (
    KIND_WORDS,
    PASSKEY,
    TOTP,
    factors_of,
    read_code,
    recovery_codes_left,
)
from webapp.acts.second_persons import who_confirms_reset
from webapp.adapters import one_time_codes, passkeys
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Factor, Person, RecoveryCode
from webapp.domain.record.canonical import sha256_hex
from webapp.domain.workflow import Actor
from webapp.errors import AlreadyDone, InvalidInput, NotFound, Refused

LONGEST_NAME = 60
MOST_FACTORS = 10
RECOVERY_CODES = 10


@dataclass(frozen=True)
class FactorShown:
    """One second factor of a person. ``kind`` in words."""

    id: str
    kind: str
    name: str
    since: datetime | None


@dataclass(frozen=True)
class FactorsView:
    """A person's factors, and what may be signed with them: a sentence for each class. ``reset``: what to do after a reset, else empty."""

    factors: tuple[FactorShown, ...]
    recovery_codes: int
    can_sign: tuple[tuple[bool, str], ...]
    reset: str
    site: str


@dataclass(frozen=True)
class Enrolment:
    """An authenticator app that is to be confirmed: its secret as text, as address and as picture (SVG as a data address)."""

    id: str
    name: str
    secret: str
    address: str
    picture: str


def show_factors(outside: Outside, actor: Actor) -> FactorsView:
    """The factors of the person who asks."""
    with outside.database.reading() as session:
        rows = factors_of(session, actor.id)
        return FactorsView(
            factors=tuple(FactorShown(row.id, KIND_WORDS[row.kind], row.name, row.confirmed_at) for row in rows),
            recovery_codes=recovery_codes_left(session, actor.id),
            can_sign=signing_lines(outside, session, actor, is_own=True),
            reset=_reset(session, actor),
            site=outside.settings.rp_id,
        )


def has_app(outside: Outside, actor: Actor) -> bool:
    """Has this person an authenticator app, so that forms ask for its code?"""
    with outside.database.reading() as session:
        return bool(factors_of(session, actor.id, TOTP))


def begin_app(outside: Outside, actor: Actor, given: Given, name: str) -> str:
    """An authenticator app waits to be confirmed; it counts for nothing before. Returns its id."""
    check_again(outside, actor, given)
    named = read_name(name)
    factor_id, secret = outside.new_id("fac"), outside.chance(one_time_codes.SECRET_BYTES)
    with outside.database.writing() as session:
        require_room(session, actor.id)
        unfinished = (Factor.person_id == actor.id, Factor.kind == TOTP, Factor.confirmed_at.is_(None))
        session.execute(delete(Factor).where(*unfinished))
        session.add(
            Factor(
                id=factor_id,
                person_id=actor.id,
                kind=TOTP,
                name=named,
                created_at=outside.now(),
                secret=outside.keyring.seal(secret, factor_id, outside.chance),
            )
        )
    return factor_id


def show_enrolment(outside: Outside, actor: Actor, factor_id: str) -> Enrolment:
    """What the app has to be told; only for its owner, and only until it is confirmed."""
    with outside.database.reading() as session:
        row = _unconfirmed(session, actor, factor_id)
        email = session.get_one(Person, actor.id).email
    secret = outside.keyring.unseal(row.secret or b"", row.id)
    address = one_time_codes.enrolment_address(secret, email, outside.settings.organisation)
    text = one_time_codes.base32(secret)
    return Enrolment(
        id=row.id,
        name=row.name,
        secret=" ".join(text[start : start + 4] for start in range(0, len(text), 4)),
        address=address,
        picture="data:image/svg+xml;base64," + base64.b64encode(one_time_codes.picture(address)).decode(),
    )


def confirm_app(outside: Outside, actor: Actor, factor_id: str, code: str) -> tuple[str, ...]:
    """The app counts from now on; returns new recovery codes when the person had none, else nothing."""
    with outside.database.reading() as session:
        row = _unconfirmed(session, actor, factor_id)
    secret = outside.keyring.unseal(row.secret or b"", row.id)
    step = one_time_codes.step_of(secret, read_code(code), outside.now())
    if step is None:
        raise InvalidInput("This is not the app's present code; check the clock of your phone and enter the next one.")
    with outside.database.writing() as session:
        row = _unconfirmed(session, actor, factor_id)
        row.confirmed_at, row.last_step = outside.now(), step
        enter_factor(outside, session, actor, "factor.enrolled", row)
        return () if recovery_codes_left(session, actor.id) else _make_codes(outside, session, actor)


def begin_passkey(outside: Outside, actor: Actor, given: Given, name: str) -> dict[str, Any]:
    """What the browser is told to make a passkey for this person; good for 120 seconds."""
    check_again(outside, actor, given)
    read_name(name)
    with outside.database.writing() as session:
        require_room(session, actor.id)
        person = session.get_one(Person, actor.id)
        known = [row.credential_id or "" for row in factors_of(session, actor.id, PASSKEY)]
        challenge = open_challenge(outside, session, actor.id, ENROL)
        who = (person.id, person.email, person.name)
        return passkeys.creation_options(site_of(outside), challenge, who, known)


def add_passkey(outside: Outside, actor: Actor, answer: str, name: str) -> tuple[str, ...]:
    """The passkey counts from now on; returns new recovery codes when the person had none, else nothing."""
    named = read_name(name)
    _, challenge = passkeys.read_answer(answer)
    waiting = find_challenge(outside, actor.id, challenge)
    if waiting.meaning != ENROL:
        raise Refused("This answer is for something else; add the passkey again.", code="reauthenticate")
    made = passkeys.read_registration(site_of(outside), answer, challenge)
    with outside.database.writing() as session:
        use_challenge(outside, session, waiting)
        if session.scalar(select(Factor.id).where(Factor.credential_id == made.credential_id)) is not None:
            raise InvalidInput("This passkey is enrolled already; use another one.")
        row = Factor(
            id=outside.new_id("fac"),
            person_id=actor.id,
            kind=PASSKEY,
            name=named,
            created_at=outside.now(),
            confirmed_at=outside.now(),
            credential_id=made.credential_id,
            public_key=made.public_key,
            sign_count=made.sign_count,
        )
        session.add(row)
        session.flush()
        enter_factor(outside, session, actor, "factor.enrolled", row)
        return () if recovery_codes_left(session, actor.id) else _make_codes(outside, session, actor)


def has_passkey(outside: Outside, person_id: str) -> bool:
    """Has this person a passkey?"""
    with outside.database.reading() as session:
        return bool(factors_of(session, person_id, PASSKEY))


def revoke(outside: Outside, actor: Actor, given: Given, factor_id: str) -> None:
    """This factor counts no more; with the last one the recovery codes go too."""
    check_again(outside, actor, given)
    with outside.database.writing() as session:
        row = session.get(Factor, factor_id, with_for_update=True)
        if row is None or row.person_id != actor.id or row.confirmed_at is None:
            raise NotFound("There is no such second factor of yours.")
        if row.revoked_at is not None:
            raise AlreadyDone("This one is revoked already.")
        row.revoked_at, row.revoked_by, row.secret = outside.now(), actor.id, None
        session.flush()
        if not factors_of(session, actor.id):
            session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == actor.id))
        enter_factor(outside, session, actor, "factor.revoked", row)


def renew_recovery_codes(outside: Outside, actor: Actor, given: Given) -> tuple[str, ...]:
    """New recovery codes, shown this once; the old ones are worth nothing."""
    check_again(outside, actor, given)
    with outside.database.writing() as session:
        if not factors_of(session, actor.id):
            raise InvalidInput("Recovery codes stand in for a second factor; add one first.")
        return _make_codes(outside, session, actor)


def read_name(name: str) -> str:
    """The name by which its owner knows the factor."""
    name = " ".join(name.split())
    if not 1 <= len(name) <= LONGEST_NAME or not name.isprintable():
        raise InvalidInput(f"Give it a name of 1 to {LONGEST_NAME} plain characters, such as My phone.")
    return name


def require_room(session: Session, person_id: str) -> None:
    """One more factor fits."""
    if len(factors_of(session, person_id)) >= MOST_FACTORS:
        raise InvalidInput(f"There are {MOST_FACTORS} second factors already; revoke one first.")


def enter_factor(outside: Outside, session: Session, actor: Actor, kind: str, row: Factor) -> None:
    """The factor's coming or going stands in the log: its kind as a code, its name (typed) in the payload."""
    enter(
        outside,
        session,
        actor,
        kind,
        ("person", row.person_id, None),
        after=None if row.public_key is None else (kind.partition(".")[2], sha256_hex(row.public_key)),
        reason=row.kind,
        payload={"factor": row.id, "name": row.name},
    )


def _reset(session: Session, actor: Actor) -> str:
    """What the person does after a reset, in words; empty where none waits."""
    resets = waiting_resets(session, actor.id)
    until = enrol_until(resets)
    if until is None:
        return ""
    if not factors_of(session, actor.id):
        return (
            f"Your second factors were taken away. Add a new one below before {until:%-d %B %Y, %H:%M} UTC; until then your "
            "password alone opens this page, and nothing else."
        )
    names = ", ".join(who_confirms_reset(session, actor.id, resets))
    if not names:
        return f"Your new second factor is added, and nobody here can confirm yet that it is yours. {NOBODY_CONFIRMS}"
    return f"Your new second factor is added. You sign nothing until a second person confirms that it is yours: call one of them ({names})."


def _unconfirmed(session: Session, actor: Actor, factor_id: str) -> Factor:
    row = session.get(Factor, factor_id)
    if row is None or row.person_id != actor.id or row.confirmed_at is not None or row.secret is None:
        raise NotFound("There is no authenticator app waiting to be confirmed; add it again.")
    return row


def _make_codes(outside: Outside, session: Session, actor: Actor) -> tuple[str, ...]:
    session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == actor.id))
    made = [base64.b32encode(outside.chance(10)).decode().lower() for _ in range(RECOVERY_CODES)]
    for code in made:
        digest = sha256_hex(code.encode())
        session.add(RecoveryCode(code_sha256=digest, person_id=actor.id, made_at=outside.now()))
    enter(outside, session, actor, "factor.recovery_codes_made", ("person", actor.id, None))
    return tuple("-".join(code[start : start + 4] for start in range(0, len(code), 4)) for code in made)
