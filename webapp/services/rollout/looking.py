"""Looking at one rollout: what was seen of its step, or, once it is complete, of its release; and what follows by itself.

What must not live here: doing it (``watching``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from webapp.acts.rollout_facts import grave_units, present_step, step_seen
from webapp.acts.situation import load_change
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Change, Rollout
from webapp.domain.rollout import Reaction, judge_step, limit_document, react, react_after_rollout
from webapp.domain.verdict import Verdict

MARK_SECONDS = 30
"""How often a look is marked in the database; far below the age at which delivery stops serving the new version."""


@dataclass(frozen=True)
class Look:
    """One look at one rollout: whose it is, what follows, the evidence for it, and whether a look was marked just now."""

    change_id: str
    digest: str
    reaction: Reaction | None
    limits: tuple[dict[str, object], ...]
    is_marked: bool


LookAt = Callable[[Outside, str], Look]


def look_at_step(outside: Outside, rollout_id: str) -> Look:
    """A rollout under way: its present step with all safety limits."""
    now = outside.now()
    with outside.database.reading() as session:
        rollout = session.get_one(Rollout, rollout_id)
        step, seen = present_step(rollout), step_seen(session, rollout)
        return Look(
            change_id=rollout.change_id,
            digest=session.get_one(Change, rollout.change_id).digest,
            reaction=react(step, rollout.state, rollout.step_entered_at, rollout.stopped_at, seen, now),
            limits=tuple(limit_document(limit) for limit in judge_step(step, seen)),
            is_marked=rollout.watched_at is not None and now - rollout.watched_at < timedelta(seconds=MARK_SECONDS),
        )


def look_at_live(outside: Outside, rollout_id: str) -> Look:
    """A release that serves everyone after its rollout: the critical limits alone. Nothing waits for such a look, so none is marked."""
    with outside.database.reading() as session:
        rollout = session.get_one(Rollout, rollout_id)
        grave, change = grave_units(session, rollout.release_id), session.get_one(Change, rollout.change_id)
        is_new = sum(grave.values()) > rollout.cleared_units
        rules = load_change(session, rollout.change_id).rules if is_new else None
        return Look(
            change_id=change.id,
            digest=change.digest,
            reaction=None if rules is None else react_after_rollout(rules.after_rollout, grave),
            limits=tuple(
                {"limit": name, "verdict": Verdict.FAIL.value, "events": count}
                for name, count in grave.items()
                if count
            ),
            is_marked=True,
        )
