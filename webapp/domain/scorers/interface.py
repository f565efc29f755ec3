"""What a scorer takes and gives. Scorers themselves stand next door, one file each; none of them does I/O.

A scorer decides from the case alone whether it applies, so that both arms of a comparison always have the same cases.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from webapp.domain.identifiers.kinds import Sighting
from webapp.domain.prompts.suite import Case
from webapp.errors import Unavailable

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
    """What a model gave for one case; ``None`` where it reported nothing. ``is_cached``: kept from an earlier run, not asked now.

    ``told`` is the system prompt that it had, empty where that is not known.
    """

    text: str
    finish_reason: str
    tokens_in: int
    tokens_out: int
    cost_microusd: int | None
    latency_ms: int | None
    ttft_ms: int | None = None
    is_cached: bool = False
    told: str = field(default="", repr=False)


def no_search_for_identifiers(_text: str) -> tuple[Sighting, ...]:
    """What a scorer is told where nobody passed a search in."""
    raise Unavailable("Nothing here searches for identifiers; install presidio-analyzer and its language model.")


def no_patterns(_pattern: str, _text: str) -> tuple[int, int] | None:
    """What a scorer is told where nobody passed a pattern search in."""
    raise Unavailable("Nothing here searches for patterns; install google-re2.")


def no_other_cases(_case: Case, _text: str, _strange: tuple[Sighting, ...]) -> tuple[Sighting, ...]:
    """What a scorer is told where the case stands alone."""
    return ()


@dataclass(frozen=True)
class Lookups:
    """What scorers may ask of the world outside; each raises Unavailable where it cannot answer, and the mark is unscored.

    The first three are the ICD-10-CM table and take an upper-case code. ``find_identifiers`` takes a text of the case or the
    answer; ``of_other_cases`` takes the case, the answer and what was seen in it that is not the case's own, and gives what
    belongs to other patients of the suite; ``search`` takes a pattern that a user wrote (RE2, linear time) and a text, and gives
    the offsets of the first match.
    """

    code_exists: Callable[[str], bool]
    is_billable: Callable[[str], bool]
    category_of: Callable[[str], str | None]
    find_identifiers: Callable[[str], tuple[Sighting, ...]] = no_search_for_identifiers
    of_other_cases: Callable[[Case, str, tuple[Sighting, ...]], tuple[Sighting, ...]] = no_other_cases
    search: Callable[[str, str], tuple[int, int] | None] = no_patterns


@dataclass(frozen=True)
class Scorer:
    """One check: ``limits`` is shown wherever people read its scores."""

    name: str
    version: str
    limits: str
    score: Callable[[Case, Answer, Lookups], Score]


def scored(metric: str, value: float, findings: tuple[Finding, ...] = ()) -> Score:
    """A score with a value, kept within 0..1 against rounding; unscored where the value is no number."""
    if math.isnan(value):
        return unscored(metric, "no_number", "The mark could not be computed")
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
