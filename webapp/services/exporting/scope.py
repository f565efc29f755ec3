"""Which changes an export covers. The log itself is always exported whole: its entries hold digests and codes only."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.adapters.store.schema import Change, Leaf, Prompt
from webapp.errors import NotFound


def changes_of(
    session: Session, kind: str, value: str, since: datetime | None, until: datetime | None
) -> tuple[str, ...]:
    """The ids of the changes, in order; NotFound when the change or prompt does not exist. A period has those that moved in it, its pack too."""
    if kind in ("change", "dossier") and session.get(Change, value) is None:
        raise NotFound("There is no such change; copy its id from its page.")
    if kind == "prompt" and session.scalar(select(Prompt.id).where(Prompt.name == value)) is None:
        raise NotFound("There is no prompt of this name; look at the list of prompts.")
    query = select(Change.id)
    if kind in ("change", "dossier"):
        query = query.where(Change.id == value)
    elif kind == "prompt":
        query = query.join(Prompt, Prompt.id == Change.prompt_id).where(Prompt.name == value)
    elif kind in ("period", "audit_pack"):
        moved = select(Leaf.entity_id).where(Leaf.entity_type == "change", Leaf.at >= since, Leaf.at < until)
        query = query.where(Change.id.in_(moved))
    return tuple(session.scalars(query.order_by(Change.id)))
