"""The list of people and one person, as administrators and auditors see them. Reading only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Invitation, Person
from webapp.domain.workflow import Actor, Role
from webapp.domain.workflow.grants import Right, may
from webapp.domain.workflow.stages import DECIDING_ROLES
from webapp.errors import NotFound, Refused
from webapp.services.people.credentials import credentials_digest
from webapp.services.people.rules import roles_of


@dataclass(frozen=True)
class PersonView:
    """A person. ``state``: active, locked, invited, link_ended, deactivated; ``until`` belongs to locked and invited.

    ``can_grant`` holds the roles that go with those held; ``digest`` is of the three words to be confirmed.
    """

    id: str
    name: str
    email: str
    roles: tuple[str, ...]
    state: str
    until: datetime | None
    title: str
    credentials: str
    specialty: str
    confirmed_at: datetime | None
    confirmed_by: str | None
    digest: str
    can_grant: tuple[str, ...]
    is_me: bool
    may_manage: bool

    @property
    def has_joined(self) -> bool:
        """Has this person set a password and not left?"""
        return self.state in ("active", "locked")


def list_people(outside: Outside, actor: Actor) -> tuple[PersonView, ...]:
    """Everybody, by name."""
    _require_reader(actor)
    with outside.database.reading() as session:
        people = session.scalars(select(Person).order_by(Person.name, Person.id)).all()
        return tuple(_view(outside, session, actor, person) for person in people)


def show_person(outside: Outside, actor: Actor, person_id: str) -> PersonView:
    """One person; NotFound when there is none."""
    _require_reader(actor)
    with outside.database.reading() as session:
        person = session.get(Person, person_id)
        if person is None:
            raise NotFound("There is no such person; look in the list of people.")
        return _view(outside, session, actor, person)


def _require_reader(actor: Actor) -> None:
    if actor.via != "console" and not may(actor.roles, Right.READ_PEOPLE):
        raise Refused("Your roles do not let you read people; ask an administrator.", code="role")


def _view(outside: Outside, session: Session, actor: Actor, person: Person) -> PersonView:
    held = roles_of(person)
    state, until = _state(outside, session, person)
    confirmer = session.get(Person, person.credentials_confirmed_by or "")
    return PersonView(
        id=person.id,
        name=person.name,
        email=person.email,
        roles=tuple(role.value for role in Role if role in held),
        state=state,
        until=until,
        title=person.title,
        credentials=person.credentials,
        specialty=person.specialty,
        confirmed_at=person.credentials_confirmed_at,
        confirmed_by=confirmer.name if confirmer else None,
        digest=credentials_digest(person),
        can_grant=tuple(role.value for role in Role if role not in held and _goes_with(role, held)),
        is_me=person.id == actor.id,
        may_manage=may(actor.roles, Right.MANAGE_PEOPLE),
    )


def _goes_with(role: Role, held: frozenset[Role]) -> bool:
    wanted = held | {role}
    return not (Role.ADMINISTRATOR in wanted and wanted & DECIDING_ROLES)


def _state(outside: Outside, session: Session, person: Person) -> tuple[str, datetime | None]:
    now = outside.now()
    if not person.is_active:
        return "deactivated", None
    if person.password_hash is None:
        open_links = select(func.max(Invitation.expires_at)).where(
            Invitation.person_id == person.id, Invitation.used_at.is_(None)
        )
        until = session.scalar(open_links)
        return ("invited", until) if until is not None and until > now else ("link_ended", None)
    is_locked = person.locked_until is not None and person.locked_until > now
    return ("locked", person.locked_until) if is_locked else ("active", None)
