"""Refusals as entries, bounded: the first at once, the others of the same window as one number when it is over (HIPAA 164.312(b)).

Whoever repeats a refused request a thousand times makes two entries, not a thousand. What must not live here: what is refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from webapp.acts.actors import SYSTEM, actor_of
from webapp.acts.alerts import watch_place, watch_refusals, window
from webapp.acts.recording import enter
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import FailureFrom, Person, Refusal
from webapp.adapters.store.turns import take_turn
from webapp.domain.workflow import Actor

UNKNOWN = "unknown"
LONGEST_PLACE = 45
MOST_AT_ONCE = 200


@dataclass(frozen=True)
class Attempt:
    """What was refused: the entry it is, of whom, about what (type, id), for which reason; ``place`` is the network address, or empty.

    ``who`` is a person's id or ``unknown``.
    """

    kind: str
    who: str
    what: tuple[str, str]
    reason: str
    place: str = ""


def note_refusal(outside: Outside, attempt: Attempt, actor: Actor = SYSTEM) -> None:
    """The refusal stands in the audit log, or is counted with the one that stands there; administrators hear of too many."""
    place = attempt.place[:LONGEST_PLACE]
    key = (attempt.kind, attempt.who, "/".join(attempt.what)[:80], attempt.reason, place)
    with outside.database.writing() as session:
        take_turn(session, "refusals")
        row, now = session.get(Refusal, key), outside.now()
        if row is not None and now - row.began_at < window(outside):
            row.count, row.last_at = row.count + 1, now
        else:
            if row is not None:
                _enter_rest(outside, session, row)
                session.delete(row)
                session.flush()
            names = dict(zip(("kind", "who", "what", "reason", "place"), key, strict=True))
            session.add(Refusal(**names, via=actor.via, count=1, began_at=now, last_at=now))
            _enter(outside, session, actor, key, 1)
        session.flush()
        watch_refusals(outside, session, attempt.who)


def note_failed_sign_in(outside: Outside, place: str, person_id: str | None, email: str) -> None:
    """That somebody failed from this place is kept for a while; an unknown mail address only as a keyed digest."""
    who = person_id or outside.keyring.mac(b"address:" + email.strip().lower().encode("utf-8", "replace"))
    if not place:
        return
    with outside.database.writing() as session:
        take_turn(session, "refusals")
        row = session.get(FailureFrom, (place[:LONGEST_PLACE], who))
        if row is None:
            session.add(FailureFrom(place=place[:LONGEST_PLACE], who=who, last_at=outside.now()))
        else:
            row.last_at = outside.now()
        session.flush()
        watch_place(outside, session, place[:LONGEST_PLACE])


def enter_rests(outside: Outside) -> int:
    """Windows that are over are closed: what was counted in them is entered, and old places are forgotten; returns how many."""
    over = outside.now() - window(outside)
    with outside.database.reading() as session:
        due = session.scalar(select(Refusal.kind).where(Refusal.began_at <= over).limit(1)) is not None
        due = due or session.scalar(select(FailureFrom.who).where(FailureFrom.last_at <= over).limit(1)) is not None
    if not due:
        return 0
    with outside.database.writing() as session:
        take_turn(session, "refusals")
        rows = session.scalars(select(Refusal).where(Refusal.began_at <= over).limit(MOST_AT_ONCE)).all()
        for row in rows:
            _enter_rest(outside, session, row)
            session.delete(row)
        session.execute(delete(FailureFrom).where(FailureFrom.last_at <= over))
        return len(rows)


def _enter_rest(outside: Outside, session: Session, row: Refusal) -> None:
    if row.count == 1:
        return
    person = session.get(Person, row.who)
    is_own = person is not None and row.via not in ("", SYSTEM.via)
    actor = actor_of(person, row.via) if person is not None and is_own else SYSTEM
    _enter(outside, session, actor, (row.kind, row.who, row.what, row.reason, row.place), row.count - 1)


def _enter(outside: Outside, session: Session, actor: Actor, key: tuple[str, str, str, str, str], count: int) -> None:
    kind, _, what, reason, place = key
    about, _, name = what.partition("/")
    payload: dict[str, int | str] = {"count": count, "minutes": window(outside) // timedelta(minutes=1)}
    if place:
        payload["place"] = place
    enter(outside, session, actor, kind, (about, name, None), reason=reason, payload=payload)
