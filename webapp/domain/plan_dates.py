"""When the steps of a plan can be left at this prompt's own volume, and which steps never can be. Pure arithmetic.

What must not live here: how the volume is read (``webapp.acts.volume``), and what a running step has seen (``rollout``).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache

from webapp.domain.cohorts import Cohort
from webapp.domain.guardrails import EVENT, TABLE
from webapp.domain.plan import DAY_SECONDS, EVERYONE, LONGEST_SECONDS, Plan, Step
from webapp.domain.plan_words import UNITS, duration_words, per_day_words, share_words
from webapp.domain.rollout import StepSeen, Unit, has_passed, judge_step
from webapp.errors import InvalidInput

PERIOD_DAYS = 28
"""How far back the volume is looked at."""
QUIET_DAYS = 14
"""A prompt is quiet for a plan when one of its steps needs more than this to see enough units."""
HALF = EVERYONE // 2


@dataclass(frozen=True)
class Volume:
    """How many different units were reported of a prompt in the last ``days``, by the site and application they came from.

    ``unit``: what its applications take for one. Departments are not reported, so nothing is known by department.
    """

    unit: str
    days: float
    sources: tuple[tuple[str, str, int], ...]

    def met(self, cohort: Cohort | None = None) -> int | None:
        """The units of these days that fit the cohort; None where reports do not tell."""
        if cohort is None:
            return sum(units for _, _, units in self.sources)
        if cohort.departments or cohort.units:
            return None
        return sum(
            units
            for site, application, units in self.sources
            if (not cohort.sites or site in cohort.sites)
            and (not cohort.applications or application in cohort.applications)
        )


@dataclass(frozen=True)
class Pace:
    """How fast a step sees enough. ``needed``: units of the version that gets fewer of them; ``floor``: what its limits need of these.

    ``meant_per_day``: units a day that the step is meant for, of which ``part`` (of 10,000) counts; None: cannot be told.
    ``at_most``: so many will ever count, because clinicians and sites do not grow in number; None: there is no such bound.
    """

    needed: int
    floor: int
    part: int
    meant_per_day: float | None
    at_most: int | None = None

    @property
    def seconds(self) -> int | None:
        """Until enough units were seen; None where that cannot be told, or never."""
        if self.needed == 0:
            return 0
        if not self.meant_per_day or self.is_out_of_reach:
            return None
        return math.ceil(self.needed * EVERYONE / self.part / self.meant_per_day * DAY_SECONDS)

    @property
    def is_out_of_reach(self) -> bool:
        """Will there never be enough units, however long one waits?"""
        return self.meant_per_day == 0 or (self.at_most is not None and self.at_most < self.needed)


@dataclass(frozen=True)
class Days:
    """A step's first day and the earliest day on which it can be left."""

    begins: datetime
    ends: datetime


def pace_of(step: Step, volume: Volume | None, *, has_live: bool, seen: int = 0) -> Pace:
    """How fast this step sees enough, where ``seen`` units were seen already."""
    floor = least_units(step.kind, step.guardrails, is_alone=step.is_alone or not has_live)
    needed = max(0, max(step.min_units, floor) - seen)
    part = _part(step, has_live=has_live)
    met = volume.met(step.cohort) if volume is not None and volume.unit == step.unit else None
    if volume is None or met is None:
        return Pace(needed, floor, part, None)
    at_most = None if step.unit == "encounter" else met * part // EVERYONE
    return Pace(needed, floor, part, met / volume.days, at_most)


def _part(step: Step, *, has_live: bool) -> int:
    """The part of units, of 10,000, that reaches the version that gets fewer of them."""
    share = step.share_basis_points
    is_compared = has_live and step.kind != "shadow" and not step.is_alone
    return min(share, EVERYONE - share) if is_compared else share


@lru_cache(maxsize=256)
def least_units(kind: str, guardrails: tuple[str, ...], *, is_alone: bool) -> int:
    """So many units of each version it takes at least to show that these limits hold, if nothing at all goes wrong.

    Found with the very judgement that the watch makes, by halving.
    """
    if all(TABLE[name].measure == EVENT for name in guardrails):
        return 0
    share = EVERYONE if is_alone and kind != "shadow" else HALF
    step = Step(kind, share, "encounter", 0, 0, 0, "manual", None, guardrails)
    low, high = 0, 4_096
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if _shows(step, middle, is_alone=is_alone) else (middle, high)
    return high


