"""A simulated rollout in words, as a document, and its rates: what ``formulary simulate`` prints."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import Any

from webapp.domain.guardrails import EVENT, RATIO, TABLE
from webapp.domain.plan_words import step_words
from webapp.domain.rollout import LimitSeen, limit_document
from webapp.domain.verdict import Verdict
from webapp.simulator.course import FAULT_DAY, LOST_REPORTS, SIGNS, Course
from webapp.simulator.telling import Day, Event, Told

VERDICTS = {
    Verdict.PASS: "holds",
    Verdict.FAIL: "WORSE",
    Verdict.INSUFFICIENT: "too few units to tell",
    Verdict.UNMEASURED: "not measured",
}
MOVES = {
    "pause": "pauses: who is in stays in, nobody new.",
    "roll_back": "rolls back: everyone gets the live version.",
    "advance": "enters the next step.",
    "complete": "completes the rollout.",
}
TITLES = {"harmless": "Stopped although the new version does no more harm", "harmful": "Caught"}
INDENT = " " * 9
FAULTS = {
    "missing_telemetry": f"From day {FAULT_DAY} on no application reports any more.",
    "wrong_shares": f"{LOST_REPORTS:.0%} of the live version's reports get lost.",
    "dead_scheduler": f"From day {FAULT_DAY} on nobody watches, and nobody advances.",
}
OUTCOMES = {
    "rolled_back": "Rolled back",
    "complete": "Completed",
    "paused": "Paused",
    "running": "Still running",
    "held": "Held",
}


def course_words(course: Course) -> str:
    """What is simulated, in sentences, and the steps of the plan."""
    harm = f"live {100 * course.harm_live:g} %, new {100 * course.harm_new:g} %"
    lines = [
        f"{course.per_day:,} encounters a day. Harm: {harm}; it shows: {SIGNS[course.sign].words}. Seed {course.seed}."
    ]
    lines += [FAULTS[course.fault]] if course.fault else []
    lines += [f"  step {number}  {step_words(step)}" for number, step in enumerate(course.plan.steps, 1)]
    return "\n".join(lines)


def day_words(day: Day, before: Day | None) -> str:
    """The day in a line, then what happened, and the limits where a verdict is another than the day before or something happened."""
    shown = f"new version shown to {day.saw:,} of {day.encounters:,}"
    lines = [f"day {day.number:>3}  step {day.step}  {shown}; units of this step: {day.new:,} new, {day.live:,} live"]
    lines += [line for event in day.events for line in _event_words(event)]
    is_told = before is None or before.step != day.step or _verdicts(before) != _verdicts(day)
    return "\n".join([*lines, *(f"{INDENT}{limit_words(limit)}" for limit in day.limits if is_told and not day.events)])


def _verdicts(day: Day) -> list[Verdict]:
    return [limit.verdict for limit in day.limits]


def end_words(told: Told) -> str:
    """How it ended, and for whom."""
    seen = f"{told.saw:,} patients saw the new version, {told.harmed:,} of them came to harm"
    words = f"{OUTCOMES[told.outcome]} on day {told.day} after {told.encounters:,} encounters; {seen}."
    rule = f" Why: {'; then: '.join(told.rules)}." if told.rules else ""
    last = f" The last {told.back_to_live:,} encounters got the live version." if told.back_to_live else ""
    return words + rule + last


def told_document(course: Course, told: Told) -> dict[str, Any]:
    """The story for JSON."""
    return {
        "course": course_document(course),
        "days": [
            {
                **{name: value for name, value in asdict(day).items() if name not in ("limits", "events")},
                "limits": [limit_document(limit) for limit in day.limits],
                "events": [_event_document(event) for event in day.events],
            }
            for day in told.days
        ],
        "outcome": {
            "outcome": told.outcome,
            "rules": told.rules,
            "day": told.day,
            "encounters": told.encounters,
            "saw_new": told.saw,
            "harmed_by_new": told.harmed,
            "last_encounters_on_live": told.back_to_live,
        },
    }


def _event_document(event: Event) -> dict[str, Any]:
    limits = [limit_document(limit) for limit in event.limits]
    return {"who": event.who, "move": event.move, "rule": event.why, "limits": limits}


def course_document(course: Course) -> dict[str, Any]:
    """What was simulated, for JSON."""
    return {**asdict(course), "plan": course.plan.document()}


def rates_words(course: Course, found: dict[str, dict[str, Any]]) -> str:
    """How often rollouts were stopped, in two lines."""
    return "\n".join(_rate_words(course, name, row) for name, row in found.items())


def _rate_words(course: Course, name: str, row: dict[str, Any]) -> str:
    stopped, count = row["stopped"], row["rollouts"]
    words = f"{TITLES[name]}: {stopped} of {count} ({stopped / count:.1%})"
    if stopped:
        day, encounters, saw = (
            row[f"median_{name}"] for name in ("day_of_stop", "encounters_until_stop", "saw_new_until_stop")
        )
        words += f", in the median on day {day:g} after {encounters:,.0f} encounters, {saw:,.0f} of them with the new version"
    return f"{words}. {row['completed']} completed, {row['open']} open after {course.days} days."


def _event_words(event: Event) -> list[str]:
    """What was done in a line, and below it the limits as they were then."""
    line = f"{'The watch' if event.who == 'watch' else 'An informaticist'} {MOVES[event.move]} {event.why}".rstrip()
    return [f"{INDENT}-> {line}", *(f"{INDENT}   {limit_words(limit)}" for limit in event.limits)]


def limit_words(limit: LimitSeen) -> str:
    """As "errors: WORSE; n = 31 new, 560 live; +12.3 points (+0.4 to +24.2)"."""
    rule = TABLE[limit.name]
    counts = f"n = {limit.n_new:,} new" + ("" if limit.n_live is None else f", {limit.n_live:,} live")
    events = "" if limit.events is None else f", {limit.events} events"
    words = f"{limit.name}: {VERDICTS[limit.verdict]}; {counts}{events}"
    if limit.found is None or rule.measure == EVENT:
        return words
    values = (limit.found.estimate, limit.found.low, limit.found.high)
    scaled = [100 * (math.expm1(value) if rule.measure == RATIO else value) for value in values]
    margin = 100 * (math.expm1(rule.margin) if rule.measure == RATIO else rule.margin)
    unit = "%" if rule.measure == RATIO else "points of 100"
    return f"{words}; {scaled[0]:+.1f} {unit} ({scaled[1]:+.1f} to {scaled[2]:+.1f}), margin {margin:.0f}"
