"""The steps of a rollout in words and dates: when each begins and ends, by which rule, and how many units were seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.acts.rollout_facts import NEW_ARMS
from webapp.adapters.store.schema import Interaction, Rollout
from webapp.domain.plan import LONGEST_SECONDS, Plan, Step
from webapp.domain.plan_words import KINDS, UNITS, duration_words, reach_words
from webapp.domain.rollout import StepSeen, judge_step, units_counted
from webapp.domain.verdict import GRAVEST_FIRST, Verdict

STATES = {
    "running": ("current", "Running"),
    "paused": ("stopped", "Paused"),
    "held": ("stopped", "Held"),
    "rolled_back": ("stopped", "Rolled back"),
    "complete": ("done", "Done"),
}


@dataclass(frozen=True)
class StepView:
    """One step of the plan as the page shows it.

    ``state``: done, current, waiting or stopped. ``ends``: the rules of its end, each a clause; ``otherwise``: what stops it by itself.
    ``since`` and ``until`` were; ``not_before`` is when a step to come could begin; ``earliest`` and ``latest`` end the present one;
    ``has_waited``: the earliest is over.
    ``new_seen`` and ``live_seen`` count units; ``live_seen`` None: no live version runs beside it.
    """

    words: str
    share: str
    state: str
    state_words: str
    entry: str
    ends: tuple[str, ...]
    otherwise: tuple[str, ...]
    since: datetime | None
    until: datetime | None
    not_before: datetime | None
    earliest: datetime | None
    latest: datetime | None
    has_waited: bool
    units_seen: int
    units_needed: int
    new_seen: int
    live_seen: int | None
    unit: str
    verdict: str | None


@dataclass(frozen=True)
class Past:
    """What is known of the way so far: when steps were entered, when it ended, and the units of each step by version."""

    entered: tuple[datetime, ...] = ()
    ended_at: datetime | None = None
    units: Mapping[tuple[int, bool], int] | None = None


def steps_shown(plan: Plan, rollout: Rollout | None, seen: StepSeen, past: Past, now: datetime) -> tuple[StepView, ...]:
    """Every step, with what was seen in it and when it begins and ends."""
    return tuple(_view(plan, number, rollout, seen, past, now) for number in range(len(plan.steps)))


def units_by_step(session: Session, rollout: Rollout) -> dict[tuple[int, bool], int]:
    """How many units each step saw, by (number of the step from 0, is it the new version)."""
    query = (
        select(Interaction.step_index, Interaction.arm, func.count(func.distinct(Interaction.unit_hash)))
        .where(Interaction.rollout_id == rollout.id, Interaction.step_index.is_not(None))
        .group_by(Interaction.step_index, Interaction.arm)
    )
    found: dict[tuple[int, bool], int] = {}
    for step_index, arm, count in session.execute(query):
        found[step_index or 0, arm in NEW_ARMS] = count
    return found


def _view(plan: Plan, number: int, rollout: Rollout | None, seen: StepSeen, past: Past, now: datetime) -> StepView:
    step = plan.steps[number]
    state, state_words = _state(number, rollout)
    is_present = rollout is not None and number == rollout.step_index
    since = past.entered[number] if number < len(past.entered) else None
    is_open = is_present and state == "current"
    has_live = (rollout is None or rollout.baseline_release_id is not None) and not step.is_alone
    units = past.units or {}
    return StepView(
        words=KINDS[step.kind],
        share=reach_words(step),
        state=state,
        state_words=state_words,
        entry=_entry_words(plan, number),
        ends=_end_words(step, has_live, number == len(plan.steps) - 1),
        otherwise=_otherwise_words(step),
        since=since,
        until=_until(number, past) if since else None,
        not_before=None if since else _not_before(plan, number, rollout, past, now),
        earliest=since + timedelta(seconds=step.bake_seconds) if since and is_open else None,
        latest=since + timedelta(seconds=step.max_seconds)
        if since and is_open and step.max_seconds < LONGEST_SECONDS
        else None,
        has_waited=since is not None and now >= since + timedelta(seconds=step.bake_seconds),
        units_seen=units_counted(step, seen) if is_present else _counted_then(number, has_live, units),
        units_needed=step.min_units,
        new_seen=units.get((number, True), 0),
        live_seen=units.get((number, False), 0) if has_live else None,
        unit=UNITS[step.unit],
        verdict=_verdict(step, seen) if is_present else Verdict.PASS.value if state == "done" else None,
    )


def _state(number: int, rollout: Rollout | None) -> tuple[str, str]:
    if rollout is None or number > rollout.step_index:
        return "waiting", "Not begun"
    return ("done", "Done") if number < rollout.step_index else STATES[rollout.state]


def _counted_then(number: int, has_live: bool, units: Mapping[tuple[int, bool], int]) -> int:
    new, live = units.get((number, True), 0), units.get((number, False), 0)
    return min(new, live) if has_live else new


def _verdict(step: Step, seen: StepSeen) -> str:
    """The verdict of the step: the gravest of its limits, and no pass before enough units were seen."""
    verdicts = [limit.verdict for limit in judge_step(step, seen)]
    gravest = min(verdicts, key=GRAVEST_FIRST.index)
    if gravest is Verdict.PASS and units_counted(step, seen) < step.min_units:
        return Verdict.INSUFFICIENT.value
    return gravest.value


def _until(number: int, past: Past) -> datetime | None:
    return past.entered[number + 1] if number + 1 < len(past.entered) else past.ended_at


def _not_before(plan: Plan, number: int, rollout: Rollout | None, past: Past, now: datetime) -> datetime | None:
    """When a step to come could begin at the earliest: the waiting times of those before it have to be over."""
    if rollout is None or rollout.ended_at is not None or not past.entered:
        return None
    present = len(past.entered) - 1
    begins = max(now, past.entered[present] + timedelta(seconds=plan.steps[present].bake_seconds))
    return begins + timedelta(seconds=sum(step.bake_seconds for step in plan.steps[present + 1 : number]))


def _entry_words(plan: Plan, number: int) -> str:
    if number == 0:
        return "the author starts the rollout"
    if plan.steps[number - 1].advance == "auto":
        return f"step {number} holds; it begins by itself"
    return f"step {number} holds and an informaticist advances"


def _end_words(step: Step, has_live: bool, is_last: bool) -> tuple[str, ...]:
    """All of these have to be true."""
    unit = UNITS[step.unit]
    versions = "both versions answered" if step.kind == "shadow" else "each version" if has_live else "the new version"
    seen = (
        f"{step.min_units:,} {unit} that {versions}"
        if step.kind == "shadow"
        else f"{step.min_units:,} {unit} of {versions}"
    )
    on = "it goes on by itself" if step.advance == "auto" else "an informaticist decides"
    if is_last:
        on = "an informaticist completes the rollout; the follow-up audit begins"
    return (
        *((f"the waiting time of {duration_words(step.bake_seconds)} is over",) if step.bake_seconds else ()),
        *((f"{seen} were seen",) if step.min_units else ()),
        "every safety limit is shown to hold",
        on,
    )


def _otherwise_words(step: Step) -> tuple[str, ...]:
    """What stops the step by itself, besides a limit that fails."""
    longest = duration_words(step.max_seconds)
    return (
        *((f"pauses after {longest} if it does not hold by then",) if step.max_seconds < LONGEST_SECONDS else ()),
        f"pauses when nobody reports for {duration_words(step.silence_seconds)}",
    )
