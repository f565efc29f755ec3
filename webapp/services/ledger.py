"""Reading the audit log: filters for people, an entry with its bytes and proof, the root recomputed, the stages replayed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from webapp.acts.audit_facts import audit_facts
from webapp.adapters.outside import Outside
from webapp.adapters.store.checkpoints import first_checkpoint_over, newest_checkpoint
from webapp.adapters.store.ledger import head
from webapp.adapters.store.schema import Change, Leaf, Payload, Person, Prompt
from webapp.adapters.store.tiles import tree_of
from webapp.domain.record.merkle import includes, leaf_hash, root_of
from webapp.domain.workflow import Actor
from webapp.errors import NotFound

PAGE = 50


@dataclass(frozen=True)
class EntryRow:
    """An entry as a line of the list."""

    seq: int
    at: datetime
    type: str
    actor_name: str
    roles: tuple[str, ...]
    via: str
    entity_type: str
    entity_id: str
    before: str | None
    after: str | None
    reason: str | None


@dataclass(frozen=True)
class Filters:
    """What the list is narrowed to; ``before_seq`` pages on. Times are aware, ``until`` is exclusive."""

    prompt: str = ""
    person_id: str = ""
    type: str = ""
    entity_id: str = ""
    since: datetime | None = None
    until: datetime | None = None
    before_seq: int | None = None


@dataclass(frozen=True)
class LedgerView:
    """A page of the audit log with its head. The first ``sealed_size`` entries are under the notary's newest checkpoint."""

    rows: tuple[EntryRow, ...]
    size: int
    root: str
    sealed_size: int
    sealed_at: datetime | None
    next_before_seq: int | None
    people: tuple[tuple[str, str], ...]
    prompts: tuple[str, ...]
    types: tuple[str, ...]


@dataclass(frozen=True)
class EntryView:
    """One entry whole: its bytes as text, its hash, its place in the tree, and its payload where it may be read.

    ``is_withheld``: the payload is a grade of an audit that is still open; graders must not read each other's.
    ``sealed_at``: when the notary signed the first checkpoint over it; None while it is recorded, not sealed.
    """

    row: EntryRow
    document: str
    leaf_hash: str
    size: int
    root: str
    proof: tuple[str, ...]
    is_included: bool
    payload: str | None
    payload_sha256: str | None
    is_withheld: bool = False
    sealed_at: datetime | None = None


def show_ledger(outside: Outside, actor: Actor, filters: Filters) -> LedgerView:
    """The newest entries first, narrowed by the filters."""
    del actor
    with outside.database.reading() as session:
        rows = session.scalars(_query(session, filters).limit(PAGE + 1)).all()
        size, root = head(session)
        newest = newest_checkpoint(session)
        return LedgerView(
            rows=tuple(_row(leaf) for leaf in rows[:PAGE]),
            size=size,
            root=root,
            sealed_size=newest.size if newest else 0,
            sealed_at=newest.published_at if newest else None,
            next_before_seq=rows[PAGE - 1].seq if len(rows) > PAGE else None,
            people=tuple((p.id, p.name) for p in session.scalars(select(Person).order_by(Person.name))),
            prompts=tuple(session.scalars(select(Prompt.name).order_by(Prompt.name))),
            types=tuple(session.scalars(select(Leaf.type).distinct().order_by(Leaf.type))),
        )


def show_entry(outside: Outside, actor: Actor, seq: int) -> EntryView:
    """The entry with its proof of inclusion in the present tree; NotFound when there is none."""
    del actor
    with outside.database.reading() as session:
        size, root = head(session)
        leaf = session.get(Leaf, seq) if seq < size else None
        if leaf is None:
            raise NotFound("The audit log has no entry with this number.")
        proof = tree_of(session, size).inclusion_proof(seq)
        seal = first_checkpoint_over(session, seq)
        document = json.loads(leaf.content)
        payload_sha256 = document["payload"]["sha256"] if document["payload"] else None
        is_withheld = _is_blind_grade(session, leaf)
        stored = None if is_withheld else session.get(Payload, payload_sha256 or "")
        return EntryView(
            row=_row(leaf),
            document=leaf.content.decode(),
            leaf_hash=leaf_hash(leaf.content).hex(),
            size=size,
            root=root,
            proof=tuple(item.hex() for item in proof),
            is_included=includes(bytes.fromhex(root), size, seq, leaf_hash(leaf.content), proof),
            payload=stored.content.decode() if stored else None,
            payload_sha256=payload_sha256,
            is_withheld=is_withheld,
            sealed_at=seal.published_at if seal else None,
        )


def _is_blind_grade(session: Session, leaf: Leaf) -> bool:
    """Is this a grade whose audit still waits for grades?"""
    if leaf.type != "audit.graded":
        return False
    facts = audit_facts(session, leaf.entity_id)
    return bool(facts.ungraded or facts.open_disagreements)


def check_log(outside: Outside) -> tuple[int, str, bool]:
    """Size, stored root, and whether the root recomputed from every leaf's bytes is the stored one."""
    with outside.database.reading() as session:
        size, root = head(session)
        contents = session.scalars(select(Leaf.content).order_by(Leaf.seq).execution_options(yield_per=1000))
        recomputed = root_of([leaf_hash(content) for content in contents])
        return size, root, recomputed.hex() == root


def replay_stages(outside: Outside) -> dict[str, str]:
    """The stage of every change as the entries alone tell it, by change id."""
    stages: dict[str, str] = {}
    with outside.database.reading() as session:
        query = select(Leaf.content).where(Leaf.entity_type == "change", Leaf.type.like("change.%")).order_by(Leaf.seq)
        for content in session.scalars(query.execution_options(yield_per=1000)):
            document = json.loads(content)
            if document["after"]:
                stages[document["entity"]["id"]] = document["after"]["state"]
    return stages


def _query(session: Session, filters: Filters) -> Select[Leaf]:
    query = select(Leaf).order_by(Leaf.seq.desc())
    if filters.before_seq is not None:
        query = query.where(Leaf.seq < filters.before_seq)
    if filters.person_id:
        query = query.where(Leaf.actor_id == filters.person_id)
    if filters.type:
        query = query.where(Leaf.type == filters.type)
    if filters.entity_id:
        query = query.where(Leaf.entity_id == filters.entity_id)
    if filters.since is not None:
        query = query.where(Leaf.at >= filters.since)
    if filters.until is not None:
        query = query.where(Leaf.at < filters.until)
    if filters.prompt:
        query = query.where(Leaf.entity_id.in_(_entities_of(session, filters.prompt)))
    return query


def _entities_of(session: Session, prompt_name: str) -> Sequence[str]:
    """The prompt itself and its changes."""
    prompt = session.scalar(select(Prompt).where(Prompt.name == prompt_name))
    if prompt is None:
        return []
    return [prompt.id, *session.scalars(select(Change.id).where(Change.prompt_id == prompt.id))]


def _row(leaf: Leaf) -> EntryRow:
    document: dict[str, Any] = json.loads(leaf.content)
    return EntryRow(
        seq=leaf.seq,
        at=leaf.at,
        type=leaf.type,
        actor_name=document["actor"]["name"],
        roles=tuple(document["actor"]["roles"]),
        via=document["actor"]["via"],
        entity_type=leaf.entity_type,
        entity_id=leaf.entity_id,
        before=document["before"]["state"] if document["before"] else None,
        after=document["after"]["state"] if document["after"] else None,
        reason=document["reason"],
    )


def count_entries(outside: Outside) -> int:
    """How many entries the log has."""
    with outside.database.reading() as session:
        return session.scalar(select(func.count()).select_from(Leaf)) or 0
