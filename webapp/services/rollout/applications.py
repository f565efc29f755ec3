"""Which applications run what of a prompt, and when each was last seen: by its calls, and by asking.

What must not live here: making tokens (``services.tokens``) and whether a stop has arrived (``confirmations``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.acts.fetches import Met, last_fetches
from webapp.adapters.store.schema import Interaction, Prompt, Release, Token

ARM_WORDS = {"live": "live", "candidate": "new", "shadow": "new, silently", "shadowed": "live"}
SCOPES = frozenset({"deliver", "report"})
LOOK_BACK = timedelta(days=30)
"""How far back applications are looked for where no rollout says since when."""


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
    """An application, known by the name of its tokens: whom to call, what it ran, when it was last seen.

    ``last_fetched_at``: it met the state of that moment of this prompt, ``entries_met``: in which the audit log had so many entries;
    ``last_used_at``: a token was shown, for whatever. ``over``: why
    none of its tokens opens anything any more.
    """

    name: str
    contact: str
    phone: str
    scopes: tuple[str, ...]
    ran: tuple[Ran, ...]
    last_call_at: datetime | None
    last_fetched_at: datetime | None
    last_used_at: datetime | None
    entries_met: int = 0
    over: str = ""

    @property
    def last_seen(self) -> datetime | None:
        """Its newest sign of life."""
        return max(filter(None, (self.last_call_at, self.last_fetched_at, self.last_used_at)), default=None)

    @property
    def fetches(self) -> bool:
        """Can it fetch, so that a stop reaches it?"""
        return "deliver" in self.scopes


def applications_of(session: Session, prompt: Prompt, since: datetime, now: datetime) -> tuple[ApplicationView, ...]:
    """Every application that may fetch or report this prompt, or did since then; those that are not over first, then by name."""
    ran, fetched = _ran_since(session, prompt.id, since), last_fetches(session, prompt.id)
    tokens: dict[str, list[Token]] = {}
    for token in session.scalars(select(Token).order_by(Token.name, Token.id)):
        if token.name in ran or _is_for(token, prompt.name):
            tokens.setdefault(token.name, []).append(token)
    found = [_view(name, own, ran.get(name, ()), fetched.get(name), now) for name, own in tokens.items()]
    return tuple(sorted((one for one in found if one.ran or not one.over), key=lambda one: bool(one.over)))


def _is_for(token: Token, prompt_name: str) -> bool:
    prompts = token.scopes.get("prompts") or ()
    return bool(SCOPES & set(token.scopes.get("scopes") or ())) and (not prompts or prompt_name in prompts)


def _view(name: str, tokens: Sequence[Token], ran: Iterable[Ran], met: Met | None, now: datetime) -> ApplicationView:
    """Whom to call stands at the newest token, of those that are still good where there is one."""
    calls = tuple(sorted(ran, key=lambda one: one.last_at, reverse=True))
    good = [token for token in tokens if token.revoked_at is None and token.expires_at > now]
    newest = (good or tokens)[-1]
    return ApplicationView(
        name=name,
        contact=newest.owner_contact,
        phone=newest.owner_phone,
        scopes=tuple(sorted({scope for token in good or tokens for scope in token.scopes.get("scopes") or ()})),
        ran=calls,
        last_call_at=calls[0].last_at if calls else None,
        last_fetched_at=met.at if met else None,
        entries_met=met.entries if met else 0,
        last_used_at=max((token.last_used_at for token in tokens if token.last_used_at), default=None),
        over="" if good else "its token was revoked" if newest.revoked_at else "its token is over",
    )


def _ran_since(session: Session, prompt_id: str, since: datetime) -> dict[str, list[Ran]]:
    """By name of the application, what was reported to have run; a call counts when it happened, but never later than its report came."""
    query = (
        select(
            Token.name,
            Interaction.release_id,
            Release.label,
            Interaction.arm,
            func.count(),
            func.max(Interaction.happened_at),
            func.max(Interaction.received_at),
        )
        .join(Release, Release.id == Interaction.release_id)
        .join(Token, Token.id == Interaction.token_id)
        .where(Release.prompt_id == prompt_id, Interaction.received_at >= since)
        .group_by(Token.name, Interaction.release_id, Release.label, Interaction.arm)
    )
    found: dict[str, list[Ran]] = {}
    for name, release_id, label, arm, count, happened_at, received_at in session.execute(query):
        found.setdefault(name, []).append(Ran(release_id, label, arm, count, min(happened_at, received_at)))
    return found
