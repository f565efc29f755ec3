"""What each move of a rollout does beside its entry: the row of the rollout, the state of the release, the live pointer.

What must not live here: who may and why (the table of moves).
"""

from __future__ import annotations

from sqlalchemy import select

from webapp.acts.live import live_before, make_live
from webapp.acts.perform import Act
from webapp.acts.releasing import verify_release
from webapp.acts.rollout_facts import grave_units
from webapp.acts.sampling import draw_audit_sample
from webapp.adapters.store.schema import Release, Rollout
from webapp.domain.assignment import salt_of
from webapp.domain.plan import read_plan
from webapp.domain.plan_narrowing import faults_of_narrowing
from webapp.domain.workflow import Stage
from webapp.domain.workflow.evidence import Hold, Narrowing, Reason
from webapp.errors import Conflict, InvalidInput, Stale


def begin(act: Act) -> None:
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
        watched_at=now,
    )
    act.session.add(rollout)
    release.state = "serving"
    act.session.flush()
    _enter_step(act, rollout)


def advance(act: Act) -> None:
    rollout = _rollout_of(act)
    rollout.step_index += 1
    rollout.step_entered_at = rollout.watched_at = act.outside.now()
    _enter_step(act, rollout)


def _enter_step(act: Act, rollout: Rollout) -> None:
    if read_plan(rollout.plan).steps[rollout.step_index].serves_everyone:
        release = act.session.get_one(Release, rollout.release_id)
        make_live(act.outside, act.session, act.actor, act.case.prompt, release, "rollout")


def complete(act: Act) -> None:
    rollout = _rollout_of(act)
    rollout.state, rollout.ended_at = "complete", act.outside.now()
    size = act.case.rules.audit_sample if act.case.rules else 0
    draw_audit_sample(act.outside, act.session, act.actor, rollout, size)


def hold(act: Act) -> None:
    assert isinstance(act.evidence, Hold)
    _stop(act, "held", act.evidence.mode, act.evidence.reason)


def pause(act: Act) -> None:
    """Nobody new enters; after the rollout, what was live before is live again until a person decides."""
    assert isinstance(act.evidence, Reason)
    is_under_way = act.case.change.stage == Stage.ROLLOUT.value
    _stop(act, *(("paused", "freeze") if is_under_way else ("held", "live")), act.evidence.reason)


def _stop(act: Act, state: str, serves: str, reason: str) -> None:
    """The rollout stands still. In the step that serves everyone the release before is live again meanwhile."""
    rollout = _rollout_of(act)
    rollout.state, rollout.serves, rollout.state_reason = state, serves, reason
    rollout.stopped_at = rollout.frozen_at = act.outside.now()
    release = act.session.get_one(Release, rollout.release_id)
    if act.case.prompt.live_release_id == release.id:
        before = live_before(act.outside, act.session, act.case.prompt, release)
        make_live(act.outside, act.session, act.actor, act.case.prompt, before, state)
        release.state = "serving"


def narrow(act: Act) -> None:
    """What is left of the plan is as decided; InvalidInput where that is faster or wider than it was, Stale where a step was entered."""
    rollout, left = _rollout_of(act), act.evidence
    assert isinstance(left, Narrowing)
    if left.present != rollout.step_index:
        raise Stale("The rollout entered another step meanwhile; look at the plan again before you change it.")
    steps = [*rollout.plan["steps"][: left.present], *left.steps]
    try:
        fresh = read_plan({"steps": steps, "offline_seconds": left.offline_seconds})
    except InvalidInput as error:
        raise InvalidInput(error.sentence, details={"field": "plan"}) from None
    if faults := faults_of_narrowing(read_plan(rollout.plan), fresh, left.present):
        sentence = f"A signed plan only gets slower or narrower. {' '.join(faults)}"
        raise InvalidInput(sentence, code="plan_wider", details={"field": "plan"})
    rollout.plan = fresh.document()


def resume(act: Act) -> None:
    """The step goes on; after the rollout the release is live again, and what was reported until now holds it back no more."""
    rollout = _rollout_of(act)
    rollout.state, rollout.serves, rollout.state_reason = "running", "plan", None
    rollout.stopped_at, rollout.watched_at = None, act.outside.now()
    if act.case.change.stage != Stage.ROLLOUT.value:
        rollout.state, rollout.cleared_units = "complete", sum(grave_units(act.session, rollout.release_id).values())
    _enter_step(act, rollout)


def roll_back(act: Act) -> None:
    _return_to_live(act, "rolled_back_by_person")


def roll_back_by_policy(act: Act) -> None:
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
