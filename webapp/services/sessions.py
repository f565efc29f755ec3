"""Sessions: signing in opens a row, after the second factor where there is one; signing out closes it (rule 14).

The browser's cookie holds a random id; the row holds only its hash. What must not live here: cookies.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from webapp.acts.actors import SYSTEM, actor_of
from webapp.acts.passkey_proofs import SIGN_IN, ask_passkey, check_passkey, open_challenge, use_challenge
from webapp.acts.reauthentication import check_password
from webapp.acts.recording import enter
from webapp.acts.refusals import UNKNOWN, Attempt, note_failed_sign_in, note_refusal
from webapp.acts.resets import ENROL_HOURS, enrol_until, waiting_resets
from webapp.acts.second_factors import check_code_or_recovery, factors_of
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Person, SessionRow
from webapp.domain.record.canonical import sha256_hex
from webapp.domain.workflow import Actor
from webapp.errors import NotSignedIn, TooMany

IDLE_SECONDS = 15 * 60
LONGEST_SECONDS = 12 * 3600
SEEN_EVERY_SECONDS = 60
FACTOR_SECONDS = 5 * 60
ENROL_SECONDS = 30 * 60
ENROLMENT_OVER = (
    f"Your second factors were taken away more than {ENROL_HOURS} hours ago and no new one was added; "
    "ask an administrator to take them away once more."
)
TOO_LATE = "The second factor came too late; sign in again from the start."


def open_session(outside: Outside, email: str, password: str, *, place: str = "") -> str:
    """Somebody is signed in; returns the id for the cookie. NotSignedIn or TooMany when not, and the attempt is entered.

    For somebody with second factors the id counts for nothing (``awaits_factor``) until ``finish_session``.
    ``place`` is the network address that asks.
    """
    with outside.database.reading() as session:
        person_id = session.scalar(select(Person.id).where(Person.email == email.strip().lower()))
    try:
        check_password(outside, person_id or "", password)
        _require_time_to_enrol(outside, person_id or "")
    except (NotSignedIn, TooMany) as error:
        _enter_refusal(outside, person_id, error, place, email)
        raise
    raw = outside.chance(32).hex()
    with outside.database.writing() as session:
        person = session.get_one(Person, person_id)
        if not person.is_active:
            raise NotSignedIn("Mail address or password is wrong.")
        _forget_dead(session, person.id, outside.now())
        awaits = bool(factors_of(session, person.id))
        row = _row(outside, raw, person.id, opened_at=outside.now(), awaits_factor=awaits)
        if not awaits:
            _shorten_after_a_reset(session, row)
        session.add(row)
        if not awaits:
            enter(outside, session, actor_of(person, "session"), "session.opened", ("person", person.id, None))
    return raw


def finish_session(outside: Outside, raw: str, code: str, *, place: str = "") -> str:
    """Who gave the right password before gave the right code as well: signed in, under a fresh id. Errors as ``open_session``."""
    person_id = who_awaits(outside, raw)
    try:
        check_code_or_recovery(outside, person_id, code)
    except (NotSignedIn, TooMany) as error:
        _enter_refusal(outside, person_id, error, place)
        raise
    return open_after_factor(outside, raw)


def ask_passkey_to_finish(outside: Outside, raw: str) -> dict[str, Any]:
    """What the browser is told to have a passkey of the waiting person finish the sign-in."""
    person_id = who_awaits(outside, raw)
    with outside.database.writing() as session:
        return ask_passkey(outside, session, person_id, open_challenge(outside, session, person_id, SIGN_IN))


def finish_with_passkey(outside: Outside, raw: str, answer: str, *, place: str = "") -> str:
    """The same as ``finish_session``, with a passkey's answer."""
    person_id = who_awaits(outside, raw)
    try:
        waiting, _ = check_passkey(outside, person_id, answer)
        if waiting.meaning != SIGN_IN:
            raise NotSignedIn("This answer is for something else; touch the passkey again.", code="wrong_passkey")
    except (NotSignedIn, TooMany) as error:
        _enter_refusal(outside, person_id, error, place)
        raise
    with outside.database.writing() as session:
        use_challenge(outside, session, waiting)
    return open_after_factor(outside, raw)


def open_after_factor(outside: Outside, raw: str) -> str:
    """The waiting session is one that counts, under a fresh id; only after its second factor was found right."""
    fresh = outside.chance(32).hex()
    with outside.database.writing() as session:
        row = session.get(SessionRow, sha256_hex(raw.encode()), with_for_update=True)
        if row is None or not _awaits(row, outside.now()):
            raise NotSignedIn(TOO_LATE)
        person = session.get_one(Person, row.person_id)
        if not person.is_active:
            raise NotSignedIn(TOO_LATE)
        session.delete(row)
        session.add(_row(outside, fresh, person.id, opened_at=outside.now()))
        enter(outside, session, actor_of(person, "session"), "session.opened", ("person", person.id, None))
    return fresh


def awaits_factor(outside: Outside, raw: str) -> bool:
    """Was the password right, and is the second factor still to come?"""
    with outside.database.reading() as session:
        row = session.get(SessionRow, sha256_hex(raw.encode()))
        return row is not None and _awaits(row, outside.now())


