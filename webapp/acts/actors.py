"""Actors made from rows: a signed-in person, a token's owner, the system."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from webapp.adapters.store.schema import Person, RoleGrant
from webapp.domain.record.leaf import LeafActor
from webapp.domain.workflow import Actor, Role
from webapp.errors import Refused

_HELD = (
    select(Person.is_active, Person.credentials_confirmed_at, RoleGrant.role)
    .outerjoin(RoleGrant, (RoleGrant.person_id == Person.id) & RoleGrant.revoked_at.is_(None))
    .where(Person.id == bindparam("person"))
)
SYSTEM = Actor(id="system", name="Prompt Formulary", via="system")


def actor_of(person: Person, via: str, *, session_id: str | None = None, token_id: str | None = None) -> Actor:
    """The person as an actor with the roles held now."""
    return Actor(
        id=person.id,
        name=person.name,
        roles=frozenset(Role(grant.role) for grant in person.roles if grant.revoked_at is None),
        via=via,
        credentials_confirmed=person.credentials_confirmed_at is not None,
        session_id=session_id,
        token_id=token_id,
    )


def as_held_now(session: Session, actor: Actor) -> Actor:
    """The actor with the roles and credentials held in this transaction; Refused when the person is deactivated.

    Roles may be taken away while a request is under way; a decision is made with those that stand when it is stored.
    """
    if actor.is_system:
        return actor
    session.flush()  # what this transaction changed counts
    rows = session.connection().execute(_HELD, {"person": actor.id}).all()
    if not rows or not rows[0].is_active:
        raise Refused("You are deactivated here; ask an administrator.", code="role")
    roles = frozenset(Role(row.role) for row in rows if row.role is not None)
    return replace(actor, roles=roles, credentials_confirmed=rows[0].credentials_confirmed_at is not None)


def leaf_actor(actor: Actor) -> LeafActor:
    """The actor as entries name it."""
    return LeafActor(actor.id, actor.name, tuple(sorted(actor.roles)), actor.via)
