"""Recognising a token at a call: whose it is and what it opens now."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update

from webapp.acts.actors import actor_of
from webapp.acts.refusals import UNKNOWN, Attempt, note_refusal
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Person, Token
from webapp.domain.record.canonical import sha256_hex
from webapp.domain.workflow import Actor
from webapp.errors import NotSignedIn, Refused, Unavailable
from webapp.services.tokens.terms import scopes_for

USED_AT_MOST_EVERY = timedelta(minutes=1)


@dataclass(frozen=True)
class Bearer:
    """A token that is good now. ``scopes`` is the stored document: ``scopes`` and ``prompts``, both lists; ``application``: its name."""

    id: str
    application: str
    scopes: dict[str, Any]
    actor: Actor


def find_bearer(outside: Outside, secret: str, *, place: str = "") -> Bearer:
    """Whose token this is, with the roles held now; NotSignedIn when it is unknown, expired or revoked, or the owner left.

    A token that is not good is a failed sign-in: entered, and counted where it is shown again. ``place`` is where it came from.
    """
    try:
        row, person = _good_token(outside, secret)
    except _NotGood as fault:
        _enter_refusal(outside, fault, place)
        raise NotSignedIn(fault.sentence, code=fault.code) from None
    now = outside.now()
    if row.last_used_at is None or now - row.last_used_at >= USED_AT_MOST_EVERY:
        _mark_used(outside, row.id)
    return Bearer(row.id, row.name, row.scopes, actor_of(person, "token", token_id=row.id))


class _NotGood(Exception):
    """Why a token opens nothing, and which one it is."""

    def __init__(self, token_id: str, code: str, sentence: str) -> None:
        super().__init__(code)
        self.token_id, self.code, self.sentence = token_id, code, sentence


def _good_token(outside: Outside, secret: str) -> tuple[Token, Person]:
    with outside.database.reading() as session:
        row = session.scalar(select(Token).where(Token.token_sha256 == sha256_hex(secret.encode())))
        if row is None:
            raise _NotGood(UNKNOWN, "token_unknown", "This token is not known here; ask its owner for the present one.")
        person = session.get_one(Person, row.person_id)
    if row.revoked_at is not None or not person.is_active:
        raise _NotGood(row.id, "token_revoked", "This token was revoked; ask for a new one.")
    if row.expires_at <= outside.now():
        ended = f"This token ended on {row.expires_at:%-d %B %Y}; ask for a new one."
        raise _NotGood(row.id, "token_expired", ended)
    return row, person


def _enter_refusal(outside: Outside, fault: _NotGood, place: str) -> None:
    """The refusal is entered, and stands also where it cannot be entered."""
    with suppress(Unavailable):
        note_refusal(outside, Attempt("session.refused", UNKNOWN, ("token", fault.token_id), fault.code, place))


def require_scope(bearer: Bearer, wanted: Collection[str]) -> None:
    """The token has one of these scopes and its owner's roles still carry it; Refused with the reason."""
    has = set(bearer.scopes.get("scopes") or ()) & set(wanted)
    if not has:
        names = " or ".join(wanted)
        raise Refused(f"This token may not do this; it needs the scope {names}.", code="scope")
    if not has & set(scopes_for(bearer.actor.roles)):
        raise Refused("The owner of this token no longer has the role for this; ask for a new token.", code="role")


def _mark_used(outside: Outside, token_id: str) -> None:
    with outside.database.writing() as session:
        session.execute(update(Token).where(Token.id == token_id).values(last_used_at=outside.now()))