def _shows(step: Step, count: int, *, is_alone: bool) -> bool:
    """Does every limit hold after this many units of each version of which nothing bad is known?"""
    live, new = _quiet(count, is_new=False), _quiet(count, is_new=True)
    seen = StepSeen(new if is_alone and step.kind != "shadow" else (*live, *new), has_live=not is_alone)
    return has_passed(step, seen, judge_step(step, seen))


def _quiet(count: int, *, is_new: bool) -> tuple[Unit, ...]:
    known = Unit(
        is_new,
        sent_text=True,
        was_edited=False,
        was_rejected=False,
        milliseconds=1_000.0,
        microusd=1_000.0,
        check_score=1.0,
        was_unsafe=False,
        rating=5.0,
    )
    return tuple(replace(known, key=str(number)) for number in range(count))


def pace_words(step: Step, pace: Pace) -> str:
    """As "93 encounters at 5 % of 60 a day take 31 days"; without a volume, that nothing can be told."""
    what = f"{pace.needed} {UNITS[step.unit]}{'' if step.is_alone else ' per version'}"
    if pace.needed == 0:
        return "No further units are needed."
    if pace.meant_per_day is None:
        return f"{what}: how long that takes cannot be told; {_why_unknown(step)}."
    if pace.at_most is not None:
        of = f"{what} of the {pace.at_most} that it reaches"
    else:
        share = "" if pace.part == EVERYONE else f"{share_words(pace.part)} of "
        of = f"{what} at {share}{per_day_words(pace.meant_per_day)} a day"
    seconds = pace.seconds
    return f"{of} never come together." if seconds is None else f"{of} take {about_words(seconds)}."


def _why_unknown(step: Step) -> str:
    if step.cohort is not None and (step.cohort.departments or step.cohort.units):
        return "reports do not say how many units this cohort has"
    return f"no volume in {UNITS[step.unit]} is known"


def about_words(seconds: float) -> str:
    """Whole days, rounded up; below a day whole hours."""
    days = math.ceil(seconds / DAY_SECONDS)
    if seconds <= DAY_SECONDS - 3_600:
        hours = max(1, math.ceil(seconds / 3_600))
        return f"{hours} hour{'s' if hours > 1 else ''}"
    return f"{days} day{'s' if days > 1 else ''}"


def faults_of(plan: Plan, volume: Volume | None, *, has_live: bool) -> Iterator[str]:
    """A sentence for each step that cannot finish: by how much, and what to change."""
    for number, step in enumerate(plan.steps, 1):
        pace, place = pace_of(step, volume, has_live=has_live), f"Step {number} of the rollout plan cannot finish"
        if step.kind == "shadow" and not has_live:
            yield f"{place}: a silent run compares with the live version, and nothing of this prompt is live. Leave it out."
        elif not has_live and (compared := [name for name in step.guardrails if TABLE[name].needs_live]):
            yield (
                f"{place}: {', '.join(compared)} are held against the live version, and nothing of this prompt is live. "
                "Leave them out."
            )
        elif pace.is_out_of_reach:
            yield f"{place}: {_reach_fault(step, pace)}"
        elif pace.seconds is not None and pace.seconds > step.max_seconds:
            yield f"{place}: {_time_fault(step, pace, pace.seconds)}"


def refuse_unfinishable(plan: Plan, volume: Volume | None, *, has_live: bool) -> None:
    """Every step can finish at this volume, or none is known; InvalidInput says which cannot, by how much and what to change."""
    faults = tuple(faults_of(plan, volume, has_live=has_live))
    if faults:
        raise InvalidInput(" ".join(faults), code="plan_cannot_finish", details={"field": "plan"})


def _reach_fault(step: Step, pace: Pace) -> str:
    units = UNITS[step.unit]
    reached = pace.at_most if pace.at_most is not None else 0
    return (
        f"it needs {pace.needed} {units} per version and reaches {reached} in {PERIOD_DAYS} days, {pace.needed - reached} too few. "
        f"Widen its share or cohort, count encounters instead, or {_fewer(step, pace, reached)}."
    )


