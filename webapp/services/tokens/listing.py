"""Tokens as their pages show them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Person, Prompt, Token
from webapp.domain.workflow import Actor
from webapp.errors import NotFound
from webapp.services.tokens.terms import (
    OF_APPLICATIONS,
    SCOPE_WORDS,
    administers,
    digest_of,
    may_see,
    require_right,
    scopes_for,
)


@dataclass(frozen=True)
class TokenRow:
    """A token as a line of the list. ``owner``: whom to ask; ``made_by``: the person whose roles it carries; ``seen``: its digest.

    ``may_link``: may this person give it a link?
    """

    id: str
    name: str
    made_by: str
    owner: str
    phone: str
    scopes: tuple[str, ...]
    prompts: tuple[str, ...]
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    state: str
    is_mine: bool
    is_application: bool
    link: str
    may_link: bool
    seen: str


@dataclass(frozen=True)
class TokensView:
    """The tokens a person may see and what a new one of theirs may open."""

    rows: tuple[TokenRow, ...]
    scopes: tuple[tuple[str, str], ...]
    prompts: tuple[str, ...]


def show_tokens(outside: Outside, actor: Actor) -> TokensView:
    """A person's own tokens, or everybody's for an administrator; newest first."""
    require_right(actor)
    query = select(Token, Person.name).join(Person, Person.id == Token.person_id).order_by(Token.id.desc())
    if not administers(actor):
        query = query.where(Token.person_id == actor.id)
    with outside.database.reading() as session:
        rows = tuple(_line(token, maker, actor, outside.now()) for token, maker in session.execute(query))
        prompts = tuple(session.scalars(select(Prompt.name).order_by(Prompt.name)))
    return TokensView(rows, tuple((scope, SCOPE_WORDS[scope]) for scope in scopes_for(actor.roles)), prompts)


def show_token(outside: Outside, actor: Actor, token_id: str) -> tuple[TokenRow, tuple[str, ...]]:
    """One token and the prompts that there are; NotFound where this person may not see it."""
    require_right(actor)
    with outside.database.reading() as session:
        row = session.get(Token, token_id)
        if row is None or not may_see(actor, row):
            raise NotFound("There is no such token; look for it in the list of tokens.")
        maker = session.get_one(Person, row.person_id).name
        prompts = tuple(session.scalars(select(Prompt.name).order_by(Prompt.name)))
        return _line(row, maker, actor, outside.now()), prompts


def _line(row: Token, maker: str, actor: Actor, now: datetime) -> TokenRow:
    scopes = tuple(row.scopes.get("scopes") or ())
    return TokenRow(
        id=row.id,
        name=row.name,
        made_by=maker,
        owner=row.owner_contact,
        phone=row.owner_phone,
        scopes=scopes,
        prompts=tuple(row.scopes.get("prompts") or ()),
        created_at=row.created_at,
        expires_at=row.expires_at,
        last_used_at=row.last_used_at,
        state="revoked" if row.revoked_at else "ended" if row.expires_at <= now else "in use",
        is_mine=row.person_id == actor.id,
        is_application=bool(OF_APPLICATIONS & set(scopes)),
        link=row.link_pattern,
        may_link=administers(actor) and "report" in scopes,
        seen=digest_of(row),
    )
