"""When applications last fetched a prompt: from the state of which moment they were answered, so that a stop can be seen to arrive.

What must not live here: what they are answered (``services.delivery``).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Fetch, LogState, Prompt
from webapp.errors import Conflict, Unavailable

NOTED_AT_MOST_EVERY = timedelta(minutes=1)
"""By the web application, where each note is a write; a delivery process notes once a second what came in meanwhile."""


@dataclass(frozen=True)
class Met:
    """The state that an application was answered from: when it was read at the earliest, and how many entries the audit log had in it."""

    at: datetime
    entries: int


def last_fetches(session: Session, prompt_id: str) -> dict[str, Met]:
    """By name of the application, the newest state of this prompt that it has met."""
    query = select(Fetch.application, Fetch.as_of, Fetch.entries).where(Fetch.prompt_id == prompt_id)
    return {row.application: Met(row.as_of, row.entries) for row in session.execute(query)}


def note_fetches(session: Session, fetched: Mapping[tuple[str, str], Met]) -> None:
    """For each application and name of a prompt: it met that state. An older one than is known changes nothing."""
    names = {name for _, name in fetched}
    ids = {row.name: row.id for row in session.execute(select(Prompt.name, Prompt.id).where(Prompt.name.in_(names)))}
    for (application, name), met in fetched.items():
        if name in ids:
            _note(session, application, ids[name], met)


def note_fetch_now(outside: Outside, application: str, names: Collection[str]) -> None:
    """The application is answered about these prompts (none named: all) from a state that is read after this. Nothing waits for it."""
    now = outside.now()
    is_its = (Fetch.prompt_id == Prompt.id) & (Fetch.application == application)
    query = select(Prompt.name).outerjoin(Fetch, is_its)
    stale = query.where(Fetch.as_of.is_(None) | (Fetch.as_of <= now - NOTED_AT_MOST_EVERY))
    with suppress(Unavailable, Conflict):
        with outside.database.reading() as session:
            found = list(session.scalars(stale.where(Prompt.name.in_(names)) if names else stale))
            met = Met(now, session.scalar(select(LogState.size)) or 0)
        if found:
            with outside.database.writing() as session:
                note_fetches(session, dict.fromkeys(((application, name) for name in found), met))


def _note(session: Session, application: str, prompt_id: str, met: Met) -> None:
    row = (Fetch.application == application) & (Fetch.prompt_id == prompt_id)
    if session.scalar(select(Fetch.as_of).where(row)) is None:
        with suppress(IntegrityError), session.begin_nested():  # another process was faster
            session.add(Fetch(application=application, prompt_id=prompt_id, as_of=met.at, entries=met.entries))
    session.execute(update(Fetch).where(row, Fetch.as_of < met.at).values(as_of=met.at))
    session.execute(update(Fetch).where(row, Fetch.entries < met.entries).values(entries=met.entries))
