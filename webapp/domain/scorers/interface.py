"""What a scorer takes and gives. Scorers themselves stand next door, one file each; none of them does I/O.

A scorer decides from the case alone whether it applies, so that both arms of a comparison always have the same cases.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from webapp.domain.prompts.suite import Case

State = Literal["scored", "unscored", "not_applicable"]


@dataclass(frozen=True)
class Finding:
    """One fault of one answer in a sentence; ``span`` holds character offsets in the answer, end exclusive."""

    metric: str
    code: str
    sentence: str
    critical: bool = False
    span: tuple[int, int] | None = None


@dataclass(frozen=True)
class Score:
    """One measure of one answer: ``value`` in 0..1, higher is better, or ``amount`` in ``unit`` for what is counted.

    ``unscored`` is neither zero nor a pass: nothing is known. ``not_applicable`` depends on the case, never on the answer.
    """

    metric: str
    value: float | None
    state: State
    findings: tuple[Finding, ...] = ()
    amount: int | None = None
    unit: str | None = None


@dataclass(frozen=True)
class Answer:
    """What a model gave for one case; ``None`` where it reported nothing. ``is_cached``: kept from an earlier run, not asked now."""

    text: str
    finish_reason: str
    tokens_in: int
    tokens_out: int
    cost_microusd: int | None
    latency_ms: int | None
    ttft_ms: int | None = None
    is_cached: bool = False


@dataclass(frozen=True)
class Lookups:
    """The ICD-10-CM table behind three questions; each takes an upper-case code."""

    code_exists: Callable[[str], bool]
    is_billable: Callable[[str], bool]
    category_of: Callable[[str], str | None]


@dataclass(frozen=True)
class Scorer:
    """One check: ``limits`` is shown wherever people read its scores."""

    name: str
    version: str
    limits: str
    score: Callable[[Case, Answer, Lookups], Score]


def scored(metric: str, value: float, findings: tuple[Finding, ...] = ()) -> Score:
    """A score with a value, kept within 0..1 against rounding."""
    return Score(metric, min(1.0, max(0.0, value)), "scored", findings)


def not_applicable(metric: str, findings: tuple[Finding, ...] = ()) -> Score:
    """The case asks nothing of this check; findings may still be critical."""
    return Score(metric, None, "not_applicable", findings)


def unscored(metric: str, code: str, sentence: str) -> Score:
    """Nothing is known of this measure for this answer, and the finding says why."""
    return Score(metric, None, "unscored", (Finding(metric, code, sentence),))


def measured(metric: str, answer: Answer, amount: int | None, unit: str, unreported: str) -> Score:
    """The amount that this call took; unscored where the model reported none or the answer was not asked for now."""
    if answer.is_cached:
        return unscored(metric, "not_asked_now", "The answer was kept from an earlier run, so nothing was measured")
    if amount is None or amount < 0:
        return unscored(metric, "not_reported", unreported)
    return Score(metric, None, "scored", amount=amount, unit=unit)
