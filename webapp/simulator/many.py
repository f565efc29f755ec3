"""Many rollouts over consecutive seeds, by the domain's rules alone: how often a harmless version is stopped, and a harmful one.

No database and no signatures: plan, assignment and judgement are the real ones. The watch looks after every 25 units of the new version
and at the end of each day, when somebody advances a step that may be left. What must not live here: the one rollout told day by day.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any

from webapp.domain.assignment import Assigned, assign
from webapp.domain.cohorts import Place
from webapp.domain.plan import Step
from webapp.domain.rollout import StepSeen, Unit, has_passed, judge_step, react
from webapp.errors import InvalidInput
from webapp.simulator.course import HALF_SCORE, HIGH_RATING, LOW_RATING, Course
from webapp.simulator.encounters import Encounter, encounters_of

LOOK_EVERY = 25
START = datetime(2026, 3, 2, tzinfo=UTC)
STOPPED, COMPLETED, OPEN = "stopped", "completed", "open"


@dataclass(frozen=True)
class End:
    """How one rollout ended. ``encounters`` counts all until then, ``saw`` those to whom the new version was shown."""

    outcome: str
    rule: str
    day: int
    encounters: int
    saw: int


@dataclass
class _Run:
    """One rollout while it runs."""

    course: Course
    index: int = 0
    entered_at: datetime = START
    now: datetime = START
    units: list[Unit] = field(default_factory=list)
    live_before: list[Unit] = field(default_factory=list)
    new: int = 0
    harm: int = 0
    encounters: int = 0
    saw: int = 0

    @property
    def step(self) -> Step:
        return self.course.plan.steps[self.index]

    def seen(self) -> StepSeen:
        alone = self.step.serves_everyone
        return StepSeen(
            tuple(self.units),
            harm=self.harm,
            has_live=not alone,
            last_report_at=self.now,
            live_before=tuple(self.live_before) if alone else (),
        )

    def advance(self) -> None:
        self.live_before += [unit for unit in self.units if not unit.is_new]
        self.index, self.entered_at, self.units, self.new = self.index + 1, self.now, [], 0


def run_quickly(course: Course) -> End:
    """How this rollout ends; ``open`` when its days are over before."""
    if course.fault not in (None, "wrong_shares"):
        raise InvalidInput("Many rollouts at once know no other fault than --wrong-shares; leave out --repeat.")
    run = _Run(course)
    for day in range(1, course.days + 1):
        for number, encounter in enumerate(encounters_of(course, day)):
            run.now = START + timedelta(days=day - 1, seconds=86_400 * number / course.per_day)
            _meet(run, encounter)
            if run.new and run.new % LOOK_EVERY == 0 and run.units[-1].is_new and (rule := _stop(run)):
                return _end(run, STOPPED, rule, day)
        run.now = START + timedelta(days=day)
        if rule := _stop(run):
            return _end(run, STOPPED, rule, day)
        if _may_be_left(run):
            if run.index == len(course.plan.steps) - 1:
                return _end(run, COMPLETED, "", day)
            run.advance()
    return _end(run, OPEN, "", course.days)


def rates(course: Course, count: int, tell: Callable[[int], None]) -> dict[str, Any]:
    """``count`` rollouts of this harm and as many whose new version does no more harm than live; ``tell`` hears how many are done."""
    ends: dict[str, list[End]] = {"harmless": [], "harmful": []}
    for number in range(count):
        one = replace(course, seed=course.seed + number)
        ends["harmless"].append(run_quickly(replace(one, harm_new=one.harm_live)))
        if course.harm_new > course.harm_live:
            ends["harmful"].append(run_quickly(one))
        tell(number + 1)
    return {name: _summary(found) for name, found in ends.items() if found}


def _summary(ends: list[End]) -> dict[str, Any]:
    stopped = [end for end in ends if end.outcome == STOPPED]
    return {
        "rollouts": len(ends),
        **{outcome: sum(end.outcome == outcome for end in ends) for outcome in (STOPPED, COMPLETED, OPEN)},
        "median_day_of_stop": median([end.day for end in stopped]) if stopped else None,
        "median_encounters_until_stop": median([end.encounters for end in stopped]) if stopped else None,
        "median_saw_new_until_stop": median([end.saw for end in stopped]) if stopped else None,
    }


def _meet(run: _Run, encounter: Encounter) -> None:
    """The encounter was assigned, ran, and was reported."""
    assigned = assign(run.course.plan, run.index, Place(encounter.unit), f"{run.course.seed:016x}")
    run.encounters += 1
    run.saw += assigned.gets_new
    for is_new in _versions(assigned):
        if assigned.step != run.index or (run.course.fault == "wrong_shares" and encounter.is_lost and not is_new):
            continue
        run.units.append(_unit(run.course, encounter, is_new))
        run.new += is_new
        run.harm += is_new and run.units[-1].had_harm


def _versions(assigned: Assigned) -> tuple[bool, ...]:
    return (False, True) if assigned.runs_silently else (assigned.gets_new,)


def _unit(course: Course, encounter: Encounter, is_new: bool) -> Unit:
    bad = encounter.is_harmed(is_new)
    return Unit(
        is_new,
        encounter.unit,
        sent_text=True,
        had_error=bad and course.limit == "errors",
        had_harm=bad and course.limit == "harm_reports",
        was_edited=bad and course.limit == "edits",
        was_rejected=bad and course.limit == "rejections",
        was_unsafe=bad and course.limit == "unsafe_flags",
        check_score=HALF_SCORE if bad and course.limit == "checks" else 1.0,
        rating=LOW_RATING if bad and course.limit == "quality" else HIGH_RATING,
        milliseconds=encounter.milliseconds[is_new],
        microusd=encounter.microusd[is_new],
    )


def _stop(run: _Run) -> str:
    """The rule that stops the rollout now; empty where it goes on."""
    reaction = react(run.step, "running", run.entered_at, None, run.seen(), run.now)
    return "" if reaction is None or reaction.move == "advance" else reaction.rule


def _may_be_left(run: _Run) -> bool:
    seen = run.seen()
    waited = run.now - run.entered_at >= timedelta(seconds=run.step.bake_seconds)
    return waited and has_passed(run.step, seen, judge_step(run.step, seen))


def _end(run: _Run, outcome: str, rule: str, day: int) -> End:
    return End(outcome, rule, day, run.encounters, run.saw)
