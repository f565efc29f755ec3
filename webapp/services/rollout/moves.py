"""Rollout: a signed release is delivered in steps, watched, stopped, rolled back. Stage ``rollout`` and its moves.

What must not live here: what an application is served (``delivery``) and what it reports (``interactions``).
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.acts.actors import SYSTEM
from webapp.acts.live import live_before, make_live
from webapp.acts.perform import Act, perform
from webapp.acts.reauthentication import Again
from webapp.acts.releasing import verify_release
from webapp.acts.rollout_facts import guardrail_verdicts, step_counts
from webapp.acts.sampling import draw_audit_sample
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Change, Release, Rollout, Signature
from webapp.domain.assignment import salt_of
from webapp.domain.plan import read_plan
from webapp.domain.rollout import CRITICAL
from webapp.domain.verdict import Verdict
from webapp.domain.workflow import Actor, Stage
from webapp.domain.workflow.evidence import Evidence, Hold, Reason
from webapp.errors import Conflict, FormularyError, Stale

STOPPABLE = ("running", "paused", "held")


def start(outside: Outside, actor: Actor, change_id: str, digest: str) -> Act:
    """The first step is entered; where it serves everyone, the release is live."""
    return perform(outside, actor, change_id, "start", digest, Evidence(), effect=_start)


def advance(outside: Outside, actor: Actor, change_id: str, digest: str, reason: str, password: Again) -> Act:
    """The next step is entered; the last one makes the release live."""
    return perform(outside, actor, change_id, "advance", digest, Reason(reason), password=password, effect=_advance)


def complete(outside: Outside, actor: Actor, change_id: str, digest: str, reason: str, password: Again) -> Act:
    """The rollout is over and the sample of the follow-up audit is drawn."""
    return perform(outside, actor, change_id, "complete", digest, Reason(reason), password=password, effect=_complete)


def hold(outside: Outside, actor: Actor, change_id: str, digest: str, mode: str, reason: str, password: Again) -> Act:
    """Nobody new gets the new version (freeze), or everyone is back on the live one (live)."""
    return perform(outside, actor, change_id, "hold", digest, Hold(reason, mode), password=password, effect=_hold)


def resume(outside: Outside, actor: Actor, change_id: str, digest: str, reason: str, password: Again) -> Act:
    """The step goes on as planned."""
    return perform(outside, actor, change_id, "resume", digest, Reason(reason), password=password, effect=_resume)


def roll_back(outside: Outside, actor: Actor, change_id: str, digest: str, reason: str, password: Again) -> Act:
    """The release is served to nobody any more; what was live before is live again, or nothing where there was nothing."""
    return perform(outside, actor, change_id, "roll_back", digest, Reason(reason), password=password, effect=_roll_back)


def watch(outside: Outside) -> list[str]:
    """Every rollout under way was looked at: a critical limit rolls back; another failing one, or a step that is over its
    longest time without having passed, pauses. Returns what was done.

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


def _watch_one(outside: Outside, rollout_id: str) -> str | None:
    with outside.database.reading() as session:
        rollout = session.get_one(Rollout, rollout_id)
        digest, seen = session.get_one(Change, rollout.change_id).digest, _look(outside, session, rollout)
    return _react(outside, rollout, digest, seen)


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
class _Seen:
    """What one look at a rollout found: failing limits, whether the step is over its longest time, and the counts in words."""

    failing: tuple[str, ...]
    is_overdue: bool
    counts: str


def _look(outside: Outside, session: Session, rollout: Rollout) -> _Seen:
    step, counts = read_plan(rollout.plan).steps[rollout.step_index], step_counts(session, rollout)
    verdicts = guardrail_verdicts(step, counts)
    age_seconds = (outside.now() - rollout.step_entered_at).total_seconds()
    has_passed = counts.units_new >= step.min_units and all(verdict == Verdict.PASS for _, verdict in verdicts)
    return _Seen(
        failing=tuple(name for name, verdict in verdicts if verdict == Verdict.FAIL),
        is_overdue=age_seconds >= step.max_seconds and not has_passed,
        counts=f"{counts.units_new} units with the new version: {counts.units_new_with_harm} with possible harm, "
        f"{counts.units_new_with_phi} with an identifier, {counts.units_new_with_error} with an error",
    )


def _react(outside: Outside, rollout: Rollout, digest: str, seen: _Seen) -> str | None:
    """A critical limit rolls back whatever the state; the others pause what runs."""
    reason = f"Safety limit failed: {', '.join(seen.failing)} ({seen.counts})."
    if CRITICAL & set(seen.failing):
        return _try(outside, rollout.change_id, "roll_back", digest, Reason(reason))
    if rollout.state != "running" or not (seen.failing or seen.is_overdue):
        return None
    if not seen.failing:
        reason = f"The step's longest time is over and its limits are not shown to hold ({seen.counts})."
    return _try(outside, rollout.change_id, "pause", digest, Reason(reason))


