"""What ends when a person leaves or changes the password: sessions and tokens, in the transaction of the act itself."""

from __future__ import annotations

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from webapp.acts.recording import enter
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import SessionRow, Token
from webapp.domain.workflow import Actor


def end_sessions(outside: Outside, session: Session, person_id: str, *, but: str | None = None) -> None:
    """This person is signed in nowhere any more, except in the session ``but`` (its stored hash)."""
    query = update(SessionRow).where(SessionRow.person_id == person_id, SessionRow.revoked_at.is_(None))
    if but is not None:
        query = query.where(SessionRow.id_sha256 != but)
    session.execute(query.values(revoked_at=outside.now()))


def end_tokens(outside: Outside, session: Session, actor: Actor, person_id: str) -> None:
    """No token of this person opens anything any more; each has its entry."""
    rows = session.scalars(select(Token).where(Token.person_id == person_id, Token.revoked_at.is_(None)))
    for row in rows.all():
        row.revoked_at = outside.now()
        enter(outside, session, actor, "token.revoked", ("token", row.id, None), reason="owner_left")
