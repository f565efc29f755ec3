"""Who is asked to act next on a change, in words: what inboxes are sorted by and every page says.

What must not live here: whether a move is allowed (``guards``); being asked is not yet being allowed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from webapp.domain.workflow import guards
from webapp.domain.workflow.situation import Situation
from webapp.domain.workflow.stages import DECIDING_ROLES, PHYSICIANS_NEEDED, Role, Stage

AUTHORS = frozenset({Role.AUTHOR})
INFORMATICISTS = frozenset({Role.INFORMATICIST})
PHYSICIANS = frozenset({Role.PHYSICIAN})


@dataclass(frozen=True)
class Ask:
    """What is asked, of which roles; no roles: of the system, or of time. Authors are asked as contributors of the change."""

    words: str
    roles: frozenset[Role] = frozenset()


def who_acts_next(s: Situation) -> Ask | None:
    """What has to happen next, whoever looks; None where the change is over."""
    find = _BY_STAGE.get(s.stage)
    return None if find is None else find(s)


def is_asked(s: Situation) -> bool:
    """Is this actor among those who are asked now?"""
    ask = who_acts_next(s)
    return ask is not None and may_be_asked(ask, s.actor.id, s.actor.roles, s)


def may_be_asked(ask: Ask, person_id: str, roles: frozenset[Role], s: Situation) -> bool:
    """Can this person do what is asked: as a contributor where authors are, else as somebody who did not contribute?"""
    if not ask.roles & roles:
        return False
    if ask.roles == AUTHORS:
        return person_id in s.contributors
    is_reviewer = s.stage is Stage.SIGNOFF and person_id == s.reviewer_id
    has_signed = s.stage is Stage.SIGNOFF and person_id in s.signer_ids
    return person_id not in s.contributors and not is_reviewer and not has_signed


def _draft(s: Situation) -> Ask:
    del s
    return Ask("Submit a new revision, or withdraw", AUTHORS)


def _evaluation(s: Situation) -> Ask:
    if s.run.state in ("queued", "running"):
        return Ask("The evaluation is running")
    if s.unmapped_contributors:
        return Ask(f"Say who {', '.join(s.unmapped_contributors)} is, or declare them external", AUTHORS)
    if not s.baseline_is_current:
        return Ask(_REBASE, AUTHORS)
    if s.run.state == "stopped":
        return Ask("Revise: the evaluation stopped early because the new version is clearly worse", AUTHORS)
    if s.run.state != "complete":
        return Ask("Run the evaluation again: the last one did not finish", AUTHORS)
    if not s.run.holds:
        return Ask("Revise, run again or ask for an exception: not every measure holds", AUTHORS)
    if s.fallbacks_short:
        return Ask(
            f"Wait for the evaluation of {', '.join(s.fallbacks_short)}, or revise without this fallback", AUTHORS
        )
    return Ask("The evaluation holds; review opens by itself")


def _review(s: Situation) -> Ask:
    if not s.baseline_is_current:
        return Ask(_REBASE, AUTHORS)
    if s.findings_confirmed:
        return Ask("Ask for changes or reject: a critical finding is confirmed", INFORMATICISTS)
    return Ask("Review: approve, ask for changes or reject", INFORMATICISTS)


def _signoff(s: Situation) -> Ask:
    if not s.baseline_is_current:
        return Ask(_REBASE, AUTHORS)
    if PHYSICIANS_NEEDED[s.risk_class] < 2:
        return Ask("Sign, ask a question or decline", PHYSICIANS)
    which = "second" if s.signer_ids else "first"
    return Ask(f"Sign as the {which} of two physicians, ask a question or decline", PHYSICIANS)


def _rollout(s: Situation) -> Ask:
    state = s.rollout.state
    if state in ("paused", "held"):
        return Ask("The rollout is stopped: resume it or roll back", INFORMATICISTS)
    if state == "running":
        return _running(s)
    if not s.baseline_is_current:
        return Ask(_REBASE, AUTHORS)
    if s.other_rollout_runs:
        return Ask("Another rollout of this prompt is running; this one waits")
    return Ask("Start the rollout", AUTHORS)


def _running(s: Situation) -> Ask:
    waits = (guards.waiting_time_is_over, guards.enough_units_were_seen, guards.safety_limits_hold)
    reasons = [refusal.sentence for guard in waits if (refusal := guard(s))]
    if reasons:
        return Ask(f"The step is under watch. {reasons[0]}")
    words = "Complete the rollout" if s.rollout.is_last_step else "Advance the rollout to its next step"
    return Ask(words, INFORMATICISTS)


def _post_audit(s: Situation) -> Ask:
    if s.rollout.state == "held":
        return Ask("The release is held back: make it live again or roll back", INFORMATICISTS)
    if s.audit.ungraded or s.audit.open_disagreements:
        return Ask("Grade the sample of the follow-up audit", DECIDING_ROLES)
    return Ask("Conclude the follow-up audit", DECIDING_ROLES)


_REBASE = "Another release went live: rebase, so that the change is compared with it"
_BY_STAGE: dict[Stage, Callable[[Situation], Ask]] = {
    Stage.DRAFT: _draft,
    Stage.EVALUATION: _evaluation,
    Stage.REVIEW: _review,
    Stage.SIGNOFF: _signoff,
    Stage.ROLLOUT: _rollout,
    Stage.POST_AUDIT: _post_audit,
}