def _try(outside: Outside, change_id: str, move: str, digest: str, evidence: Evidence) -> str | None:
    """The system's move, or None where a person or another process was faster or a guard holds."""
    effects = {"pause": _pause, "roll_back": _roll_back_by_policy}
    try:
        perform(outside, SYSTEM, change_id, move, digest, evidence, effect=effects.get(move))
    except (Stale, Conflict):
        return None
    return f"{move} {change_id}"


def _start(act: Act) -> None:
    release = _release_of(act)
    verify_release(act.outside, act.session, release)
    plan = read_plan(act.case.revision.plan if act.case.revision else None)
    now = act.outside.now()
    rollout = Rollout(
        id=act.outside.new_id("rol"),
        change_id=act.case.change.id,
        prompt_id=act.case.prompt.id,
        release_id=release.id,
        baseline_release_id=act.case.prompt.live_release_id,
        salt=salt_of(release.manifest_sha256),
        plan=plan.document(),
        step_index=0,
        step_entered_at=now,
        state="running",
        serves="plan",
        started_by=act.actor.id,
        started_at=now,
    )
    act.session.add(rollout)
    release.state = "serving"
    act.session.flush()
    _enter_step(act, rollout)


def _advance(act: Act) -> None:
    rollout = _rollout_of(act)
    rollout.step_index += 1
    rollout.step_entered_at = act.outside.now()
    _enter_step(act, rollout)


def _enter_step(act: Act, rollout: Rollout) -> None:
    if read_plan(rollout.plan).steps[rollout.step_index].serves_everyone:
        release = act.session.get_one(Release, rollout.release_id)
        make_live(act.outside, act.session, act.actor, act.case.prompt, release, "rollout")


def _complete(act: Act) -> None:
    rollout = _rollout_of(act)
    rollout.state, rollout.ended_at = "complete", act.outside.now()
    size = act.case.rules.audit_sample if act.case.rules else 0
    draw_audit_sample(act.outside, act.session, act.actor, rollout, size)


def _hold(act: Act) -> None:
    assert isinstance(act.evidence, Hold)
    _stop(act, "held", act.evidence.mode, act.evidence.reason)


def _pause(act: Act) -> None:
    assert isinstance(act.evidence, Reason)
    _stop(act, "paused", "freeze", act.evidence.reason)


def _stop(act: Act, state: str, serves: str, reason: str) -> None:
    """The rollout stands still. In the step that serves everyone the release before is live again meanwhile."""
    rollout = _rollout_of(act)
    rollout.state, rollout.serves, rollout.state_reason = state, serves, reason
    release = act.session.get_one(Release, rollout.release_id)
    if act.case.prompt.live_release_id == release.id:
        before = live_before(act.outside, act.session, act.case.prompt, release)
        make_live(act.outside, act.session, act.actor, act.case.prompt, before, state)
        release.state = "serving"


def _resume(act: Act) -> None:
    rollout = _rollout_of(act)
    rollout.state, rollout.serves, rollout.state_reason = "running", "plan", None
    _enter_step(act, rollout)


def _roll_back(act: Act) -> None:
    _return_to_live(act, "rolled_back_by_person")


def _roll_back_by_policy(act: Act) -> None:
    _return_to_live(act, "rolled_back_by_policy")


def _return_to_live(act: Act, reason: str) -> None:
    """What was live before is live again where it still may be; the release itself never is again."""
    rollout, prompt = _rollout_of(act), act.case.prompt
    assert isinstance(act.evidence, Reason)
    rollout.state, rollout.serves, rollout.state_reason = "rolled_back", "live", act.evidence.reason
    rollout.ended_at = act.outside.now()
    release = act.session.get_one(Release, rollout.release_id)
    release.state = "rolled_back"
    if prompt.live_release_id == release.id:
        before = live_before(act.outside, act.session, prompt, release)
        make_live(act.outside, act.session, act.actor, prompt, before, reason)


def _release_of(act: Act) -> Release:
    query = select(Release).where(Release.change_id == act.case.change.id, Release.state == "approved")
    release = act.session.scalars(query.order_by(Release.made_at.desc())).first()
    if release is None:
        raise Conflict("There is no signed release to start; it has to be signed again.")
    return release


def _rollout_of(act: Act) -> Rollout:
    return act.session.scalars(select(Rollout).where(Rollout.change_id == act.case.change.id).with_for_update()).one()
