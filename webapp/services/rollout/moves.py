"""Rollout: a person starts, advances, completes, holds, resumes, rolls back. Stage ``rollout`` and its moves.

What must not live here: what happens by itself (``watching``), what an application is served (``delivery``) and reports (``interactions``).
"""

from __future__ import annotations

from webapp.acts.perform import Act, perform
from webapp.acts.reauthentication import Again
from webapp.adapters.outside import Outside
from webapp.domain.workflow import Actor
from webapp.domain.workflow.evidence import Evidence, Hold, Narrowing, Reason
from webapp.services.rollout import effects


def start(outside: Outside, actor: Actor, change_id: str, digest: str) -> Act:
    """The first step is entered; where it serves everyone, the release is live."""
    return perform(outside, actor, change_id, "start", digest, Evidence(), effect=effects.begin)


def advance(outside: Outside, actor: Actor, change_id: str, digest: str, reason: str, password: Again) -> Act:
    """The next step is entered; the last one makes the release live."""
    return perform(
        outside, actor, change_id, "advance", digest, Reason(reason), password=password, effect=effects.advance
    )


def complete(outside: Outside, actor: Actor, change_id: str, digest: str, reason: str, password: Again) -> Act:
    """The rollout is over and the sample of the follow-up audit is drawn."""
    return perform(
        outside, actor, change_id, "complete", digest, Reason(reason), password=password, effect=effects.complete
    )


def hold(outside: Outside, actor: Actor, change_id: str, digest: str, mode: str, reason: str, password: Again) -> Act:
    """Nobody new gets the new version (freeze), or everyone is back on the live one (live)."""
    return perform(
        outside, actor, change_id, "hold", digest, Hold(reason, mode), password=password, effect=effects.hold
    )


def narrow(outside: Outside, actor: Actor, change_id: str, digest: str, left: Narrowing, password: Again) -> Act:
    """What is left of the plan is slower or narrower, from now on; InvalidInput where it would be faster or wider."""
    return perform(outside, actor, change_id, "narrow", digest, left, password=password, effect=effects.narrow)


def resume(outside: Outside, actor: Actor, change_id: str, digest: str, reason: str, password: Again) -> Act:
    """The step goes on as planned."""
    return perform(
        outside, actor, change_id, "resume", digest, Reason(reason), password=password, effect=effects.resume
    )


def roll_back(outside: Outside, actor: Actor, change_id: str, digest: str, reason: str, password: Again) -> Act:
    """The release is served to nobody any more; what was live before is live again, or nothing where there was nothing."""
    return perform(
        outside, actor, change_id, "roll_back", digest, Reason(reason), password=password, effect=effects.roll_back
    )
