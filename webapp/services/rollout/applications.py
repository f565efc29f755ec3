"""Which applications run what of a prompt, and when each was last seen: by its calls, and by asking.

What must not live here: making tokens (``services.tokens``) and whether a stop has arrived (``confirmations``).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.adapters.store.schema import Interaction, Prompt, Release, Token

ARM_WORDS = {"live": "live", "candidate": "new", "shadow": "new, silently", "shadowed": "live"}
SCOPES = frozenset({"deliver", "report"})


@dataclass(frozen=True)
class Ran:
    """Calls of one version in one way by one application since the time asked for."""

    release_id: str | None
    label: str
    arm: str
    count: int
    last_at: datetime

    @property
    def words(self) -> str:
        """As "1.1 (new)"."""
        return f"{self.label} ({ARM_WORDS.get(self.arm, self.arm)})"


@dataclass(frozen=True)
class ApplicationView:
    """An application, known by its token: whom to call, what it ran, when it was last seen. ``over``: its token opens nothing any more."""

    token_id: str
    name: str
    contact: str
    phone: str
    scopes: tuple[str, ...]
    ran: tuple[Ran, ...]
    last_call_at: datetime | None
    last_asked_at: datetime | None
    over: str = ""

    @property
    def last_seen(self) -> datetime | None:
        """Its newest sign of life."""
        return max(filter(None, (self.last_call_at, self.last_asked_at)), default=None)


def applications_of(session: Session, prompt: Prompt, since: datetime, now: datetime) -> tuple[ApplicationView, ...]:
    """Every application that may fetch or report this prompt, or did since then; those that are not over first, then by name."""
    ran = _ran_since(session, prompt.id, since)
    tokens = session.scalars(select(Token).order_by(Token.name, Token.id))
    found = [_view(token, ran.get(token.id, ()), now) for token in tokens if _is_for(token, prompt.name)]
    return tuple(sorted((one for one in found if one.ran or not one.over), key=lambda one: bool(one.over)))


def _is_for(token: Token, prompt_name: str) -> bool:
    prompts = token.scopes.get("prompts") or ()
    return bool(SCOPES & set(token.scopes.get("scopes") or ())) and (not prompts or prompt_name in prompts)


def _view(token: Token, ran: Iterable[Ran], now: datetime) -> ApplicationView:
    calls = tuple(sorted(ran, key=lambda one: one.last_at, reverse=True))
    return ApplicationView(
        token_id=token.id,
        name=token.name,
        contact=token.owner_contact,
        phone=token.owner_phone,
        scopes=tuple(token.scopes.get("scopes") or ()),
        ran=calls,
        last_call_at=calls[0].last_at if calls else None,
        last_asked_at=token.last_used_at,
        over="its token was revoked" if token.revoked_at else "its token is over" if token.expires_at <= now else "",
    )


def _ran_since(session: Session, prompt_id: str, since: datetime) -> dict[str, list[Ran]]:
    """By token, what was reported to have run; a call counts when it happened, but never later than its report came."""
    query = (
        select(
            Interaction.token_id,
            Interaction.release_id,
            Release.label,
            Interaction.arm,
            func.count(),
            func.max(Interaction.happened_at),
            func.max(Interaction.received_at),
        )
        .join(Release, Release.id == Interaction.release_id)
        .where(Release.prompt_id == prompt_id, Interaction.received_at >= since)
        .group_by(Interaction.token_id, Interaction.release_id, Release.label, Interaction.arm)
    )
    found: dict[str, list[Ran]] = {}
    for token_id, release_id, label, arm, count, happened_at, received_at in session.execute(query):
        found.setdefault(token_id, []).append(Ran(release_id, label, arm, count, min(happened_at, received_at)))
    return found
