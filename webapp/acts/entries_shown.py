"""Entries of the audit log as pages show them: one sentence with names, the codes beside it, and whether it is sealed.

What must not live here: which entries a page shows, and payloads.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from webapp.acts.things import Thing, prompt_behind, thing_of
from webapp.adapters.store.checkpoints import first_checkpoint_over
from webapp.adapters.store.schema import Leaf
from webapp.domain.record.entry_words import fill
from webapp.domain.workflow import Actor

SYSTEM = "system"


@dataclass(frozen=True)
class Seal:
    """The first checkpoint over an entry: over how many entries, and when the notary signed it."""

    size: int
    at: datetime


@dataclass(frozen=True)
class EntryRow:
    """An entry in words: who, then ``lead``, ``thing`` and ``tail``; after them its codes as they are. ``seal`` None: recorded only."""

    seq: int
    at: datetime
    type: str
    actor_id: str
    actor_name: str
    roles: tuple[str, ...]
    via: str
    entity_type: str
    entity_id: str
    before: str | None
    after: str | None
    reason: str | None
    lead: str
    thing: Thing | None
    tail: str
    prompt: str | None
    seal: Seal | None

    @property
    def is_by_system(self) -> bool:
        """Did no person act?"""
        return self.via == SYSTEM

    @property
    def sentence(self) -> str:
        """The entry as one line of text."""
        return f"{self.actor_name} {self.lead}{self.thing.words if self.thing else ''}{self.tail}"


def entry_shown(session: Session, actor: Actor, leaf: Leaf) -> EntryRow:
    """The leaf in words, with the names of today for what it is about and the name of then for who acted."""
    document: dict[str, Any] = json.loads(leaf.content)
    after = document["after"]["state"] if document["after"] else None
    lead, rest = fill(leaf.type, after, document["reason"], document["entity"]["version"])
    thing: Thing | None = thing_of(session, actor, leaf.entity_type, leaf.entity_id, document["entity"]["version"])
    if rest is None and leaf.entity_id == document["actor"]["id"]:
        thing = None
    elif rest is None:
        lead, rest = f"{lead}, about ", ""
    seal = first_checkpoint_over(session, leaf.seq)
    return EntryRow(
        seq=leaf.seq,
        at=leaf.at,
        type=leaf.type,
        actor_id=document["actor"]["id"],
        actor_name=document["actor"]["name"],
        roles=tuple(document["actor"]["roles"]),
        via=document["actor"]["via"],
        entity_type=leaf.entity_type,
        entity_id=leaf.entity_id,
        before=document["before"]["state"] if document["before"] else None,
        after=after,
        reason=document["reason"],
        lead=lead,
        thing=thing,
        tail=rest or "",
        prompt=prompt_behind(session, leaf.entity_type, leaf.entity_id),
        seal=None if seal is None else Seal(seal.size, seal.published_at),
    )
