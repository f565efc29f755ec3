"""The outbox: messages written with the act and sent after its commit, so that nothing is announced that did not happen."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Outbox, Person, RoleGrant
from webapp.domain.workflow import Role
from webapp.errors import Unavailable

JOB, MAIL = "job", "mail"
MOST_AT_ONCE = 100
LONGEST_WAIT_SECONDS = 3600
_POST = insert(Outbox.__table__)  # type: ignore[arg-type]
log = logging.getLogger("formulary.outbox")


def post(outside: Outside, session: Session, topic: str, body: dict[str, Any]) -> None:
    """The message leaves after the commit."""
    row = {"id": outside.new_id("out"), "topic": topic, "body": body, "created_at": outside.now()}
    session.connection().execute(_POST, row)


def write_to_administrators(outside: Outside, session: Session, subject: str, text: str) -> None:
    """Every active administrator is sent the message after the commit; nobody where no mail server is set up."""
    if outside.mail is None:
        return
    query = (
        select(Person.email)
        .join(RoleGrant, RoleGrant.person_id == Person.id)
        .where(RoleGrant.role == Role.ADMINISTRATOR.value, RoleGrant.revoked_at.is_(None))
        .where(Person.is_active, Person.password_hash.is_not(None))
    )
    for address in session.scalars(query.distinct().order_by(Person.email)):
        post(outside, session, MAIL, {"to": address, "subject": subject, "text": text})


def deliver_outbox(outside: Outside) -> int:
    """Waiting messages have left; returns how many. Messages wait on where the queue does not answer; nothing is lost."""
    with outside.database.reading() as session:
        query = select(Outbox).where(Outbox.sent_at.is_(None), Outbox.topic != MAIL)
        rows = session.scalars(query.order_by(Outbox.id).limit(MOST_AT_ONCE)).all()
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


def deliver_mail(outside: Outside) -> int:
    """Mail that is due has left; returns how many. What was not taken is tried again, at longer and longer intervals."""
    if outside.mail is None:
        return 0
    with outside.database.reading() as session:
        query = select(Outbox).where(Outbox.sent_at.is_(None), Outbox.topic == MAIL)
        rows = session.scalars(query.order_by(Outbox.attempts, Outbox.id).limit(MOST_AT_ONCE)).all()
    sent = 0
    for row in rows:
        if not _is_due(outside, row):
            continue
        try:
            outside.mail.send(row.body["to"], row.body["subject"], row.body["text"])
        except Unavailable as error:
            log.warning("%s", error.sentence)
            _mark(outside, row.id, was_sent=False)
            break
        _mark(outside, row.id, was_sent=True)
        sent += 1
    return sent


def _is_due(outside: Outside, row: Outbox) -> bool:
    wait = 0 if row.attempts == 0 else min(LONGEST_WAIT_SECONDS, 15 * 2 ** min(row.attempts, 10))
    return outside.now() >= row.created_at + timedelta(seconds=wait)


def _mark(outside: Outside, row_id: str, *, was_sent: bool) -> None:
    with outside.database.writing() as session:
        row = session.get_one(Outbox, row_id)
        row.attempts += 1
        if was_sent:
            row.sent_at = outside.now()


def _send(outside: Outside, row: Outbox) -> None:
    if row.topic == JOB:
        outside.queue.ring(row.body["job_id"])
