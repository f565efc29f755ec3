"""What is to be simulated: how much harm each version does, how harm shows, how many encounters a day, by which plan, with which fault."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from webapp.domain.guardrails import TABLE
from webapp.domain.plan import Plan, Step
from webapp.errors import InvalidInput

FAULTS = ("missing_telemetry", "wrong_shares", "dead_scheduler")
FAULT_DAY = 3
"""The day on which applications fall silent, or nobody watches any more; wrong shares are wrong from the start."""
LOST_REPORTS = 0.5
"""With wrong shares: the part of the live version's reports that never arrives, so that too many seem to get the new one."""
HALF_SCORE, LOW_RATING, HIGH_RATING = 0.5, 2, 5
MOST_PER_DAY = 5_000
MOST_DAYS = 366


@dataclass(frozen=True)
class Sign:
    """How harm shows: the limit that watches it, and what an application reports of a harmed encounter."""

    limit: str
    words: str


SIGNS: Mapping[str, Sign] = {
    "failed-calls": Sign("errors", "the call fails"),
    "thrown-away": Sign("rejections", "the clinician throws the answer away"),
    "changed": Sign("edits", "the clinician has to change the answer"),
    "failed-checks": Sign("checks", "the application's own checks give the answer half the score"),
    "unsafe-answers": Sign("unsafe_flags", "the application flags the answer as unsafe"),
    "low-ratings": Sign("quality", "a clinician gives the answer 2 of 5"),
    "problem-reports": Sign("harm_reports", "somebody reports that it reached the patient"),
}


@dataclass(frozen=True)
class Course:
    """One simulated rollout. ``harm_live`` and ``harm_new``: shares of encounters that come to harm; ``sign``: one of ``SIGNS``."""

    harm_live: float
    harm_new: float
    per_day: int
    plan: Plan
    seed: int = 0
    sign: str = "failed-calls"
    fault: str | None = None
    days: int = 120

    @property
    def limit(self) -> str:
        """The safety limit that can see this harm."""
        return SIGNS[self.sign].limit


def course_of(
    harm_live: float, harm_new: float, per_day: int, plan: Plan, seed: int, sign: str, fault: str | None, days: int
) -> Course:
    """The course, with the limit that sees its harm among those of every step that can have it; InvalidInput says what is wrong."""
    if not 0 <= harm_live <= 1 or not 0 <= harm_new <= 1:
        raise InvalidInput("Harm is a share of encounters from 0 % to 100 %.")
    if not 1 <= per_day <= MOST_PER_DAY:
        raise InvalidInput(f"Encounters per day are a whole number from 1 to {MOST_PER_DAY:,}.")
    if not 1 <= days <= MOST_DAYS:
        raise InvalidInput(f"Days are a whole number from 1 to {MOST_DAYS}.")
    if seed < 0:
        raise InvalidInput("The seed is a whole number from 0.")
    limit = SIGNS[sign].limit
    watched = replace(plan, steps=tuple(_watching(step, limit) for step in plan.steps))
    return Course(harm_live, harm_new, per_day, watched, seed, sign, fault, days)


def _watching(step: Step, limit: str) -> Step:
    guardrail = TABLE[limit]
    if limit in step.guardrails or step.kind not in guardrail.kinds or (step.is_alone and guardrail.needs_live):
        return step
    return replace(step, guardrails=(*step.guardrails, limit))
