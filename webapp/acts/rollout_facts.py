"""What a running rollout has seen in its present step, read from the reports of applications.

What must not live here: what it means (``webapp.domain.rollout``).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Integer, case, cast, func, or_, select
from sqlalchemy.orm import Session

from webapp.adapters.store.schema import Interaction, Rollout
from webapp.domain.plan import Plan, Step, read_plan
from webapp.domain.rollout import StepSeen, Unit, judge_step, units_counted
from webapp.domain.workflow.situation import RolloutFacts

GRAVE = or_(Interaction.harm_reported, Interaction.phi_flagged)
"""Written as the index of such rows has it, so that a look needs not read all calls of a release."""
NEW_ARMS = ("candidate", "shadow")


def rollout_facts(session: Session, change_id: str) -> RolloutFacts:
    """The rollout of this change with its present step; state ``none`` before it started."""
    rollout = session.scalar(select(Rollout).where(Rollout.change_id == change_id))
    if rollout is None:
        return RolloutFacts()
    plan = read_plan(rollout.plan)
    step, seen = plan.steps[rollout.step_index], step_seen(session, rollout)
    return RolloutFacts(
        state=rollout.state,
        step_index=rollout.step_index,
        steps=len(plan.steps),
        step_entered_at=rollout.step_entered_at,
        bake_seconds=step.bake_seconds,
        min_units=step.min_units,
        units_seen=units_counted(step, seen),
        advances_by_itself=step.advance == "auto",
        guardrails=tuple((limit.name, limit.verdict.value) for limit in judge_step(step, seen)),
    )


def present_step(rollout: Rollout) -> Step:
    """The step in which the rollout is."""
    return read_plan(rollout.plan).steps[rollout.step_index]


def step_seen(session: Session, rollout: Rollout) -> StepSeen:
    """The units of the present step in order of arrival. A unit counts once for each version however often it called.

    Harm and identifiers count over the whole rollout, also of requests that named no unit: a report about an earlier step stops the
    present one.
    """
    plan = read_plan(rollout.plan)
    has_live = rollout.baseline_release_id is not None and not plan.steps[rollout.step_index].serves_everyone
    here, before = Interaction.step_index == rollout.step_index, Interaction.step_index < rollout.step_index
    grave = grave_units(session, rollout.release_id)
    last = session.scalar(select(func.max(Interaction.received_at)).where(Interaction.rollout_id == rollout.id))
    return StepSeen(
        units=_units(session, rollout, here),
        harm=grave["harm_reports"],
        identifiers=grave["phi_flags"],
        has_live=has_live,
        shares_are_planned=_are_shares_planned(plan, rollout),
        last_report_at=last,
        live_before=() if has_live else _units(session, rollout, before & (Interaction.arm == "live")),
    )


def _units(session: Session, rollout: Rollout, which: Any) -> tuple[Unit, ...]:
    return tuple(_unit(row) for row in session.execute(_units_query(rollout, which)))


def _units_query(rollout: Rollout, which: Any) -> Any:
    def share_of(outcome: str) -> Any:
        return func.max(cast(Interaction.outcome == outcome, Integer))

    return (
        select(
            Interaction.arm,
            Interaction.unit_hash,
            func.max(case((Interaction.error.is_not(None), 1), else_=0)),
            func.max(cast(Interaction.harm_reported, Integer)),
            func.max(cast(Interaction.phi_flagged, Integer)),
            func.max(case((Interaction.response_text.is_not(None), 1), else_=0)),
            share_of("edited"),
            share_of("rejected"),
            func.avg(Interaction.latency_ms),
            func.avg(Interaction.cost_microusd),
            func.avg(Interaction.check_ppm),
            func.max(cast(Interaction.is_unsafe, Integer)),
            func.avg(Interaction.rating),
        )
        .where(Interaction.rollout_id == rollout.id, which)
        .group_by(Interaction.arm, Interaction.unit_hash)
        .order_by(func.min(Interaction.id))
    )


def _unit(row: Sequence[Any]) -> Unit:
    """The unit of a row of ``_units_query``; taken apart by place, because a step may hold many thousands."""
    arm, key, error, harm, identifier, text, edited, rejected, milliseconds, microusd, check_ppm, unsafe, rating = row
    return Unit(
        arm in NEW_ARMS,
        key,
        had_error=bool(error),
        had_harm=bool(harm),
        had_identifier=bool(identifier),
        sent_text=bool(text),
        was_edited=None if edited is None else bool(edited),
        was_rejected=None if rejected is None else bool(rejected),
        milliseconds=None if milliseconds is None else float(milliseconds),
        microusd=None if microusd is None else float(microusd),
        check_score=None if check_ppm is None else float(check_ppm) / 1_000_000,
        was_unsafe=None if unsafe is None else bool(unsafe),
        rating=None if rating is None else float(rating),
    )


def grave_units(session: Session, release_id: str) -> dict[str, int]:
    """Of how many units of this release possible harm was reported, and of how many an answer held an identifier, at any time."""
    signs = {"harm_reports": Interaction.harm_reported, "phi_flags": Interaction.phi_flagged}
    count = select(func.count(func.distinct(Interaction.unit_hash))).where(Interaction.release_id == release_id)
    return {name: session.scalar(count.where(GRAVE, happened)) or 0 for name, happened in signs.items()}


def _are_shares_planned(plan: Plan, rollout: Rollout) -> bool:
    """Do units arrive as the plan shares them out: no cohort of an earlier step among them, and none were kept out meanwhile."""
    earlier = [step for step in plan.steps[: rollout.step_index] if step.kind != "shadow"]
    if any(step.cohort is not None for step in earlier):
        return False
    return rollout.frozen_at is None or rollout.frozen_at < rollout.step_entered_at
