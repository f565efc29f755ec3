"""Inviting: an administrator names a person and roles; a link that works once lets that person set the first password."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.acts.actors import actor_of
from webapp.acts.new_passwords import new_password_hash
from webapp.acts.recording import enter
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Invitation, Person, RoleGrant
from webapp.domain.record.canonical import sha256_hex
from webapp.domain.workflow import Actor, Role
from webapp.errors import Conflict, InvalidInput, NotFound
from webapp.services.people.rules import find_locked, granted_by, read_role, require_administrator, roles_go_together

DAYS = 7
LONGEST_NAME = 120
LONGEST_ADDRESS = 254
ADDRESS = re.compile(r"[^\s@<>\"',;]+@[^\s@<>\"',;]+\.[^\s@<>\"',;]+")


@dataclass(frozen=True)
class Invited:
    """A new link. ``secret`` is stored nowhere and shown once."""

    person_id: str
    name: str
    secret: str
    link: str
    expires_at: datetime


@dataclass(frozen=True)
class Invitee:
    """Whom a link that is still good was made for."""

    name: str
    email: str


def invite(outside: Outside, actor: Actor, name: str, email: str, roles: Sequence[str]) -> Invited:
    """The person is here with these roles and a link that is good for seven days; nothing is stored on a refusal."""
    require_administrator(actor)
    name, email = _read_name(name), _read_address(email)
    given = [role for role in Role if role in {read_role(word) for word in roles}]
    if not given:
        raise InvalidInput("Choose at least one role; it can be changed later.")
    roles_go_together(given)
    with outside.database.writing() as session:
        if session.scalar(select(Person.id).where(Person.email == email)) is not None:
            raise Conflict("Somebody with this mail address is here already; look in the list of people.")
        person = Person(id=outside.new_id("per"), name=name, email=email, created_at=outside.now())
        session.add(person)
        session.flush()
        payload = {"name": name, "email": email}
        enter(outside, session, actor, "person.invited", ("person", person.id, None), payload=payload)
        for role in given:
            add_role(outside, session, actor, person.id, role)
        return _make_link(outside, session, person)


def renew_invitation(outside: Outside, actor: Actor, person_id: str) -> Invited:
    """Somebody who has not joined has a new link, and older ones do not work any more."""
    require_administrator(actor)
    with outside.database.writing() as session:
        person = find_locked(session, person_id)
        if person.password_hash is not None:
            raise Conflict(f"{person.name} has joined already and needs no link.")
        if not person.is_active:
            raise Conflict(f"{person.name} is deactivated; reactivate first.")
        end_invitations(outside, session, person_id)
        enter(outside, session, actor, "person.invited", ("person", person.id, None), reason="new_link")
        return _make_link(outside, session, person)


def show_invitation(outside: Outside, secret: str) -> Invitee:
    """Whom this link is for; NotFound for an unknown one, Conflict for one that was used or is too old."""
    with outside.database.reading() as session:
        person = _invited_by(outside, session, secret)
        return Invitee(person.name, person.email)


def join(outside: Outside, secret: str, password: str) -> str:
    """The person has a first password and the link is used up; returns the mail address to sign in with."""
    with outside.database.reading() as session:
        person = _invited_by(outside, session, secret)
    hashed = new_password_hash(person, password)
    with outside.database.writing() as session:
        person = find_locked(session, person.id)
        _invited_by(outside, session, secret)
        person.password_hash = hashed
        session.get_one(Invitation, _hash(secret)).used_at = outside.now()
        enter(outside, session, actor_of(person, "session"), "person.joined", ("person", person.id, None))
    return person.email


def end_invitations(outside: Outside, session: Session, person_id: str) -> None:
    """No open link of this person works any more."""
    query = select(Invitation).where(Invitation.person_id == person_id, Invitation.used_at.is_(None))
    for row in session.scalars(query).all():
        row.expires_at = min(row.expires_at, outside.now())


def add_role(outside: Outside, session: Session, actor: Actor, person_id: str, role: Role) -> None:
    """The person holds the role from now on, and the entry names it."""
    session.add(
        RoleGrant(
            id=outside.new_id("rol"),
            person_id=person_id,
            role=role.value,
            granted_by=granted_by(actor),
            granted_at=outside.now(),
        )
    )
    enter(outside, session, actor, "role.granted", ("person", person_id, None), reason=role.value)


def _make_link(outside: Outside, session: Session, person: Person) -> Invited:
    secret = base64.urlsafe_b64encode(outside.chance(32)).rstrip(b"=").decode()
    expires_at = outside.now() + timedelta(days=DAYS)
    session.add(
        Invitation(
            token_sha256=_hash(secret),
            person_id=person.id,
            created_at=outside.now(),
            expires_at=expires_at,
            used_at=None,
        )
    )
    return Invited(person.id, person.name, secret, f"{outside.settings.base_url}/join/{secret}", expires_at)


def _invited_by(outside: Outside, session: Session, secret: str) -> Person:
    row = session.get(Invitation, _hash(secret))
    if row is None:
        raise NotFound("This link is not known here; look whether it was copied whole, or ask an administrator.")
    if row.used_at is not None:
        raise Conflict("This link was used already; sign in, or ask an administrator if that was not you.")
    person = session.get_one(Person, row.person_id)
    if row.expires_at <= outside.now() or not person.is_active or person.password_hash is not None:
        raise Conflict("This link does not work any more; ask an administrator for a new one.")
    return person


def _hash(secret: str) -> str:
    return sha256_hex(secret.encode())


def _read_name(name: str) -> str:
    name = " ".join(name.split())
    if not 1 <= len(name) <= LONGEST_NAME or not name.isprintable():
        raise InvalidInput(f"Write the person's name as it is to be printed, in at most {LONGEST_NAME} characters.")
    return name


def _read_address(email: str) -> str:
    email = email.strip().lower()
    if len(email) > LONGEST_ADDRESS or not email.isprintable() or not ADDRESS.fullmatch(email):
        raise InvalidInput("Write a whole mail address, like name@hospital.example.")
    return email
