"""Resets of second factors that wait for a second person. Until it is confirmed, the person signs nothing (21 CFR 11.100(b), 11.300).

What must not live here: taking factors away and confirming it (``services.people``).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.acts.actors import actor_of
from webapp.adapters.store.schema import FactorReset, Person
from webapp.domain.workflow import Actor
from webapp.domain.workflow.grants import GRANTS, Right
from webapp.domain.workflow.guards import RESET_WAITS
from webapp.errors import Refused

ENROL_HOURS = 24
NOBODY_CONFIRMS = (
    "It takes an administrator or auditor who is another person than the one reset and than the one who reset. Let an administrator "
    "invite one under People (or run formulary people add at the server); once they have joined and added an authenticator app, they confirm it."
)


def waiting_resets(session: Session, person_id: str) -> list[FactorReset]:
    """The resets of this person that nobody has confirmed, oldest first; the newest says how long a password alone signs in."""
    query = select(FactorReset).where(FactorReset.person_id == person_id, FactorReset.confirmed_at.is_(None))
    return list(session.scalars(query.order_by(FactorReset.reset_at, FactorReset.id)))


def require_no_reset(session: Session, person_id: str) -> None:
    """Nothing waits for this person; Refused with what to do otherwise."""
    if waiting_resets(session, person_id):
        raise Refused(RESET_WAITS.sentence, code=RESET_WAITS.code)


def enrol_until(resets: list[FactorReset]) -> datetime | None:
    """Until when the password alone signs the person in, to add a new factor; None where no reset waits."""
    return resets[-1].reset_at + timedelta(hours=ENROL_HOURS) if resets else None


def why_not_confirm(session: Session, actor: Actor, person_id: str, resets: list[FactorReset]) -> str | None:
    """Why this actor is not the second person who confirms these resets; None where the actor may."""
    if not actor.roles & GRANTS[Right.CONFIRM_ACCESS]:
        return "A reset is confirmed by an administrator or an auditor."
    if actor.id == person_id:
        return "Nobody confirms the reset of their own second factors; ask an administrator or auditor."
    if resets and actor.id == resets[-1].reset_by:
        return "You took the second factors away, so a second person has to confirm it: another administrator, or an auditor."
    if waiting_resets(session, actor.id):
        return RESET_WAITS.sentence
    return None


def who_confirms(session: Session, person_id: str, resets: list[FactorReset]) -> tuple[str, ...]:
    """The names of the active people who could be the second person."""
    people = session.scalars(
        select(Person).where(Person.is_active, Person.password_hash.is_not(None)).order_by(Person.name)
    )
    return tuple(
        person.name
        for person in people.all()
        if why_not_confirm(session, actor_of(person, "session"), person_id, resets) is None
    )
