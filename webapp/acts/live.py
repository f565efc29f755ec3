"""The live pointer and its history. The one writer of ``Prompt.live_release_id``; it takes a verified release only."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.acts.answering_models import is_answering
from webapp.acts.recording import enter
from webapp.acts.releasing import verify_release
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import LivePeriod, Prompt, Release
from webapp.domain.workflow import Actor
from webapp.errors import Refused

ENDED = ("void", "rolled_back")


def make_live(
    outside: Outside, session: Session, actor: Actor, prompt: Prompt, release: Release | None, reason: str
) -> None:
    """``release`` is what the prompt serves from now on (None: nothing); the period before it is closed.

    A release that does not verify is refused (Refused), whoever asks: rollout, roll back, import and demo all come through here.
    """
    if release is not None:
        if release.state in ENDED:
            raise Refused("This release was rolled back or is void; it cannot be live again.", code="release_void")
        verify_release(outside, session, release)
    before = session.get(Release, prompt.live_release_id or "")
    _close_period(outside, session, prompt)
    prompt.live_release_id = None if release is None else release.id
    if before is not None and before is not release and before.state == "live":
        before.state = "superseded"
    if release is not None:
        release.state = "live"
    period = LivePeriod(
        id=outside.new_id("liv"),
        prompt_id=prompt.id,
        release_id=prompt.live_release_id,
        began_at=outside.now(),
        ended_at=None,
    )
    session.add(period)
    session.flush()
    enter(
        outside,
        session,
        actor,
        "release.live",
        ("prompt", prompt.id, None),
        before=("live", before.manifest_sha256) if before else ("nothing", None),
        after=("live", release.manifest_sha256) if release else ("nothing", None),
        reason=reason,
        numbered=period,
    )


def _close_period(outside: Outside, session: Session, prompt: Prompt) -> None:
    query = select(LivePeriod).where(LivePeriod.prompt_id == prompt.id, LivePeriod.ended_at.is_(None))
    for period in session.scalars(query):
        period.ended_at = outside.now()


def live_before(outside: Outside, session: Session, prompt: Prompt, release: Release) -> Release | None:
    """What was live before ``release`` and may be live again: not rolled back, not void, it verifies and its model answers."""
    found = earlier_releases(outside, session, prompt, release)
    return next((one for one in found if is_answering(outside, session, one)), None)


def earlier_releases(outside: Outside, session: Session, prompt: Prompt, release: Release) -> Iterator[Release]:
    """What was live before ``release``, the newest first, of which nothing but its model may keep it from being live again."""
    query = (
        select(Release)
        .join(LivePeriod, LivePeriod.release_id == Release.id)
        .where(LivePeriod.prompt_id == prompt.id, Release.id != release.id, Release.state.not_in(ENDED))
        .order_by(LivePeriod.entry_seq.desc())
    )
    return (found for found in session.scalars(query) if _verifies(outside, session, found))


def _verifies(outside: Outside, session: Session, release: Release) -> bool:
    """Does the release verify? A damaged one must never keep a stop or a roll back from happening."""
    try:
        verify_release(outside, session, release)
    except Refused:
        return False
    return True
