"""What a reader narrows the log to, as conditions that the indexes of the leaves answer.

Times never decrease along the log, so a period is a range of numbers: two look-ups instead of a search.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, func, select, union_all
from sqlalchemy.orm import Session

from webapp.adapters.store.schema import Change, FindingRow, Leaf, Prompt, Release, Run, Signature, Version
from webapp.domain.record.entry_words import group_of
from webapp.domain.record.kinds import KINDS


@dataclass(frozen=True)
class Filters:
    """What the list is narrowed to. Times are aware, ``until`` is exclusive. ``type`` is one type, ``group`` a heading of several.

    ``between`` names the first and the last entry that count.

    ``before_seq`` and ``after_seq`` page on and back; ``up_to`` is the size of the log when the reader began, so that pages stay as they were.
    """

    prompt: str = ""
    person_id: str = ""
    type: str = ""
    group: str = ""
    entity_id: str = ""
    since: datetime | None = None
    until: datetime | None = None
    between: tuple[int, int] | None = None
    before_seq: int | None = None
    after_seq: int | None = None
    up_to: int | None = None

    @property
    def is_whole_log(self) -> bool:
        """Is nothing narrowed?"""
        return self == Filters(before_seq=self.before_seq, after_seq=self.after_seq, up_to=self.up_to)


def conditions_of(session: Session, filters: Filters) -> list[ColumnElement[bool]]:
    """The conditions on a leaf, without those of paging."""
    found: list[ColumnElement[bool]] = []
    if filters.person_id:
        found.append(Leaf.actor_id == filters.person_id)
    if filters.type:
        found.append(Leaf.type == filters.type)
    if filters.group:
        found.append(Leaf.type.in_(sorted(kind for kind in KINDS if group_of(kind) == filters.group)))
    if filters.entity_id:
        found.append(Leaf.entity_id == filters.entity_id)
    if filters.since is not None:
        found.append(Leaf.seq >= first_since(session, filters.since))
    if filters.until is not None:
        found.append(Leaf.seq < first_since(session, filters.until))
    if filters.between is not None:
        found.append(Leaf.seq.between(*filters.between))
    if filters.prompt:
        found.append(Leaf.entity_id.in_(_entities_of(filters.prompt)))
    return found


def first_since(session: Session, moment: datetime) -> int:
    """The number of the first entry at or after the moment; one more than the last where there is none."""
    first = session.scalar(select(Leaf.seq).where(Leaf.at >= moment).order_by(Leaf.at, Leaf.seq).limit(1))
    if first is not None:
        return first
    last = session.scalar(select(func.max(Leaf.seq)))
    return 0 if last is None else last + 1


def count(session: Session, *conditions: ColumnElement[bool]) -> int:
    """How many entries fulfil the conditions."""
    return session.scalar(select(func.count()).select_from(Leaf).where(*conditions)) or 0


def _entities_of(prompt_name: str) -> Select[tuple[str]]:
    """The prompt itself and everything of it that entries are about."""
    prompt = select(Prompt.id).where(Prompt.name == prompt_name).scalar_subquery()
    changes = select(Change.id).where(Change.prompt_id == prompt)
    parts = union_all(
        select(Prompt.id).where(Prompt.name == prompt_name),
        changes,
        select(Version.id).where(Version.prompt_id == prompt),
        select(Release.id).where(Release.prompt_id == prompt),
        select(Run.id).where(Run.change_id.in_(changes)),
        select(Signature.id).where(Signature.change_id.in_(changes)),
        select(FindingRow.id).join(Run, Run.id == FindingRow.run_id).where(Run.change_id.in_(changes)),
    ).subquery()
    return select(parts.c.id)
