"""The watch over rollouts under way: it pauses, rolls back and, where the signed plan says so, advances. Due dates stand in the database.

Each look is safe to repeat and needs no queue. What must not live here: looking (``looking``), what a look means (``domain.rollout``).
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import select, update

from webapp.acts.actors import SYSTEM
from webapp.acts.perform import Act, perform
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Change, Prompt, Rollout, Signature
from webapp.domain.workflow import Stage
from webapp.domain.workflow.evidence import Evidence, Watched
from webapp.errors import Conflict, FormularyError, Stale
from webapp.services.rollout import effects
from webapp.services.rollout.looking import LookAt, look_at_live, look_at_step

STOPPABLE = ("running", "paused", "held")


def watch(outside: Outside) -> list[str]:
    """Every rollout under way and every release that came to everyone was looked at, and what follows by itself was done. Returns what was done.

    One that cannot be looked at keeps no other from being stopped; its error is raised when all were looked at.
    """
    done: list[str] = []
    broken: FormularyError | None = None
    for rollout_id, look in _to_look_at(outside):
        try:
            done += filter(None, [_watch_one(outside, rollout_id, look)])
        except FormularyError as error:
            broken = error
    if broken is not None:
        raise broken
    return done


def _to_look_at(outside: Outside) -> list[tuple[str, LookAt]]:
    """Rollouts under way, and completed ones whose release is still what is live."""
    query = select(Rollout.id).order_by(Rollout.id)
    is_under_way = Rollout.state.in_(STOPPABLE) & (Change.stage == Stage.ROLLOUT.value)
    is_live = (Rollout.state == "complete") & (Prompt.live_release_id == Rollout.release_id)
    with outside.database.reading() as session:
        under_way = session.scalars(query.join(Change, Change.id == Rollout.change_id).where(is_under_way)).all()
        live = session.scalars(query.join(Prompt, Prompt.id == Rollout.prompt_id).where(is_live)).all()
    return [*((one, look_at_step) for one in under_way), *((one, look_at_live) for one in live)]


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


EFFECTS: dict[str, Callable[[Act], None]] = {
    "pause": effects.pause,
    "roll_back": effects.roll_back_by_policy,
    "advance": effects.advance,
}


def _watch_one(outside: Outside, rollout_id: str, look_at: LookAt) -> str | None:
    look = look_at(outside, rollout_id)
    if look.reaction is not None:
        evidence = Watched(f"{look.reaction.rule}.", rule=look.reaction.code, limits=look.limits)
        return _try(outside, look.change_id, look.reaction.move, look.digest, evidence)
    if not look.is_marked:
        _mark(outside, rollout_id)
    return None


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
