"""Mail written with the act that it tells of, and sent after its commit. It says what happened and where to read it, and no more."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.acts.outbox import MAIL, post
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Person


def mail_everybody(outside: Outside, session: Session, subject: str, text: str, path: str) -> None:
    """Every active person who has joined is told; ``path`` is the page that the mail leads to."""
    query = select(Person.id).where(Person.is_active, Person.password_hash.is_not(None)).order_by(Person.id)
    mail(outside, session, session.scalars(query).all(), subject, text, path)


def mail(outside: Outside, session: Session, people: Iterable[str], subject: str, text: str, path: str) -> None:
    """Each of these people is told who is active; nobody where no mail server is set up."""
    if outside.mail is None:
        return
    address = f"{outside.settings.base_url.rstrip('/')}{path}"
    for person_id in people:
        person = session.get(Person, person_id)
        if person is not None and person.is_active:
            body = {"to": person.email, "subject": " ".join(subject.split()), "text": f"{text}\n\n{address}\n"}
            post(outside, session, MAIL, body)
