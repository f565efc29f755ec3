"""The log as a whole: its root recomputed from every entry's bytes, the stages of all changes replayed from entries alone."""

from __future__ import annotations

import json

from sqlalchemy import func, select

from webapp.adapters.outside import Outside
from webapp.adapters.store.ledger import head
from webapp.adapters.store.schema import Leaf
from webapp.domain.record.merkle import leaf_hash, root_of


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


def count_entries(outside: Outside) -> int:
    """How many entries the log has."""
    with outside.database.reading() as session:
        return session.scalar(select(func.count()).select_from(Leaf)) or 0
