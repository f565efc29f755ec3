"""Alerts: administrators hear at once of repeated failures, of locks, and of one place that tries many people (21 CFR 11.300(d)).

An alert is an entry, a row on administrators' pages and mail; of one kind about one subject there is one in a window. What must
not live here: counting wrong passwords (``lockout``) and refusals (``refusals``).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.acts.actors import SYSTEM
from webapp.acts.outbox import write_to_administrators
from webapp.acts.recording import enter, number_entries
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Alert, FailureFrom, Leaf, Person, Refusal

FAILURES, LOCK_OUT, PLACE, REFUSALS = "failures", "lock_out", "place", "refusals"
FAILED = ("reauthentication.failed", "factor.refused", "session.locked")
SENTENCES = {
    FAILURES: "{who}: {count} wrong passwords or codes within {minutes} minutes.",
    LOCK_OUT: "{who} is locked out after {count} wrong passwords or codes.",
    PLACE: "From {who}, sign-in failed as {count} different people within {minutes} minutes.",
    REFUSALS: "{who} was refused {count} times within {minutes} minutes.",
}
WHAT_TO_DO = {
    FAILURES: "Ask the person whether it was them. If not, ask for a new password and look at the audit log.",
    LOCK_OUT: "Ask the person whether it was them. The lock ends by itself.",
    PLACE: "Find out which machine this is, and block it where it has no business here.",
    REFUSALS: "Ask the person what they were looking for; a role may be missing, or somebody else uses their account.",
}


def window(outside: Outside) -> timedelta:
    """The time within which failures and refusals are counted together."""
    return timedelta(minutes=outside.settings.alert_minutes)


def watch_failures(outside: Outside, session: Session, person: Person, *, is_lock: bool) -> None:
    """Administrators hear of a lock, or of as many failures of one person as the settings allow no more."""
    if is_lock:
        _raise_once(outside, session, LOCK_OUT, person.id, person.failed_attempts, (LOCK_OUT,))
        return
    number_entries(session)  # the present failure counts too
    since = outside.now() - window(outside)
    query = select(func.count()).select_from(Leaf)
    count = session.scalar(query.where(Leaf.entity_id == person.id, Leaf.type.in_(FAILED), Leaf.at > since)) or 0
    if count >= outside.settings.alert_failures:
        _raise_once(outside, session, FAILURES, person.id, count, (FAILURES, LOCK_OUT))


def watch_place(outside: Outside, session: Session, place: str) -> None:
    """Administrators hear of a place from which as many people were tried in vain as the settings allow no more."""
    since = outside.now() - window(outside)
    query = select(func.count()).select_from(FailureFrom)
    count = session.scalar(query.where(FailureFrom.place == place, FailureFrom.last_at > since)) or 0
    if count >= outside.settings.alert_people:
        _raise_once(outside, session, PLACE, place, count, (PLACE,))


def watch_refusals(outside: Outside, session: Session, person_id: str) -> None:
    """Administrators hear of somebody who was refused as often as the settings allow no more."""
    if session.get(Person, person_id) is None:
        return
    query = select(func.sum(Refusal.count)).where(Refusal.who == person_id, Refusal.kind == "access.refused")
    count = session.scalar(query.where(Refusal.began_at > outside.now() - window(outside))) or 0
    if count >= outside.settings.alert_refusals:
        _raise_once(outside, session, REFUSALS, person_id, int(count), (REFUSALS,))


def alert_words(session: Session, kind: str, subject: str, count: int, minutes: int) -> str:
    """What happened, in a sentence."""
    person = session.get(Person, subject)
    who = person.name if person is not None else f"the address {subject}"
    return SENTENCES[kind].format(who=who, count=count, minutes=minutes)


def _raise_once(outside: Outside, session: Session, kind: str, subject: str, count: int, same: tuple[str, ...]) -> None:
    """An alert is raised unless one of the kinds in ``same`` about this subject was in this window."""
    now = outside.now()
    query = select(Alert.id).where(Alert.subject == subject, Alert.kind.in_(same))
    if session.scalar(query.where(Alert.raised_at > now - window(outside)).limit(1)) is not None:
        return
    about = ("place", outside.keyring.mac(b"place:" + subject.encode())) if kind == PLACE else ("person", subject)
    payload = {"count": count, "minutes": outside.settings.alert_minutes, "subject": subject}
    alert = Alert(id=outside.new_id("alr"), kind=kind, subject=subject, count=count, raised_at=now, entry_seq=0)
    enter(outside, session, SYSTEM, "alert.raised", (*about, None), reason=kind, payload=payload, numbered=alert)
    number_entries(session)
    session.add(alert)
    sentence = alert_words(session, kind, subject, count, outside.settings.alert_minutes)
    write_to_administrators(
        outside, session, _headline(outside), _letter(outside, kind, sentence, alert.entry_seq, now)
    )


def _headline(outside: Outside) -> str:
    return f"{outside.settings.organisation}: somebody fails again and again at the prompt formulary"


def _letter(outside: Outside, kind: str, sentence: str, seq: int, at: datetime) -> str:
    site = outside.settings.base_url
    return (
        f"{sentence}\n{at:%-d %B %Y %H:%M} UTC, entry {seq} of the audit log: {site}/ledger/{seq}\n\n"
        f"{WHAT_TO_DO[kind]}\nAll notices stand at {site}/people.\n"
    )