def who_awaits(outside: Outside, raw: str) -> str:
    """The person whose password was right and whose second factor is still to come; NotSignedIn when it is too late."""
    with outside.database.reading() as session:
        row = session.get(SessionRow, sha256_hex(raw.encode()))
        if row is None or not _awaits(row, outside.now()):
            raise NotSignedIn(TOO_LATE)
        return row.person_id


def close_session(outside: Outside, raw: str) -> None:
    """Nobody is signed in by this id any more."""
    with outside.database.writing() as session:
        row = session.get(SessionRow, sha256_hex(raw.encode()))
        if row is not None and row.awaits_factor:
            session.delete(row)
        elif row is not None:
            person = session.get_one(Person, row.person_id)
            session.delete(row)
            enter(outside, session, actor_of(person, "session"), "session.closed", ("person", person.id, None))


def rotate_session(outside: Outside, raw: str) -> str:
    """The session goes on under a new id and no longer under the old one; its absolute end stays. NotSignedIn when over."""
    fresh = outside.chance(32).hex()
    with outside.database.writing() as session:
        row = session.get(SessionRow, sha256_hex(raw.encode()), with_for_update=True)
        if row is None or not _is_good(row, outside.now()):
            raise NotSignedIn("Sign in first.")
        again = _row(outside, fresh, row.person_id, opened_at=row.opened_at)
        again.expires_at = row.expires_at
        session.add(again)
        session.delete(row)
    return fresh


def find_person(outside: Outside, raw: str, *, is_activity: bool) -> tuple[Person, Actor] | None:
    """Who is signed in by this id, with the roles held now; None when nobody. Real activity keeps the session open."""
    digest, now = sha256_hex(raw.encode()), outside.now()
    with outside.database.reading() as session:
        row = session.get(SessionRow, digest)
        if row is None or not _is_good(row, now):
            return None
        person = session.get_one(Person, row.person_id)
        enrols_only = bool(waiting_resets(session, person.id)) and not factors_of(session, person.id)
        is_stale = now - row.last_seen_at >= timedelta(seconds=SEEN_EVERY_SECONDS)
    if not person.is_active:
        return None
    if is_activity and is_stale:
        with outside.database.writing() as session:
            session.execute(update(SessionRow).where(SessionRow.id_sha256 == digest).values(last_seen_at=now))
    return person, replace(actor_of(person, "session", session_id=digest), enrols_only=enrols_only)


def _row(outside: Outside, raw: str, person_id: str, *, opened_at: datetime, awaits_factor: bool = False) -> SessionRow:
    return SessionRow(
        id_sha256=sha256_hex(raw.encode()),
        person_id=person_id,
        opened_at=opened_at,
        last_seen_at=outside.now(),
        expires_at=opened_at + timedelta(seconds=FACTOR_SECONDS if awaits_factor else LONGEST_SECONDS),
        awaits_factor=awaits_factor,
    )


def _require_time_to_enrol(outside: Outside, person_id: str) -> None:
    """Where the second factors were taken away, the password alone is good for a while only."""
    with outside.database.reading() as session:
        until = enrol_until(waiting_resets(session, person_id))
        if until is not None and outside.now() > until and not factors_of(session, person_id):
            raise NotSignedIn(ENROLMENT_OVER, code="reset_over")


def _shorten_after_a_reset(session: Session, row: SessionRow) -> None:
    """A session that the password alone opened after a reset is long enough to add a new factor, and no longer."""
    if waiting_resets(session, row.person_id):
        row.expires_at = row.opened_at + timedelta(seconds=ENROL_SECONDS)


def _is_good(row: SessionRow, now: datetime) -> bool:
    is_idle = now - row.last_seen_at > timedelta(seconds=IDLE_SECONDS)
    return row.revoked_at is None and now < row.expires_at and not is_idle and not row.awaits_factor


def _awaits(row: SessionRow, now: datetime) -> bool:
    return row.awaits_factor and row.revoked_at is None and now < row.expires_at


def _forget_dead(session: Session, person_id: str, now: datetime) -> None:
    """Rows that can never be good again go, so that the table stays as small as the house."""
    for row in session.scalars(select(SessionRow).where(SessionRow.person_id == person_id)).all():
        if not _is_good(row, now):
            session.delete(row)


def _enter_refusal(
    outside: Outside, person_id: str | None, error: NotSignedIn | TooMany, place: str, email: str = ""
) -> None:
    """A refused sign-in is entered, with the person where there is one; an unknown mail address is never written down.

    Each of a known person, whom the lock bounds; of strangers and of locked people the first, and how many followed.
    """
    if person_id is not None and isinstance(error, NotSignedIn):
        with outside.database.writing() as session:
            payload = {"place": place} if place else None
            entity = ("person", person_id, None)
            enter(outside, session, SYSTEM, "session.refused", entity, reason=error.code, payload=payload)
    else:
        who = person_id or UNKNOWN
        note_refusal(outside, Attempt("session.refused", who, ("person", who), error.code, place))
    note_failed_sign_in(outside, place, person_id, email)
