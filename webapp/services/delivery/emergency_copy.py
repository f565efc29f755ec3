"""What a delivery host knows of people and prompts while the database is down: who may stop, by which password, and what is live since when.

The copy lies on the disk sealed with this server's key. What must not live here: checking a password (``emergency``), and what is served.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.acts.actors import actor_of
from webapp.adapters.outside import Outside
from webapp.adapters.sealed_file import read_sealed, write_sealed
from webapp.adapters.store.schema import LivePeriod, Person, Prompt, Rollout, Token
from webapp.domain.workflow.grants import Right, may
from webapp.errors import Unavailable

log = logging.getLogger("formulary.delivery")
OWNER = "people who may stop delivery"
STORE_EVERY = timedelta(minutes=5)
"""How old the age on the disk may be while nothing but time goes on."""


@dataclass(frozen=True)
class KnownPerson:
    """Somebody who may stop delivery, as the database had it."""

    id: str
    name: str
    email: str
    password_hash: str
    roles: tuple[str, ...]


@dataclass(frozen=True)
class KnownPrompt:
    """Since when something is live of a prompt (None: nothing), and how its rollout stands: state, and since when; empty without one."""

    live_since: str | None = None
    rollout: str = ""
    rollout_since: str | None = None


@dataclass(frozen=True)
class KnownApplication:
    """An application that fetches: its token's id and name, whom to call, and the prompts it is for (none named: all)."""

    token_id: str
    name: str
    contact: str
    prompts: tuple[str, ...]


@dataclass(frozen=True)
class Known:
    """One state of the copy. ``read_at``: when the database last said so; people by mail address, prompts by name."""

    read_at: datetime | None = None
    people: Mapping[str, KnownPerson] = field(default_factory=dict)
    prompts: Mapping[str, KnownPrompt] = field(default_factory=dict)
    applications: tuple[KnownApplication, ...] = ()


class EmergencyCopy:
    """The copy in memory and on the disk (mode 600). ``answers``: did the database answer when it was asked last?"""

    def __init__(self, outside: Outside, path: Path) -> None:
        self.outside, self.path = outside, path
        self.known, self.answers = Known(), False
        self._stored_at: datetime | None = None

    def take_over(self, session: Session) -> None:
        """The copy is what the database says now, in memory and on the disk."""
        self.known = _read(session, self.outside.now())
        self._store()

    def confirm(self, *, is_whole: bool) -> None:
        """The database answered; with the log that was signed, so that the copy is as old as now. From another log nothing is believed."""
        self.answers, now = True, self.outside.now()
        if self.known.read_at is None or not is_whole:
            return
        self.known = Known(now, self.known.people, self.known.prompts, self.known.applications)
        if self._stored_at is None or now - self._stored_at >= STORE_EVERY:
            self._store()

    def load(self) -> bool:
        """The copy is what lies on the disk, if this server wrote it; False where there is nothing of that kind."""
        try:
            self.known = _of_document(json.loads(read_sealed(self.path, self.outside.keyring, OWNER)))
        except (OSError, Unavailable, ValueError, KeyError, TypeError):
            return False
        return True

    def _store(self) -> None:
        content = json.dumps(_document(self.known), sort_keys=True).encode()
        try:
            write_sealed(self.path, content, self.outside.keyring, OWNER, self.outside.chance)
        except OSError as error:
            log.error("the copy of who may stop cannot be stored: %s", error.strerror)
            return  # memory has it; it is tried again at the next change
        self._stored_at = self.outside.now()


def _read(session: Session, now: datetime) -> Known:
    people = session.scalars(select(Person).where(Person.is_active, Person.password_hash.is_not(None)))
    known = [_known_person(person) for person in people if may(actor_of(person, "").roles, Right.STOP_DELIVERY)]
    periods = {
        row.prompt_id: row.began_at for row in session.scalars(select(LivePeriod).where(LivePeriod.ended_at.is_(None)))
    }
    rollouts = {row.prompt_id: row for row in session.scalars(select(Rollout).where(Rollout.ended_at.is_(None)))}
    prompts = {
        prompt.name: KnownPrompt(
            periods[prompt.id].isoformat() if prompt.live_release_id and prompt.id in periods else None,
            *_rollout_facts(rollouts.get(prompt.id)),
        )
        for prompt in session.scalars(select(Prompt))
    }
    tokens = session.scalars(select(Token).where(Token.revoked_at.is_(None), Token.expires_at > now))
    applications = [
        KnownApplication(row.id, row.name, _whom_to_call(row), tuple(row.scopes.get("prompts") or ()))
        for row in tokens
        if "deliver" in row.scopes["scopes"]
    ]
    return Known(now, {one.email: one for one in known}, prompts, tuple(applications))


def _whom_to_call(row: Token) -> str:
    return ", ".join(filter(None, (row.owner_contact, row.owner_phone)))


def _rollout_facts(row: Rollout | None) -> tuple[str, str | None]:
    """The state, and since when: of the step while it runs, else of the stop."""
    if row is None:
        return "", None
    since = row.step_entered_at if row.state == "running" else row.stopped_at
    return row.state, None if since is None else since.isoformat()


def _known_person(person: Person) -> KnownPerson:
    roles = tuple(sorted(actor_of(person, "").roles))
    return KnownPerson(person.id, person.name, person.email.lower(), person.password_hash or "", roles)


def _document(known: Known) -> dict[str, Any]:
    return {
        "read_at": None if known.read_at is None else known.read_at.isoformat(),
        "people": [asdict(one) for one in known.people.values()],
        "prompts": {name: asdict(one) for name, one in known.prompts.items()},
        "applications": [asdict(one) for one in known.applications],
    }


def _of_document(document: dict[str, Any]) -> Known:
    people = [KnownPerson(**{**one, "roles": tuple(one["roles"])}) for one in document["people"]]
    applications = [KnownApplication(**{**one, "prompts": tuple(one["prompts"])}) for one in document["applications"]]
    return Known(
        datetime.fromisoformat(document["read_at"]),
        {one.email: one for one in people},
        {name: KnownPrompt(**one) for name, one in document["prompts"].items()},
        tuple(applications),
    )