def _time_fault(step: Step, pace: Pace, seconds: int) -> str:
    over = about_words(seconds - step.max_seconds)
    longer = math.ceil(seconds / DAY_SECONDS) * DAY_SECONDS
    ways = [f"give it {about_words(seconds)} (max_seconds {longer})"] if longer <= LONGEST_SECONDS else []
    share = math.ceil(pace.part * seconds / max(1, step.max_seconds))
    if not step.is_alone and share <= (EVERYONE if step.kind == "shadow" else HALF):
        ways.append(f"a share of at least {share_words(share)}")
    ways.append(_fewer(step, pace, pace.needed * step.max_seconds // seconds))
    advice = ", or ".join(ways)
    return (
        f"{pace_words(step, pace)[:-1]}, {over} more than its longest time of {duration_words(step.max_seconds)}. "
        f"{advice[0].upper()}{advice[1:]}."
    )


def _fewer(step: Step, pace: Pace, most: int) -> str:
    """What may be asked of fewer units: the plan's own number, or where that is not it, the limits that need so many."""
    if most >= pace.floor:
        return f"ask for at most {most} units (min_units)"
    compared = ", ".join(name for name in step.guardrails if TABLE[name].measure != EVENT)
    return f"watch fewer limits: to show that {compared} hold takes at least {pace.floor} units however few it asks for"


def calendar(
    plan: Plan,
    volume: Volume | None,
    now: datetime,
    *,
    has_live: bool,
    first: int = 0,
    entered: datetime | None = None,
    seen: int = 0,
) -> tuple[Days | None, ...]:
    """For each step from ``first`` on its days at the earliest; None from the first of which they cannot be told.

    ``entered``: when the first of them was entered, now unless said, and ``seen`` how many units it saw since.
    """
    found: list[Days | None] = []
    begins, at = entered or now, now
    for number, step in enumerate(plan.steps[first:]):
        pace = pace_of(step, volume, has_live=has_live, seen=0 if number else seen)
        if pace.seconds is None or None in found:
            found.append(None)
            continue
        at = max(at + timedelta(seconds=pace.seconds), begins + timedelta(seconds=step.bake_seconds))
        found.append(Days(begins, at))
        begins = at
    return tuple(found)


def is_quiet(plan: Plan, volume: Volume | None, *, has_live: bool) -> bool:
    """Does a step of this plan that takes a share of units need more than two weeks to see enough?"""
    shared = [step for step in plan.steps if not step.is_alone]
    found = [pace_of(step, volume, has_live=has_live) for step in shared]
    return any(pace.is_out_of_reach or (pace.seconds or 0) > QUIET_DAYS * DAY_SECONDS for pace in found)


def quiet_plan(usual: Plan, volume: Volume) -> Plan:
    """For a quiet prompt: a silent run on all units, then a cohort that the author names, then everyone, with the usual waits.

    The cohort is left to name: nobody else knows which clinicians begin. Silence is allowed for as long as ten units take.
    """
    last = usual.steps[-1]
    per_day = max((volume.met() or 0) / volume.days, 0.01)
    silence = min(7, max(1, math.ceil(10 / per_day))) * DAY_SECONDS
    silent = replace(last, kind="shadow", guardrails=("errors", "phi_flags"), advance="manual", silence_seconds=silence)
    named = replace(
        last,
        kind="canary",
        guardrails=("errors", "harm_reports", "phi_flags"),
        advance="manual",
        silence_seconds=silence,
    )
    longest = max(step.bake_seconds for step in usual.steps)
    steps = (replace(silent, bake_seconds=longest), replace(named, bake_seconds=longest), last)
    return replace(usual, steps=tuple(replace(step, min_units=min(step.min_units, 100)) for step in steps))


def days_words(days: Days | None) -> str:
    """As "About 12 Dec - 19 Dec 2026"; that dates cannot be told where they cannot."""
    if days is None:
        return "Dates cannot be told"
    first = f"{days.begins:%-d %b}" if days.begins.year == days.ends.year else f"{days.begins:%-d %b %Y}"
    return f"About {first} - {days.ends:%-d %b %Y}"
