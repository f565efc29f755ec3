"""The list of people and one person, as administrators and auditors see them. Reading only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.acts.actors import actor_of
from webapp.acts.can_sign import signing_lines
from webapp.acts.role_age import roles_held
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import FactorReset, Invitation, Person
from webapp.domain.workflow import Actor, Role
from webapp.domain.workflow.grants import Right, may
from webapp.domain.workflow.stages import DECIDING_ROLES
from webapp.errors import NotFound, Refused
from webapp.services.people.credentials import credentials_digest
from webapp.services.people.factor_resets import FactorLine, ResetView, factor_lines, show_reset
from webapp.services.people.role_confirmations import GrantView, grant_view
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


@dataclass(frozen=True)
class AccessView:
    """How a person gets in and signs: roles, factors, whether they can sign here in sentences, the last reset and who confirmed it."""

    grants: tuple[GrantView, ...]
    factors: tuple[FactorLine, ...]
    can_sign: tuple[tuple[bool, str], ...]
    waits: ResetView | None
    last_reset: str
    may_reset: bool


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


def show_access(outside: Outside, actor: Actor, person_id: str) -> AccessView:
    """The person's way in, as this actor may read it and change it."""
    _require_reader(actor)
    waits = show_reset(outside, actor, person_id)
    with outside.database.reading() as session:
        person = session.get_one(Person, person_id)
        factors = factor_lines(session, person_id)
        can_join = person.is_active and person.password_hash is not None and actor.id != person_id
        held = roles_held(session, person_id)
        return AccessView(
            grants=tuple(grant_view(session, actor, person, held[role]) for role in Role if role in held),
            factors=factors,
            can_sign=signing_lines(outside, session, actor_of(person, "session"), is_own=False),
            waits=waits,
            last_reset=_last_reset(session, person_id),
            may_reset=may(actor.roles, Right.MANAGE_PEOPLE) and can_join and bool(factors or waits),
        )


def _last_reset(session: Session, person_id: str) -> str:
    """The newest reset that was confirmed, in words; empty without one."""
    query = select(FactorReset).where(FactorReset.person_id == person_id, FactorReset.confirmed_at.is_not(None))
    row = session.scalars(query.order_by(FactorReset.reset_at.desc()).limit(1)).first()
    if row is None or row.confirmed_at is None:
        return ""
    by, second = (session.get(Person, one or "") for one in (row.reset_by, row.confirmed_by))
    who = by.name if by else "the operator at the console"
    return (
        f"Taken away by {who} on {row.reset_at:%-d %B %Y, %H:%M} UTC; the new ones confirmed by "
        f"{second.name if second else 'nobody'} on {row.confirmed_at:%-d %B %Y, %H:%M} UTC."
    )


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
