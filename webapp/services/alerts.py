"""Alerts as administrators and auditors see them, and saying that somebody looked into one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from webapp.acts.alerts import WHAT_TO_DO, alert_words
from webapp.acts.recording import enter
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Alert, Person
from webapp.domain.workflow import Actor
from webapp.domain.workflow.grants import Right, may
from webapp.errors import AlreadyDone, NotFound, Refused

SHOWN_DAYS = 30
MOST_SHOWN = 50


@dataclass(frozen=True)
class AlertView:
    """An alert in words. ``may_see``: may this person say that it was looked into?"""

    id: str
    sentence: str
    what_to_do: str
    raised_at: datetime
    entry_seq: int
    seen_by: str | None
    seen_at: datetime | None
    may_see: bool


def list_alerts(outside: Outside, actor: Actor, *, only_open: bool = False) -> tuple[AlertView, ...]:
    """The alerts of the last 30 days and those that nobody looked into, newest first; none for who may not read people."""
    if not may(actor.roles, Right.READ_PEOPLE):
        return ()
    since = outside.now() - timedelta(days=SHOWN_DAYS)
    query = select(Alert).where(Alert.seen_at.is_(None) | (Alert.raised_at > since))
    if only_open:
        query = query.where(Alert.seen_at.is_(None))
    minutes, may_see = outside.settings.alert_minutes, may(actor.roles, Right.MANAGE_PEOPLE)
    with outside.database.reading() as session:
        rows = session.scalars(query.order_by(Alert.raised_at.desc(), Alert.id.desc()).limit(MOST_SHOWN)).all()
        names = {
            row.id: row.name for row in session.scalars(select(Person).where(Person.id.in_([r.seen_by for r in rows])))
        }
        return tuple(
            AlertView(
                id=row.id,
                sentence=alert_words(session, row.kind, row.subject, row.count, minutes),
                what_to_do=WHAT_TO_DO[row.kind],
                raised_at=row.raised_at,
                entry_seq=row.entry_seq,
                seen_by=names.get(row.seen_by or ""),
                seen_at=row.seen_at,
                may_see=may_see and row.seen_at is None,
            )
            for row in rows
        )


def mark_seen(outside: Outside, actor: Actor, alert_id: str) -> None:
    """That an administrator looked into the alert stands in the audit log; it leaves the inboxes of all administrators."""
    if not may(actor.roles, Right.MANAGE_PEOPLE):
        raise Refused("Your roles do not let you close a notice; ask an administrator.", code="role")
    with outside.database.writing() as session:
        row = session.get(Alert, alert_id, with_for_update=True)
        if row is None:
            raise NotFound("There is no such notice; look at the list of people.")
        if row.seen_at is not None:
            raise AlreadyDone("Another administrator looked into this already.")
        row.seen_by, row.seen_at = actor.id, outside.now()
        enter(outside, session, actor, "alert.seen", ("alert", row.id, None), reason=row.kind)
