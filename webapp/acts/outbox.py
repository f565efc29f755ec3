"""The outbox: messages written with the act and sent after its commit, so that nothing is announced that did not happen."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Outbox
from webapp.errors import Unavailable

MOST_AT_ONCE = 100


def post(outside: Outside, session: Session, topic: str, body: dict[str, Any]) -> None:
    """The message leaves after the commit."""
    session.add(Outbox(id=outside.new_id("out"), topic=topic, body=body, created_at=outside.now(), sent_at=None))


def deliver_outbox(outside: Outside) -> int:
    """Waiting messages have left; returns how many. Messages wait on where the queue does not answer; nothing is lost."""
    with outside.database.reading() as session:
        rows = session.scalars(
            select(Outbox).where(Outbox.sent_at.is_(None)).order_by(Outbox.id).limit(MOST_AT_ONCE)
        ).all()
    sent = []
    for row in rows:
        try:
            _send(outside, row)
        except Unavailable:
            break
        sent.append(row.id)
    if sent:
        with outside.database.writing() as session:
            for row_id in sent:
                session.get_one(Outbox, row_id).sent_at = outside.now()
    return len(sent)


def _send(outside: Outside, row: Outbox) -> None:
    if row.topic == "job":
        outside.queue.ring(row.body["job_id"])
