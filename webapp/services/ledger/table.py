"""The result of a filter as a table for a spreadsheet, of any length. That it was taken is an entry of the log itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from sqlalchemy import select

from webapp.acts.entries_shown import EntryRow, entry_shown
from webapp.acts.recording import enter
from webapp.adapters.outside import Outside
from webapp.adapters.store.ledger import head
from webapp.adapters.store.schema import Leaf
from webapp.domain.csv_cells import csv_lines
from webapp.domain.record.leaf import timestamp
from webapp.domain.workflow import Actor
from webapp.domain.workflow.grants import Right, may
from webapp.errors import Refused
from webapp.services.ledger.filters import Filters, conditions_of

AT_ONCE = 500
HEADERS = (
    "entry", "at (UTC)", "what", "type", "person", "person id", "roles", "by way of", "about", "about id", "prompt", "before",
    "after", "reason", "leaf hash", "seal over",
)  # fmt: skip


def table_lines(outside: Outside, actor: Actor, filters: Filters) -> Iterator[bytes]:
    """The lines of the table, oldest entry first, up to where the log stood when it was asked for; that it was is entered."""
    if not may(actor.roles, Right.EXPORT_RECORD):
        raise Refused("Your roles do not let you export the record; ask an auditor.", code="role")
    with outside.database.writing() as session:
        size = head(session)[0]
        entity = ("log", outside.settings.log_origin[:80], None)
        enter(outside, session, actor, "export.made", entity, reason="ledger_table", payload=_asked(filters))
    return csv_lines(_cells(outside, actor, replace(filters, up_to=size)))


def _asked(filters: Filters) -> dict[str, str]:
    """The filter as it was chosen."""
    words = {"prompt": filters.prompt, "person": filters.person_id, "type": filters.type, "group": filters.group}
    times = {"since": filters.since, "until": filters.until}
    return {
        **{name: word for name, word in words.items() if word},
        **{name: timestamp(moment) for name, moment in times.items() if moment is not None},
        **({"about": filters.entity_id} if filters.entity_id else {}),
        **({"entries": f"{filters.between[0]}-{filters.between[1]}"} if filters.between else {}),
    }


def _cells(outside: Outside, actor: Actor, filters: Filters) -> Iterator[tuple[object, ...]]:
    """Headers and rows, read a few hundred at a time."""
    yield HEADERS
    after = -1
    while True:
        with outside.database.reading() as session:
            conditions = [*conditions_of(session, filters), Leaf.seq > after, Leaf.seq < (filters.up_to or 0)]
            numbers = session.scalars(select(Leaf.seq).where(*conditions).order_by(Leaf.seq).limit(AT_ONCE)).all()
            leaves = session.scalars(select(Leaf).where(Leaf.seq.in_(numbers)).order_by(Leaf.seq)).all()
            rows = [_row(entry_shown(session, actor, leaf), leaf.leaf_sha256) for leaf in leaves]
        yield from rows
        if len(numbers) < AT_ONCE:
            return
        after = numbers[-1]


def _row(row: EntryRow, leaf_sha256: str) -> tuple[object, ...]:
    return (
        row.seq,
        timestamp(row.at),
        row.sentence,
        row.type,
        row.actor_name,
        row.actor_id,
        " ".join(row.roles),
        row.via,
        row.entity_type,
        row.entity_id,
        row.prompt,
        row.before,
        row.after,
        row.reason,
        leaf_sha256,
        row.seal.size if row.seal else "not sealed yet",
    )
