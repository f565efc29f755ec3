"""When the steps to come may be over, at what this prompt meets now. Reading only."""

from __future__ import annotations

from sqlalchemy import select

from webapp.acts.rollout_facts import step_seen
from webapp.acts.situation import load_change
from webapp.acts.volume import Outlook, outlook, plan_outlook, read_volume
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Rollout
from webapp.domain.plan import read_plan
from webapp.domain.rollout import units_counted


def forecast(outside: Outside, change_id: str) -> Outlook | None:
    """The dates of the steps that are left, were nothing to stop them; None where nothing is left, or there is no plan yet."""
    with outside.database.reading() as session:
        case = load_change(session, change_id)
        rollout = session.scalar(select(Rollout).where(Rollout.change_id == change_id))
        if rollout is None:
            plan = None if case.revision is None else read_plan(case.revision.plan)
            return None if plan is None else plan_outlook(outside, session, case.prompt, plan)
        if rollout.ended_at is not None:
            return None
        plan = read_plan(rollout.plan)
        return outlook(
            plan,
            read_volume(outside, session, case.prompt),
            outside.now(),
            has_live=rollout.baseline_release_id is not None,
            first=rollout.step_index,
            entered=rollout.step_entered_at,
            seen=units_counted(plan.steps[rollout.step_index], step_seen(session, rollout)),
        )
