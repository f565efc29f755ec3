"""Who may manage people, and what no administrator may do: the rules that every act of this room asks first."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.adapters.store.schema import Person, RoleGrant
from webapp.domain.workflow import Actor, Role
from webapp.domain.workflow.grants import Right, may
from webapp.domain.workflow.stages import DECIDING_ROLES, ROLE_WORDS
from webapp.errors import InvalidInput, NotFound, Refused


def require_administrator(actor: Actor) -> None:
    """An administrator in a session, or the operator at the console; never a token."""
    by_person = actor.is_in_person and may(actor.roles, Right.MANAGE_PEOPLE)
    if not by_person and actor.via != "console":
        raise Refused("Your roles do not let you manage people; ask an administrator.", code="role")


def granted_by(actor: Actor) -> str | None:
    """The administrator's id for a row, or None for the console, which is no person."""
    return None if actor.via == "console" else actor.id


def find_person(session: Session, person_id: str) -> Person:
    """The person; NotFound when there is none, so that no entry ever names what was only typed into an address."""
    person = session.get(Person, person_id)
    if person is None:
        raise NotFound("There is no such person; look in the list of people.")
    return person


def find_locked(session: Session, person_id: str) -> Person:
    """The person, locked for this transaction; NotFound when there is none."""
    person = session.get(Person, person_id, with_for_update=True, populate_existing=True)
    if person is None:
        raise NotFound("There is no such person; look in the list of people.")
    return person


def roles_of(person: Person) -> frozenset[Role]:
    """The roles held now."""
    return frozenset(Role(grant.role) for grant in person.roles if grant.revoked_at is None)


def read_role(word: str) -> Role:
    """The role of this name; InvalidInput names those that exist."""
    try:
        return Role(word)
    except ValueError as error:
        raise InvalidInput(f"There is no role {word[:40]}. Choose one of: {', '.join(Role)}.") from error


def roles_go_together(roles: Collection[Role]) -> None:
    """Administrators hold no deciding role (separation of duties); Refused with that sentence."""
    deciding = [ROLE_WORDS[role] for role in Role if role in DECIDING_ROLES and role in roles]
    if Role.ADMINISTRATOR in roles and deciding:
        raise Refused(
            f"Administrators hold no deciding role: one person cannot be administrator and {' and '.join(deciding)}.",
            code="deciding_administrator",
        )


def another_administrator_stays(session: Session, person_id: str) -> None:
    """Somebody else active can still manage people; Refused when this is the last administrator.

    The administrators' rows are locked, so that two of them cannot remove each other at the same moment.
    """
    query = (
        select(Person.id)
        .join(RoleGrant, RoleGrant.person_id == Person.id)
        .where(RoleGrant.role == Role.ADMINISTRATOR.value, RoleGrant.revoked_at.is_(None))
        .where(Person.is_active, Person.password_hash.is_not(None))
        .order_by(Person.id)
        .with_for_update(of=Person)
    )
    if not set(session.scalars(query)) - {person_id}:
        raise Refused(
            "This is the last administrator; make somebody else administrator first, who has joined.",
            code="last_administrator",
        )
