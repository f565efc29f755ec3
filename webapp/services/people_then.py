"""People and roles at a moment and through time, for auditors: who held what, given, taken and confirmed by whom, who could sign.

Told by the entries of the audit log; where the present tables disagree the page says so (21 CFR 11.10(d), (g), 11.300).
What must not live here: changing people (``people``).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.acts.entries_shown import EntryRow, entry_shown
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Leaf, Person, PolicyRow, RoleGrant
from webapp.domain.policy import Policy, read_policy
from webapp.domain.record.levels import is_enough
from webapp.domain.record.people_then import ABOUT_PEOPLE, PersonThen, Told, person_then
from webapp.domain.workflow import Actor, Role
from webapp.domain.workflow.grants import Right, may
from webapp.domain.workflow.stages import RiskClass
from webapp.errors import NotFound, Refused

LACKING = {"L0": "no password", "L1": "no authenticator app or passkey", "L2": "no passkey"}
SIGNED_CLASSES = (RiskClass.CLINICAL, RiskClass.HIGH_RISK)


@dataclass(frozen=True)
class SignsThen:
    """Whether the person could sign a release of the class then; ``missing`` says in words what was not there."""

    risk_class: str
    could: bool
    missing: tuple[str, ...]


@dataclass(frozen=True)
class PersonRow:
    """A person at the moment, under the name of today. ``signs``: for physicians, class by class."""

    id: str
    name: str
    then: PersonThen
    signs: tuple[SignsThen, ...]


@dataclass(frozen=True)
class PeopleThenView:
    """Everybody whom the log knew at the moment; ``policy_version`` was in force then (None before the first)."""

    moment: datetime
    role: str
    people: tuple[PersonRow, ...]
    policy_version: int | None


@dataclass(frozen=True)
class PersonHistoryView:
    """One person through time: as of now, and every entry about roles, credentials, factors, coming and going, newest first.

    ``agrees``: the present table of roles says what the entries say.
    """

    person: PersonRow
    entries: tuple[EntryRow, ...]
    agrees: bool


def show_people_then(outside: Outside, actor: Actor, moment: datetime | None, role: str) -> PeopleThenView:
    """Everybody at the moment (now where none is named), or only who held ``role`` then."""
    _require_reader(actor)
    at = moment or outside.now()
    with outside.database.reading() as session:
        version, policy = _policy_at(session, at)
        told = _told(session, at)
        names = {row.id: row.name for row in session.scalars(select(Person))}
        rows = [_row(person_id, names, entries, policy) for person_id, entries in told.items() if person_id in names]
        wanted = [row for row in rows if not role or role in row.then.held]
        return PeopleThenView(at, role, tuple(sorted(wanted, key=lambda row: (row.name, row.id))), version)


def show_person_history(outside: Outside, actor: Actor, person_id: str) -> PersonHistoryView:
    """One person through time; NotFound when there is none."""
    _require_reader(actor)
    now = outside.now()
    with outside.database.reading() as session:
        person = session.get(Person, person_id)
        if person is None:
            raise NotFound("There is no such person; look in the list of people.")
        told = _told(session, now, person_id).get(person_id, [])
        row = _row(person_id, {person.id: person.name}, told, _policy_at(session, now)[1])
        held = session.scalars(
            select(RoleGrant.role).where(RoleGrant.person_id == person_id, RoleGrant.revoked_at.is_(None))
        )
        agrees = row.then.held == frozenset(held) and row.then.is_active == person.is_active
        query = select(Leaf).where(Leaf.entity_id == person_id, Leaf.type.in_(ABOUT_PEOPLE)).order_by(Leaf.seq.desc())
        return PersonHistoryView(
            row, tuple(entry_shown(session, actor, leaf) for leaf in session.scalars(query)), agrees
        )


def _require_reader(actor: Actor) -> None:
    if not may(actor.roles, Right.READ_PEOPLE):
        raise Refused("Your roles do not let you read people; ask an administrator.", code="role")


def _told(session: Session, at: datetime, person_id: str | None = None) -> dict[str, list[Told]]:
    """The entries about each person up to the moment, in the log's order."""
    query = select(Leaf).where(Leaf.type.in_(ABOUT_PEOPLE), Leaf.entity_type == "person", Leaf.at <= at)
    if person_id is not None:
        query = query.where(Leaf.entity_id == person_id)
    found: dict[str, list[Told]] = {}
    for leaf in session.scalars(query.order_by(Leaf.seq)):
        document = json.loads(leaf.content)
        entry = Told(leaf.type, leaf.seq, leaf.at, document["actor"]["name"], document["reason"])
        found.setdefault(leaf.entity_id, []).append(entry)
    return found


def _policy_at(session: Session, at: datetime) -> tuple[int | None, Policy | None]:
    """The policy that was in force."""
    query = select(PolicyRow).where(PolicyRow.adopted_at <= at).order_by(PolicyRow.version.desc()).limit(1)
    row = session.scalars(query).first()
    return (None, None) if row is None else (row.version, read_policy(json.loads(row.content)))


def _row(person_id: str, names: dict[str, str], entries: list[Told], policy: Policy | None) -> PersonRow:
    then = person_then(entries)
    signs = () if Role.PHYSICIAN.value not in then.held else tuple(_signs(then, policy, one) for one in SIGNED_CLASSES)
    return PersonRow(person_id, names[person_id], then, signs)


def _signs(then: PersonThen, policy: Policy | None, risk_class: RiskClass) -> SignsThen:
    """What the guards of sign-off ask of a person, asked of the person of then."""
    needed = "L2" if policy is None else policy.of(risk_class).signoff_level
    missing = [
        words
        for is_missing, words in (
            (not then.is_active, "deactivated"),
            (not then.has_joined, "had not joined"),
            (then.credentials is None, "credentials not confirmed"),
            (then.reset is not None, "second factors taken away and not confirmed anew"),
            (not is_enough(then.level, needed), LACKING[needed]),
        )
        if is_missing
    ]
    return SignsThen(risk_class.value, not missing, tuple(missing))
