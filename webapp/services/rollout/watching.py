"""The watch over rollouts under way: it pauses, rolls back and, where the signed plan says so, advances. Due dates stand in the database.

Each look is safe to repeat and needs no queue. What must not live here: what a look means (``webapp.domain.rollout``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select, update

from webapp.acts.actors import SYSTEM
from webapp.acts.perform import Act, perform
from webapp.acts.rollout_facts import present_step, step_seen
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Change, Rollout, Signature
from webapp.domain.rollout import Reaction, judge_step, limit_document, react
from webapp.domain.workflow import Stage
from webapp.domain.workflow.evidence import Evidence, Watched
from webapp.errors import Conflict, FormularyError, Stale
from webapp.services.rollout import effects

STOPPABLE = ("running", "paused", "held")
MARK_SECONDS = 30
"""How often a look is marked in the database; far below the age at which delivery stops serving the new version."""


def watch(outside: Outside) -> list[str]:
    """Every rollout under way was looked at, and what follows by itself was done. Returns what was done.

    One that cannot be looked at keeps no other from being stopped; its error is raised when all were looked at.
    """
    with outside.database.reading() as session:
        ids = session.scalars(select(Rollout.id).where(Rollout.state.in_(STOPPABLE)).order_by(Rollout.id)).all()
    done: list[str] = []
    broken: FormularyError | None = None
    for rollout_id in ids:
        try:
            done += filter(None, [_watch_one(outside, rollout_id)])
        except FormularyError as error:
            broken = error
    if broken is not None:
        raise broken
    return done


def lapse_old_signatures(outside: Outside) -> list[str]:
    """Changes that were signed too long ago and never started are back where they are signed, also when one of two signatures
    waited too long for the other. Returns their ids.
    """
    with outside.database.reading() as session:
        started, once = select(Rollout.change_id), select(Signature.change_id).where(Signature.move == "sign")
        is_signed = (Change.stage == Stage.ROLLOUT.value) & Change.id.not_in(started)
        is_half_signed = (Change.stage == Stage.SIGNOFF.value) & Change.id.in_(
            once.where(Signature.voided_at.is_(None))
        )
        query = select(Change).where(is_signed | is_half_signed)
        waiting = [(row.id, row.digest) for row in session.scalars(query)]
    return [change_id for change_id, digest in waiting if _try(outside, change_id, "lapse", digest, Evidence())]


@dataclass(frozen=True)
class _Look:
    """One look at one rollout: whose it is, what follows, and the evidence for it."""

    change_id: str
    digest: str
    reaction: Reaction | None
    limits: tuple[dict[str, object], ...]
    is_marked: bool


EFFECTS: dict[str, Callable[[Act], None]] = {
    "pause": effects.pause,
    "roll_back": effects.roll_back_by_policy,
    "advance": effects.advance,
}


def _watch_one(outside: Outside, rollout_id: str) -> str | None:
    look = _look(outside, rollout_id)
    if look.reaction is not None:
        evidence = Watched(f"{look.reaction.rule}.", rule=look.reaction.code, limits=look.limits)
        return _try(outside, look.change_id, look.reaction.move, look.digest, evidence)
    if not look.is_marked:
        _mark(outside, rollout_id)
    return None


def _look(outside: Outside, rollout_id: str) -> _Look:
    now = outside.now()
    with outside.database.reading() as session:
        rollout = session.get_one(Rollout, rollout_id)
        step, seen = present_step(rollout), step_seen(session, rollout)
        return _Look(
            change_id=rollout.change_id,
            digest=session.get_one(Change, rollout.change_id).digest,
            reaction=react(step, rollout.state, rollout.step_entered_at, rollout.stopped_at, seen, now),
            limits=tuple(limit_document(limit) for limit in judge_step(step, seen)),
            is_marked=rollout.watched_at is not None and now - rollout.watched_at < timedelta(seconds=MARK_SECONDS),
        )


def _mark(outside: Outside, rollout_id: str) -> None:
    """The look is known to delivery. Only one that found nothing to stop is marked."""
    with outside.database.writing() as session:
        session.execute(update(Rollout).where(Rollout.id == rollout_id).values(watched_at=outside.now()))


def _try(outside: Outside, change_id: str, move: str, digest: str, evidence: Evidence) -> str | None:
    """The system's move, or None where a person or another process was faster or a guard holds."""
    try:
        perform(outside, SYSTEM, change_id, move, digest, evidence, effect=EFFECTS.get(move))
    except (Stale, Conflict):
        return None
    return f"{move} {change_id}"
