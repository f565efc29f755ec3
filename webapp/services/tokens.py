"""Bearer tokens of programs: made by a person, shown once, checked at every call, revoked at any time.

What must not live here: what a scope opens (the doors mark their routes), and headers.
"""

from __future__ import annotations

import base64
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from webapp.acts.actors import actor_of
from webapp.acts.recording import enter
from webapp.acts.refusals import UNKNOWN, Attempt, note_refusal
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Person, Prompt, Token
from webapp.domain.record.canonical import sha256_hex
from webapp.domain.workflow import Actor, Role
from webapp.domain.workflow.grants import Right, may
from webapp.errors import AlreadyDone, InvalidInput, NotFound, NotSignedIn, Refused, Unavailable

PREFIX = "pf_"
LONGEST_DAYS = 365
LONGEST_NAME = 80
LONGEST_CONTACT = 120
LONGEST_PHONE = 40
USED_AT_MOST_EVERY = timedelta(minutes=1)
SCOPES_OF: dict[Role, tuple[str, ...]] = {
    Role.AUTHOR: ("submit", "read"),
    Role.ADMINISTRATOR: ("deliver", "report", "read"),
}
SCOPE_WORDS = {
    "submit": "submit, revise and withdraw changes; import test sets",
    "read": "read changes, evaluations, prompts and test sets",
    "deliver": "fetch released prompts for an application",
    "report": "report calls and problems of an application",
}


@dataclass(frozen=True)
class TokenRequest:
    """What a new token is to be. Empty ``prompts`` mean all prompts."""

    name: str
    scopes: tuple[str, ...]
    prompts: tuple[str, ...]
    contact: str
    phone: str
    days: int


@dataclass(frozen=True)
class Bearer:
    """A token that is good now. ``scopes`` is the stored document: ``scopes`` and ``prompts``, both lists; ``application``: its name."""

    id: str
    application: str
    scopes: dict[str, Any]
    actor: Actor


@dataclass(frozen=True)
class TokenRow:
    """A token as a line of the list."""

    id: str
    name: str
    owner: str
    scopes: tuple[str, ...]
    prompts: tuple[str, ...]
    contact: str
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    state: str
    is_mine: bool


@dataclass(frozen=True)
class TokensView:
    """The tokens a person may see and what a new one of theirs may open."""

    rows: tuple[TokenRow, ...]
    scopes: tuple[tuple[str, str], ...]
    prompts: tuple[str, ...]


def scopes_for(roles: Collection[Role]) -> tuple[str, ...]:
    """The scopes that a token of somebody with these roles may have, in a fixed order."""
    allowed = {scope for role in roles for scope in SCOPES_OF.get(role, ())}
    return tuple(scope for scope in SCOPE_WORDS if scope in allowed)


def make_token(outside: Outside, actor: Actor, asked: TokenRequest) -> str:
    """A token exists; returns its text, which is stored nowhere. InvalidInput or Refused with the reason."""
    _require_right(actor)
    secret = PREFIX + base64.urlsafe_b64encode(outside.chance(32)).rstrip(b"=").decode()
    now = outside.now()
    with outside.database.writing() as session:
        _check(session, actor, asked)
        scopes: dict[str, Any] = {"scopes": list(asked.scopes), "prompts": sorted(asked.prompts)}
        row = Token(
            id=outside.new_id("tok"),
            person_id=actor.id,
            name=asked.name.strip(),
            token_sha256=sha256_hex(secret.encode()),
            scopes=scopes,
            created_at=now,
            expires_at=now + timedelta(days=asked.days),
            owner_contact=f"{asked.contact.strip()}, {asked.phone.strip()}",
        )
        session.add(row)
        payload = {"name": row.name, **scopes, "owner_contact": row.owner_contact, "days": asked.days}
        enter(outside, session, actor, "token.issued", ("token", row.id, None), payload=payload)
    return secret


