"""What the reports of one step say about its safety limits, in the simple form: counts of units, no sequential test yet.

What must not live here: how reports are counted (``webapp.acts.rollout_facts``).
"""

from __future__ import annotations

from dataclasses import dataclass

from webapp.domain.plan import Step
from webapp.domain.verdict import Verdict

ERROR_LIMIT_PPM = 50_000
LEAST_UNITS = 1
CRITICAL = frozenset({"harm_reports", "phi_flags"})


@dataclass(frozen=True)
class StepCounts:
    """Units seen in one step, by version, and those of the step with an error.

    Harm reports and identifiers in answers count over the whole rollout, whatever step a unit was served in.
    ``units_new_with_text``: units of the step whose answer was sent, so that it could be searched for identifiers.
    """

    units_live: int = 0
    units_new: int = 0
    units_new_with_error: int = 0
    units_live_with_error: int = 0
    units_new_with_harm: int = 0
    units_new_with_phi: int = 0
    units_new_with_text: int = 0


def judge_guardrails(step: Step, counts: StepCounts) -> dict[str, Verdict]:
    """The verdict of each guardrail that the step declares; without enough units nothing passes.

    One harm report or one leaked identifier fails at once, however few units were seen.
    """
    rules = {
        "errors": (_errors_hold(counts), counts.units_new),
        "harm_reports": (counts.units_new_with_harm == 0, counts.units_new),
        "phi_flags": (counts.units_new_with_phi == 0, counts.units_new_with_text),
    }
    return {name: _verdict(*rules[name], step, is_critical=name in CRITICAL) for name in step.guardrails}


def _errors_hold(counts: StepCounts) -> bool:
    """Is the share of units with an error at most five points above live?"""
    if counts.units_new == 0:
        return True
    live = counts.units_live_with_error * 1_000_000 // counts.units_live if counts.units_live else 0
    return counts.units_new_with_error * 1_000_000 // counts.units_new <= live + ERROR_LIMIT_PPM


def _verdict(holds: bool, units: int, step: Step, *, is_critical: bool) -> Verdict:
    if is_critical and not holds:
        return Verdict.FAIL
    if units < LEAST_UNITS:
        return Verdict.UNMEASURED
    if not holds:
        return Verdict.FAIL
    return Verdict.PASS if units >= step.min_units else Verdict.INSUFFICIENT
