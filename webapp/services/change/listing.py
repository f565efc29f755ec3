"""The list of changes, newest first, narrowed to a stage or a prompt."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select

from webapp.acts.clock import Stopped, stopped_clocks
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Change, Person, Prompt
from webapp.domain.workflow import Actor, Stage
from webapp.errors import InvalidInput

PAGE = 25


@dataclass(frozen=True)
class ChangeRow:
    """A change as a line. ``stopped``: a question stops its clock, so the date is not counted down now."""

    id: str
    title: str
    prompt: str
    stage: str
    risk_class: str
    opened_by: str
    opened_at: datetime
    due_at: datetime | None
    stopped: Stopped | None = None


@dataclass(frozen=True)
class ChangesPage:
    """One page of the list. ``page`` counts from 1; ``first`` and ``last`` are the places of its rows."""

    rows: tuple[ChangeRow, ...]
    total: int
    page: int
    first: int
    last: int
    prompts: tuple[str, ...]

    @property
    def has_next(self) -> bool:
        """Are there older changes?"""
        return self.last < self.total


def list_changes(outside: Outside, actor: Actor, *, stage: str = "", prompt: str = "", page: int = 1) -> ChangesPage:
    """The changes that everybody with a role may read; InvalidInput for a stage that does not exist."""
    del actor
    if stage and stage not in list(Stage):
        raise InvalidInput("There is no such stage; choose one from the list.")
    with outside.database.reading() as session:
        chosen = _chosen(stage, prompt)
        total = session.scalar(select(func.count()).select_from(chosen.subquery())) or 0
        start = (max(page, 1) - 1) * PAGE
        query = chosen.order_by(Change.opened_at.desc(), Change.id.desc()).offset(start).limit(PAGE)
        found = session.execute(query).all()
        stopped = stopped_clocks(session, [row[0].id for row in found])
        rows = tuple(
            ChangeRow(c.id, c.title, name, c.stage, c.risk_class, opener, c.opened_at, c.due_at, stopped.get(c.id))
            for c, name, opener in found
        )
        prompts = tuple(session.scalars(select(Prompt.name).order_by(Prompt.name)))
    return ChangesPage(rows, total, max(page, 1), min(start + 1, total), start + len(rows), prompts)


def _chosen(stage: str, prompt: str) -> Select[Change, str, str]:
    query = (
        select(Change, Prompt.name, Person.name.label("opener"))
        .join(Prompt, Prompt.id == Change.prompt_id)
        .join(Person, Person.id == Change.opened_by)
    )
    if stage:
        query = query.where(Change.stage == stage)
    return query.where(Prompt.name == prompt) if prompt else query
