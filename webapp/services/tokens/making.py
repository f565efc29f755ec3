"""Making, changing and revoking a token; each an entry whose leaf holds codes and a digest, never what was typed.

What must not live here: what a scope opens (the doors mark their routes), and headers.
"""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from webapp.acts.recording import enter
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Token
from webapp.domain.record.canonical import sha256_hex
from webapp.domain.workflow import Actor
from webapp.errors import AlreadyDone, Conflict, NotFound, Stale
from webapp.services.tokens.terms import (
    TokenChange,
    TokenRequest,
    check_link,
    check_owner,
    check_prompts,
    check_request,
    digest_of,
    may_see,
    require_right,
    terms_of,
)

PREFIX = "pf_"


def make_token(outside: Outside, actor: Actor, asked: TokenRequest) -> str:
    """A token exists; returns its text, which is stored nowhere. InvalidInput or Refused with the reason."""
    require_right(actor)
    secret = PREFIX + base64.urlsafe_b64encode(outside.chance(32)).rstrip(b"=").decode()
    now = outside.now()
    with outside.database.writing() as session:
        check_request(session, actor, asked)
        scopes: dict[str, Any] = {"scopes": list(asked.scopes), "prompts": sorted(asked.prompts)}
        row = Token(
            id=outside.new_id("tok"),
            person_id=actor.id,
            name=asked.name.strip(),
            token_sha256=sha256_hex(secret.encode()),
            scopes=scopes,
            created_at=now,
            expires_at=now + timedelta(days=asked.days),
            owner_contact=asked.owner.strip(),
            owner_phone=asked.phone.strip(),
        )
        session.add(row)
        payload = {"name": row.name, "scopes": scopes["scopes"], **terms_of(row), "days": asked.days}
        enter(outside, session, actor, "token.issued", ("token", row.id, None), payload=payload)
    return secret


def change_token(outside: Outside, actor: Actor, token_id: str, wanted: TokenChange) -> bool:
    """The token names this owner, number, these prompts and this link from now on; False where it did so before.

    Whose token it is or an administrator may do this. Stale where somebody else changed it meanwhile, Conflict where it is over.
    """
    require_right(actor)
    check_owner(wanted.owner, wanted.phone)
    with outside.database.writing() as session:
        row = _seen(session, actor, token_id)
        if row.revoked_at is not None or row.expires_at <= outside.now():
            raise Conflict("This token is over; make a new one.")
        if digest_of(row) != wanted.seen:
            raise Stale("Somebody changed this token meanwhile; look at it as it is now and enter your change again.")
        check_prompts(session, wanted.prompts)
        link = row.link_pattern if wanted.link is None else wanted.link.strip()
        if link != row.link_pattern:
            check_link(actor, row, link)
        before = terms_of(row)
        row.owner_contact, row.owner_phone = wanted.owner.strip(), wanted.phone.strip()
        row.scopes, row.link_pattern = {**row.scopes, "prompts": sorted(wanted.prompts)}, link
        after = terms_of(row)
        changed = [name for name, value in after.items() if value != before[name]]
        if changed:
            payload = {"name": row.name, "before": before, "after": after}
            entity = ("token", row.id, None)
            enter(outside, session, actor, "token.changed", entity, reason="_and_".join(changed), payload=payload)
    return bool(changed)


def revoke_token(outside: Outside, actor: Actor, token_id: str) -> None:
    """The token opens nothing any more. Whose token it is or an administrator may do this."""
    require_right(actor)
    with outside.database.writing() as session:
        row = _seen(session, actor, token_id)
        if row.revoked_at is not None:
            raise AlreadyDone("This token was revoked before.")
        row.revoked_at = outside.now()
        enter(outside, session, actor, "token.revoked", ("token", row.id, None))


def _seen(session: Session, actor: Actor, token_id: str) -> Token:
    """The token, locked, where this person may see it."""
    row = session.get(Token, token_id, with_for_update=True)
    if row is None or not may_see(actor, row):
        raise NotFound("There is no such token; look for it in the list of tokens.")
    return row
