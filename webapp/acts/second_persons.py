"""Second persons: who may confirm what one administrator did to somebody's access, and which roles wait for it (21 CFR 11.10(g)).

What must not live here: the acts of confirming (``services.people``).
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.acts.actors import actor_of
from webapp.acts.resets import waiting_resets
from webapp.acts.role_age import Moment, RoleHeld, asked_of, reset_asked, roles_held
from webapp.adapters.store.schema import Change, FactorReset, Person, RoleGrant
from webapp.domain.workflow import ENDED, Actor, Role, Stage
from webapp.domain.workflow.grants import GRANTS, Right
from webapp.domain.workflow.guards import RESET_WAITS
from webapp.domain.workflow.stages import DECIDING_ROLES

CLOCKS_APART = timedelta(hours=1)  # the log decides; this only bounds which rows are looked at
BECAME_LATE = "You became administrator or auditor only after"


def why_not_confirm_reset(session: Session, actor: Actor, person_id: str, resets: list[FactorReset]) -> str | None:
    """Why this actor is not the second person who confirms these resets; None where the actor may."""
    if not actor.roles & GRANTS[Right.CONFIRM_ACCESS]:
        return "A reset is confirmed by an administrator or an auditor."
    if actor.id == person_id:
        return "Nobody confirms the reset of their own second factors; ask an administrator or auditor."
    if resets and actor.id == resets[-1].reset_by:
        return "You took the second factors away, so a second person has to confirm it: another administrator, or an auditor."
    if waiting_resets(session, actor.id):
        return RESET_WAITS.sentence
    if not _has_old_role(session, actor, reset_asked(session, person_id, resets)):
        return f"{BECAME_LATE} it was asked for, so somebody who was it before has to confirm the reset."
    return None


def who_confirms_reset(session: Session, person_id: str, resets: list[FactorReset]) -> tuple[str, ...]:
    """The names of the active people who could be the second person."""
    people = session.scalars(
        select(Person).where(Person.is_active, Person.password_hash.is_not(None)).order_by(Person.name)
    )
    return tuple(
        person.name
        for person in people.all()
        if why_not_confirm_reset(session, actor_of(person, "session"), person_id, resets) is None
    )


def waiting_grants(session: Session) -> list[tuple[Person, RoleHeld]]:
    """Roles without which something that was asked for before them cannot be signed by their holders, by name."""
    changes, resets = _oldest_asked(session), _oldest_reset(session)
    since = min((moment.at for moment in (changes, resets) if moment), default=None)
    if since is None:
        return []
    young = select(RoleGrant.person_id).where(
        RoleGrant.revoked_at.is_(None), RoleGrant.confirmed_at.is_(None), RoleGrant.granted_at > since - CLOCKS_APART
    )
    people = select(Person).where(Person.is_active, Person.id.in_(young)).order_by(Person.name, Person.id)
    return [
        (person, held)
        for person in session.scalars(people).all()
        for held in roles_held(session, person.id).values()
        if not held.is_old_enough(_asked_of_role(held.role, changes, resets))
    ]


def late_roles(session: Session, person_id: str) -> list[RoleHeld]:
    """The deciding roles of this person that are younger than something that waits to be signed, and confirmed by nobody."""
    asked = _oldest_asked(session)
    held = roles_held(session, person_id)
    return [
        held[role] for role in Role if role in held and role in DECIDING_ROLES and not held[role].is_old_enough(asked)
    ]


def _asked_of_role(role: Role, changes: Moment | None, resets: Moment | None) -> Moment | None:
    if role in DECIDING_ROLES:
        return changes
    return resets if role in GRANTS[Right.CONFIRM_ACCESS] else None


def why_not_confirm_role(session: Session, actor: Actor, person_id: str, held: RoleHeld) -> str | None:
    """Why this actor is not the second person who confirms the role; None where the actor may."""
    mine = actor.roles & GRANTS[Right.CONFIRM_ACCESS]
    if not mine:
        return "A role is confirmed by an administrator or an auditor."
    if actor.id == person_id:
        return "Nobody confirms their own role; ask an administrator or auditor."
    if actor.id == held.granted_by[0]:
        return "You gave this role, so a second person has to confirm it: another administrator, or an auditor."
    if waiting_resets(session, actor.id):
        return RESET_WAITS.sentence
    if not _has_old_role(session, actor, held.since):
        return f"{BECAME_LATE} this role was given, so somebody who was it before has to confirm it."
    return None


def who_confirms_role(session: Session, person_id: str, held: RoleHeld) -> tuple[str, ...]:
    """The names of the active people who could be the second person."""
    query = select(Person).where(Person.is_active, Person.password_hash.is_not(None)).order_by(Person.name)
    people = session.scalars(query).all()
    return tuple(
        one.name for one in people if why_not_confirm_role(session, actor_of(one, "session"), person_id, held) is None
    )


def _has_old_role(session: Session, actor: Actor, asked: Moment | None) -> bool:
    held = roles_held(session, actor.id)
    return any(role in held and held[role].is_old_enough(asked) for role in actor.roles & GRANTS[Right.CONFIRM_ACCESS])


def _oldest_asked(session: Session) -> Moment | None:
    ended = [stage.value for stage in (*ENDED, Stage.DRAFT)]
    moments = [asked_of(session, one) for one in session.scalars(select(Change.id).where(Change.stage.not_in(ended)))]
    return min((one for one in moments if one), key=lambda one: (one.entry or 0, one.at), default=None)


def _oldest_reset(session: Session) -> Moment | None:
    query = select(FactorReset.person_id).where(FactorReset.confirmed_at.is_(None)).distinct()
    people = session.scalars(query).all()
    moments = [reset_asked(session, one, waiting_resets(session, one)) for one in people]
    return min((one for one in moments if one), key=lambda one: (one.entry or 0, one.at), default=None)
