"""A page of the audit log in words, counted, with pages that stay as they are while the log grows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from webapp.acts.entries_shown import EntryRow, entry_shown
from webapp.acts.things import thing_of
from webapp.adapters.outside import Outside
from webapp.adapters.store.checkpoints import newest_checkpoint
from webapp.adapters.store.ledger import head
from webapp.adapters.store.schema import Leaf, Person, Prompt
from webapp.domain.record.entry_words import OTHER, PHRASES, group_of, label_of
from webapp.domain.record.kinds import KINDS
from webapp.domain.workflow import Actor
from webapp.services.ledger.filters import Filters, conditions_of, count

PAGE = 50


@dataclass(frozen=True)
class LedgerView:
    """A page of the audit log with its head. The first ``sealed_size`` entries are under the notary's newest checkpoint.

    ``total`` entries fulfil the filter among the first ``up_to`` of the log, and the page begins with the ``first``-th of them; ``newer``
    came since. ``types`` are the choices under their headings. ``about`` says in words what the one thing is that the list is narrowed to.
    """

    rows: tuple[EntryRow, ...]
    size: int
    root: str
    sealed_size: int
    sealed_at: datetime | None
    up_to: int
    total: int
    first: int
    newer: int
    next_before_seq: int | None
    previous_after_seq: int | None
    about: str | None
    people: tuple[tuple[str, str], ...]
    prompts: tuple[str, ...]
    types: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]


def show_ledger(outside: Outside, actor: Actor, filters: Filters, *, limit: int | None = None) -> LedgerView:
    """The newest entries first, narrowed by the filters."""
    with outside.database.reading() as session:
        size, root = head(session)
        up_to = size if filters.up_to is None else min(filters.up_to, size)
        narrowed = conditions_of(session, filters)
        leaves = _leaves(session, filters, [*narrowed, Leaf.seq < up_to], limit or PAGE)
        newest = newest_checkpoint(session)
        total = up_to if filters.is_whole_log else count(session, *narrowed, Leaf.seq < up_to)
        first = _place(session, filters, narrowed, leaves, up_to)
        last = first + len(leaves) - 1
        return LedgerView(
            rows=tuple(entry_shown(session, actor, leaf) for leaf in leaves),
            size=size,
            root=root,
            sealed_size=newest.size if newest else 0,
            sealed_at=newest.published_at if newest else None,
            up_to=up_to,
            total=total,
            first=first,
            newer=0 if up_to == size else count(session, *narrowed, Leaf.seq >= up_to),
            next_before_seq=leaves[-1].seq if leaves and last < total else None,
            previous_after_seq=leaves[0].seq if leaves and first > 1 else None,
            about=_about(session, actor, filters.entity_id),
            people=tuple((p.id, p.name) for p in session.scalars(select(Person).order_by(Person.name))),
            prompts=tuple(session.scalars(select(Prompt.name).order_by(Prompt.name))),
            types=_choices(),
        )


def _leaves(
    session: Session, filters: Filters, conditions: Sequence[ColumnElement[bool]], limit: int
) -> Sequence[Leaf]:
    """The leaves of the page: their numbers from an index first, then only these few rows."""
    query = select(Leaf.seq).where(*conditions)
    if filters.after_seq is not None:
        query = query.where(Leaf.seq > filters.after_seq).order_by(Leaf.seq)
    else:
        query = query.order_by(Leaf.seq.desc())
        if filters.before_seq is not None:
            query = query.where(Leaf.seq < filters.before_seq)
    numbers = session.scalars(query.limit(limit)).all()
    return session.scalars(select(Leaf).where(Leaf.seq.in_(numbers)).order_by(Leaf.seq.desc())).all()


def _place(
    session: Session, filters: Filters, narrowed: list[ColumnElement[bool]], leaves: Sequence[Leaf], up_to: int
) -> int:
    """Which of the entries that fulfil the filter stands first on the page, counted from 1."""
    if not leaves:
        return 1
    if filters.is_whole_log:
        return up_to - leaves[0].seq
    return count(session, *narrowed, Leaf.seq > leaves[0].seq, Leaf.seq < up_to) + 1


def _about(session: Session, actor: Actor, entity_id: str) -> str | None:
    """What stands behind the id, told by an entry about it; the id itself where there is none."""
    if not entity_id:
        return None
    found = session.scalars(select(Leaf).where(Leaf.entity_id == entity_id).order_by(Leaf.seq).limit(1)).first()
    return entity_id if found is None else thing_of(session, actor, found.entity_type, entity_id).words


def _choices() -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    """Every type in words under its heading."""
    headings = [*PHRASES, OTHER]
    grouped = {
        heading: tuple(
            sorted(
                ((kind, label_of(kind)) for kind in KINDS if group_of(kind) == heading),
                key=lambda one: one[1],
            )
        )
        for heading in headings
    }
    return tuple((heading, kinds) for heading, kinds in grouped.items() if kinds)
