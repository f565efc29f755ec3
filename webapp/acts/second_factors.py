"""Second factors: which ones a person has, and codes that work once (21 CFR 11.200(a)(1), RFC 6238 section 5.2).

What must not live here: enrolling and revoking them (``services.factors``), and passkeys' signatures (``passkey_proofs``).
"""

from __future__ import annotations

import re

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from webapp.acts.actors import actor_of
from webapp.acts.lockout import count_failure, forget_failures, require_unlocked
from webapp.acts.recording import enter
from webapp.adapters import one_time_codes
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Factor, Person, RecoveryCode
from webapp.domain.record.canonical import sha256_hex
from webapp.errors import NotSignedIn, Refused

TOTP, PASSKEY = "totp", "passkey"
KIND_WORDS = {TOTP: "authenticator app", PASSKEY: "passkey"}
WRONG_CODE = "The code is wrong or was used already; wait for the next one of your app and enter that."
SIX_DIGITS = re.compile(r"\d{6}", re.ASCII)


def factors_of(session: Session, person_id: str, kind: str | None = None) -> list[Factor]:
    """The second factors of this person that count, oldest first."""
    query = select(Factor).where(
        Factor.person_id == person_id, Factor.confirmed_at.is_not(None), Factor.revoked_at.is_(None)
    )
    if kind is not None:
        query = query.where(Factor.kind == kind)
    return list(session.scalars(query.order_by(Factor.created_at, Factor.id)))


def has_second_factor(outside: Outside, person_id: str) -> bool:
    """Is a password alone not enough to sign in as this person?"""
    with outside.database.reading() as session:
        return bool(factors_of(session, person_id))


def level_within_reach(session: Session, person_id: str) -> str:
    """The highest level at which this person can sign with what is enrolled."""
    kinds = {factor.kind for factor in factors_of(session, person_id)}
    return "L2" if PASSKEY in kinds else "L1" if TOTP in kinds else "L0"


def read_code(typed: str) -> str:
    """A code as it was meant: apps and people write blanks and dashes into it."""
    return re.sub(r"[\s-]", "", typed).lower()


def check_code(outside: Outside, person_id: str, typed: str) -> None:
    """The code is of this person's app and is used up; NotSignedIn when not, TooMany while locked."""
    with outside.database.reading() as session:
        person = session.get_one(Person, person_id)
        factors = factors_of(session, person_id, TOTP)
    require_unlocked(outside, person)
    code = read_code(typed)
    if SIX_DIGITS.fullmatch(code) and any(_is_used_up(outside, factor, code) for factor in factors):
        forget_failures(outside, person)
        return
    count_failure(outside, person_id, "factor.refused", "code")
    raise NotSignedIn(WRONG_CODE, code="wrong_code")


def check_code_or_recovery(outside: Outside, person_id: str, typed: str) -> None:
    """The same, and a recovery code does as well; never for a signature."""
    code = read_code(typed)
    if SIX_DIGITS.fullmatch(code):
        check_code(outside, person_id, typed)
        return
    with outside.database.reading() as session:
        person = session.get_one(Person, person_id)
    require_unlocked(outside, person)
    if not _use_recovery(outside, person, sha256_hex(code.encode())):
        count_failure(outside, person_id, "factor.refused", "recovery_code")
        raise NotSignedIn("This is neither a code of your app nor an unused recovery code.", code="wrong_code")
    forget_failures(outside, person)


def require_code_where_there_is_one(outside: Outside, person_id: str, typed: str) -> None:
    """Somebody with second factors gave a code as well; Refused says so when the field was left empty."""
    if not has_second_factor(outside, person_id):
        return
    if not typed.strip():
        raise Refused("Enter a code of your app, or a recovery code, as well.", code="second_factor")
    check_code_or_recovery(outside, person_id, typed)


def recovery_codes_left(session: Session, person_id: str) -> int:
    """How many recovery codes are still good."""
    query = select(func.count()).select_from(RecoveryCode)
    return session.scalar(query.where(RecoveryCode.person_id == person_id, RecoveryCode.used_at.is_(None))) or 0


def _is_used_up(outside: Outside, factor: Factor, code: str) -> bool:
    """The code fits and no code of its step or a later one was used before; it is marked in the same statement."""
    secret = outside.keyring.unseal(factor.secret or b"", factor.id)
    step = one_time_codes.step_of(secret, code, outside.now())
    if step is None:
        return False
    with outside.database.writing() as session:
        marked = session.execute(
            update(Factor)
            .where(Factor.id == factor.id, Factor.last_step < step, Factor.revoked_at.is_(None))
            .values(last_step=step)
            .returning(Factor.id)
        )
        return marked.first() is not None


def _use_recovery(outside: Outside, person: Person, digest: str) -> bool:
    with outside.database.writing() as session:
        marked = session.execute(
            update(RecoveryCode)
            .where(
                RecoveryCode.code_sha256 == digest,
                RecoveryCode.person_id == person.id,
                RecoveryCode.used_at.is_(None),
            )
            .values(used_at=outside.now())
            .returning(RecoveryCode.code_sha256)
        )
        if marked.first() is None:
            return False
        enter(outside, session, actor_of(person, "session"), "factor.recovered", ("person", person.id, None))
        return True
