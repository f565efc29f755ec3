"""Since when a role is held, who gave it and who confirmed it, against the moment at which a signature was asked for (21 CFR 11.10(g)).

Asked for is: a review or sign-off by the newest submission or revision of the change, an act of the rollout by the step that was entered,
a conclusion by the end of the rollout. A role given later signs only once a second person has confirmed it. What must not live here:
giving, taking and confirming roles (``services.people``), and which acts ask for it (the table of moves).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.adapters.store.schema import FactorReset, Leaf, Person, RoleGrant
from webapp.domain.record.leaf import timestamp
from webapp.domain.workflow import Actor, Role
from webapp.domain.workflow.stages import DECIDING_ROLES

ASKING = ("change.submit", "change.revise", "change.start", "change.advance", "change.complete")
CONSOLE = ("console", "the operator at the console")


@dataclass(frozen=True)
class Moment:
    """When something happened, and at which entry of the log; without an entry (None) the times decide."""

    at: datetime
    entry: int | None = None

    def is_before(self, other: Moment) -> bool:
        """Did this come first? The log's order is exact, and two clocks' times are not."""
        if self.entry is not None and other.entry is not None:
            return self.entry < other.entry
        return self.at <= other.at


@dataclass(frozen=True)
class RoleHeld:
    """A role that a person holds. ``granted_by`` and ``confirmed_by`` are (id, name)."""

    grant_id: str
    role: Role
    since: Moment
    granted_by: tuple[str, str]
    confirmed: Moment | None = None
    confirmed_by: tuple[str, str] | None = None

    def is_old_enough(self, asked: Moment | None) -> bool:
        """May the person sign by this role what was asked for then? None: nothing was asked for."""
        return asked is None or self.confirmed is not None or self.since.is_before(asked)

    def claims(self) -> dict[str, Any]:
        """What a statement says of it."""
        by = {"id": self.granted_by[0], "name": self.granted_by[1]}
        held: dict[str, Any] = {
            "since": timestamp(self.since.at),
            "entry": self.since.entry,
            "granted_by": by,
            "confirmed": None,
        }
        if self.confirmed is not None and self.confirmed_by is not None:
            second = {"id": self.confirmed_by[0], "name": self.confirmed_by[1]}
            held["confirmed"] = {
                "at": timestamp(self.confirmed.at),
                "entry": self.confirmed.entry,
                "by": second,
            }
        return held


def roles_held(session: Session, person_id: str) -> dict[Role, RoleHeld]:
    """Every role that this person holds now."""
    query = select(RoleGrant).where(RoleGrant.person_id == person_id, RoleGrant.revoked_at.is_(None))
    told = _told(session, person_id)
    return {
        Role(row.role): _held(session, row, told.get(row.role, {}))
        for row in session.scalars(query.order_by(RoleGrant.granted_at, RoleGrant.id))
    }


def asked_of(session: Session, change_id: str) -> Moment | None:
    """When the signatures that this change waits for were asked for; None before its first submission."""
    query = select(Leaf.at, Leaf.seq).where(
        Leaf.entity_type == "change", Leaf.entity_id == change_id, Leaf.type.in_(ASKING)
    )
    row = session.execute(query.order_by(Leaf.seq.desc()).limit(1)).first()
    return None if row is None else Moment(row.at, row.seq)


def reset_asked(session: Session, person_id: str, resets: list[FactorReset]) -> Moment | None:
    """When the confirmation of this person's newest reset was asked for; None where none waits."""
    return _newest(session, person_id, "factor.reset", resets[-1].reset_at) if resets else None


def roles_too_new(session: Session, actor: Actor, change_id: str) -> frozenset[Role]:
    """The roles that this actor was given after the signatures of the change were asked for, and nobody has confirmed."""
    asked = asked_of(session, change_id) if actor.roles & DECIDING_ROLES else None
    if asked is None:
        return frozenset()
    return frozenset(role for role, held in roles_held(session, actor.id).items() if not held.is_old_enough(asked))


def _told(session: Session, person_id: str) -> dict[str, dict[str, dict[str, Any]]]:
    """What the log tells of the roles held now: role -> the newest entry that gave it, and that confirmed it since."""
    told: dict[str, dict[str, dict[str, Any]]] = {}
    for leaf in _entries(session, person_id, ("role.granted", "role.confirmed")):
        if leaf["type"] == "role.granted":
            told[leaf["reason"]] = {"granted": leaf}
        else:
            told.setdefault(leaf["reason"], {})["confirmed"] = leaf
    return told


def _newest(session: Session, person_id: str, kind: str, otherwise: datetime) -> Moment:
    newest = None
    for leaf in _entries(session, person_id, (kind,)):
        newest = leaf
    return Moment(otherwise) if newest is None else _moment(newest)


def _entries(session: Session, person_id: str, kinds: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    query = select(Leaf.content).where(Leaf.entity_type == "person", Leaf.entity_id == person_id, Leaf.type.in_(kinds))
    for content in session.scalars(query.order_by(Leaf.seq)):
        yield json.loads(content)


def _moment(leaf: dict[str, Any]) -> Moment:
    return Moment(datetime.fromisoformat(leaf["ts"]), leaf["seq"])


def _held(session: Session, row: RoleGrant, told: dict[str, dict[str, Any]]) -> RoleHeld:
    """The grant as its entries tell it, or where there are none (people made before the log) as its row does."""
    granted, confirmed = told.get("granted"), told.get("confirmed") if row.confirmed_at else None
    return RoleHeld(
        grant_id=row.id,
        role=Role(row.role),
        since=Moment(row.granted_at) if granted is None else _moment(granted),
        granted_by=_who(session, row.granted_by) if granted is None else _actor(granted),
        confirmed=_confirmed(row, confirmed),
        confirmed_by=None if row.confirmed_at is None else _who(session, row.confirmed_by),
    )


def _confirmed(row: RoleGrant, told: dict[str, Any] | None) -> Moment | None:
    if row.confirmed_at is None:
        return None
    return Moment(row.confirmed_at) if told is None else _moment(told)


def _actor(leaf: dict[str, Any]) -> tuple[str, str]:
    return CONSOLE if leaf["actor"]["id"] == CONSOLE[0] else (leaf["actor"]["id"], leaf["actor"]["name"])


def _who(session: Session, person_id: str | None) -> tuple[str, str]:
    person = session.get(Person, person_id or "")
    return CONSOLE if person is None else (person.id, person.name)
