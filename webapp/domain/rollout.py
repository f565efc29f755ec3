"""What the reports of one step say about its safety limits, in the simple form: counts of units, no sequential test yet.

What must not live here: how reports are counted (``webapp.acts.rollout_facts``).
"""

from __future__ import annotations

from dataclasses import dataclass

from webapp.domain.plan import Step
from webapp.domain.verdict import Verdict

ERROR_LIMIT_PPM = 50_000
LEAST_UNITS = 1


@dataclass(frozen=True)
class StepCounts:
    """Units seen in one step, by version, and those with an error, a harm report or an identifier in the answer."""

    units_live: int = 0
    units_new: int = 0
    units_new_with_error: int = 0
    units_live_with_error: int = 0
    units_new_with_harm: int = 0
    units_new_with_phi: int = 0


def judge_guardrails(step: Step, counts: StepCounts) -> dict[str, Verdict]:
    """The verdict of each guardrail that the step declares; without enough units nothing passes."""
    rules = {
        "errors": _errors_hold(counts),
        "harm_reports": counts.units_new_with_harm == 0,
        "phi_flags": counts.units_new_with_phi == 0,
    }
    return {name: _verdict(rules[name], step, counts) for name in step.guardrails}


def _errors_hold(counts: StepCounts) -> bool:
    """Is the share of units with an error at most five points above live?"""
    if counts.units_new == 0:
        return True
    live = counts.units_live_with_error * 1_000_000 // counts.units_live if counts.units_live else 0
    return counts.units_new_with_error * 1_000_000 // counts.units_new <= live + ERROR_LIMIT_PPM


def _verdict(holds: bool, step: Step, counts: StepCounts) -> Verdict:
    if counts.units_new < LEAST_UNITS:
        return Verdict.UNMEASURED
    if not holds:
        return Verdict.FAIL
    return Verdict.PASS if counts.units_new >= step.min_units else Verdict.INSUFFICIENT