def revoke_token(outside: Outside, actor: Actor, token_id: str) -> None:
    """The token opens nothing any more. Its owner or an administrator may do this."""
    _require_right(actor)
    with outside.database.writing() as session:
        row = session.get(Token, token_id, with_for_update=True)
        if row is None or not _may_see(actor, row):
            raise NotFound("There is no such token; look for it in the list of tokens.")
        if row.revoked_at is not None:
            raise AlreadyDone("This token was revoked before.")
        row.revoked_at = outside.now()
        enter(outside, session, actor, "token.revoked", ("token", row.id, None))


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


def show_tokens(outside: Outside, actor: Actor) -> TokensView:
    """A person's own tokens, or everybody's for an administrator; newest first."""
    _require_right(actor)
    query = select(Token, Person.name).join(Person, Person.id == Token.person_id).order_by(Token.id.desc())
    if not _administers(actor):
        query = query.where(Token.person_id == actor.id)
    with outside.database.reading() as session:
        rows = tuple(_line(token, owner, actor, outside.now()) for token, owner in session.execute(query))
        prompts = tuple(session.scalars(select(Prompt.name).order_by(Prompt.name)))
    return TokensView(rows, tuple((scope, SCOPE_WORDS[scope]) for scope in scopes_for(actor.roles)), prompts)


def _check(session: Session, actor: Actor, asked: TokenRequest) -> None:
    _text(asked.name, LONGEST_NAME, "Name the token by what uses it")
    _text(asked.contact, LONGEST_CONTACT, "Write whom to ask about this token")
    _text(asked.phone, LONGEST_PHONE, "Write a telephone number for the hours when mail is too slow")
    if not 1 <= asked.days <= LONGEST_DAYS:
        raise InvalidInput(f"A token lasts 1 to {LONGEST_DAYS} days.")
    if not asked.scopes or len(set(asked.scopes)) != len(asked.scopes):
        raise InvalidInput("Choose what the token may do.")
    beyond = sorted(set(asked.scopes) - set(scopes_for(actor.roles)))
    if beyond:
        raise Refused(
            f"Your roles do not let you make a token for {', '.join(beyond)}; ask an administrator.", code="role"
        )
    known = set(session.scalars(select(Prompt.name).where(Prompt.name.in_(asked.prompts)))) if asked.prompts else set()
    unknown = sorted(set(asked.prompts) - known)
    if unknown:
        raise InvalidInput(f"The formulary has no prompt called {', '.join(unknown)[:200]}.")


def _text(text: str, longest: int, wanted: str) -> None:
    if not 1 <= len(text.strip()) <= longest:
        raise InvalidInput(f"{wanted}, in at most {longest} characters.")


def _line(row: Token, owner: str, actor: Actor, now: datetime) -> TokenRow:
    state = "revoked" if row.revoked_at else "ended" if row.expires_at <= now else "in use"
    return TokenRow(
        id=row.id,
        name=row.name,
        owner=owner,
        scopes=tuple(row.scopes.get("scopes") or ()),
        prompts=tuple(row.scopes.get("prompts") or ()),
        contact=row.owner_contact,
        created_at=row.created_at,
        expires_at=row.expires_at,
        last_used_at=row.last_used_at,
        state=state,
        is_mine=row.person_id == actor.id,
    )


def _mark_used(outside: Outside, token_id: str) -> None:
    with outside.database.writing() as session:
        session.execute(update(Token).where(Token.id == token_id).values(last_used_at=outside.now()))


def _administers(actor: Actor) -> bool:
    return may(actor.roles, Right.MANAGE_PEOPLE)


def _may_see(actor: Actor, row: Token) -> bool:
    return row.person_id == actor.id or _administers(actor)


def _require_right(actor: Actor) -> None:
    """Tokens are made and revoked by people who are signed in, never by another token."""
    if not actor.is_in_person or not may(actor.roles, Right.MANAGE_OWN_TOKENS):
        raise Refused("Your roles do not let you have tokens; ask an administrator.", code="role")
