"""What a running rollout has seen in its present step, counted from the reports of applications."""

from __future__ import annotations

from sqlalchemy import ColumnExpressionArgument, func, select
from sqlalchemy.orm import Session

from webapp.adapters.store.schema import Interaction, Rollout
from webapp.domain.plan import Step, read_plan
from webapp.domain.rollout import StepCounts, judge_guardrails
from webapp.domain.workflow.situation import RolloutFacts


def rollout_facts(session: Session, change_id: str) -> RolloutFacts:
    """The rollout of this change with its present step; state ``none`` before it started."""
    rollout = session.scalar(select(Rollout).where(Rollout.change_id == change_id))
    if rollout is None:
        return RolloutFacts()
    plan = read_plan(rollout.plan)
    step = plan.steps[rollout.step_index]
    counts = step_counts(session, rollout)
    has_live_arm = rollout.baseline_release_id is not None and not step.serves_everyone
    return RolloutFacts(
        state=rollout.state,
        step_index=rollout.step_index,
        steps=len(plan.steps),
        step_entered_at=rollout.step_entered_at,
        bake_seconds=step.bake_seconds,
        min_units=step.min_units,
        units_live=counts.units_live if has_live_arm else None,
        units_new=counts.units_new,
        guardrails=guardrail_verdicts(step, counts),
    )


def guardrail_verdicts(step: Step, counts: StepCounts) -> tuple[tuple[str, str], ...]:
    """Each guardrail of the step with its verdict."""
    return tuple((name, verdict.value) for name, verdict in judge_guardrails(step, counts).items())


def step_counts(session: Session, rollout: Rollout) -> StepCounts:
    """Units and events of the present step. A unit counts once however often it called.

    Harm and identifiers count over the whole rollout: a report about an earlier step stops the present one.
    """
    in_rollout = Interaction.rollout_id == rollout.id
    in_step = Interaction.step_index == rollout.step_index
    is_new, is_live = Interaction.arm == "candidate", Interaction.arm == "live"

    def units(*conditions: ColumnExpressionArgument[bool]) -> int:
        query = select(func.count(func.distinct(Interaction.unit_hash))).where(in_rollout, *conditions)
        return session.scalar(query) or 0

    return StepCounts(
        units_live=units(in_step, is_live),
        units_new=units(in_step, is_new),
        units_new_with_error=units(in_step, is_new, Interaction.error.is_not(None)),
        units_live_with_error=units(in_step, is_live, Interaction.error.is_not(None)),
        units_new_with_harm=units(is_new, Interaction.harm_reported),
        units_new_with_phi=units(is_new, Interaction.phi_flagged),
        units_new_with_text=units(in_step, is_new, Interaction.response_text.is_not(None)),
    )
