"""A first version has no live one to be compared with: its values alone against a threshold of the policy."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from webapp.domain.statistics.bootstrap import FEW_CASES, resample, seed_of
from webapp.domain.statistics.bounds import wilson
from webapp.domain.statistics.comparison import document_of, too_many_unscored, unscored_count
from webapp.domain.statistics.estimates import estimate, sparse_reach
from webapp.domain.statistics.power import cases_to_show, identical_reach, spread_of_bound, tidy
from webapp.domain.verdict import Verdict, words_for
from webapp.errors import InvalidInput

WILSON = "Wilson interval"
T = "t interval, CR2 variance by cluster"
FEW = "t interval (CR2 by cluster) or BCa bootstrap, at each end the wider, fewer than 30 cases"
NONE = "none"


@dataclass(frozen=True)
class Single:
    """One case (or one repeat of it) with its value, in 0..1."""

    case_id: str
    cluster: str
    value: float


@dataclass(frozen=True)
class Absolute:
    """A measure of one version against a threshold; ``bound`` is the one-sided worst case of the mean."""

    verdict: Verdict
    method: str
    n: int
    clusters: int
    total_cases: int
    unscored: int
    threshold: float
    confidence: float
    candidate_mean: float | None = None
    low: float | None = None
    high: float | None = None
    bound: float | None = None
    cases_needed: int | None = None
    seed: int | None = None
    resamples: int | None = None
    reason: str = ""

    @property
    def words(self) -> str:
        """The verdict as screens say it."""
        return words_for(self.verdict, self.cases_needed)

    def to_document(self) -> dict[str, Any]:
        """The result as integers and strings; what is unknown is left out."""
        return document_of(self)


def hold_against(
    values: Sequence[Single],
    *,
    threshold: float,
    confidence: float = 0.95,
    least_cases: int,
    total_cases: int,
    unscored: int,
) -> Absolute:
    """Pass where the worst case of the mean reaches the threshold, fail where its best case does not."""
    if not (math.isfinite(threshold) and 0 <= threshold <= 1 and 0.5 < confidence < 1):
        raise InvalidInput("The threshold must lie in 0..1 and the confidence in 0.5..1. Correct it in the policy.")
    cases = _averaged(values)
    n, clusters = len(cases), len({case.cluster for case in cases})
    missing = unscored_count(n, total_cases, unscored)
    nothing = Absolute(
        Verdict.UNMEASURED, NONE, n, clusters, max(total_cases, n), missing, threshold, confidence
    )  # fmt: skip
    if too_many_unscored(n, total_cases, unscored):
        return replace(nothing, reason=f"{missing} of {nothing.total_cases} cases could not be scored.")
    if not cases:
        return replace(nothing, reason="No case was scored.")
    return _with_verdict(_measured(cases, nothing), least_cases)


def _averaged(values: Sequence[Single]) -> list[Single]:
    grouped: dict[str, list[Single]] = {}
    for value in values:
        grouped.setdefault(value.case_id, []).append(value)
    means = (
        Single(case_id, same[0].cluster or case_id, math.fsum(one.value for one in same) / len(same))
        for case_id, same in grouped.items()
        if all(0 <= one.value <= 1 for one in same)
    )
    return list(means)


def _measured(cases: list[Single], nothing: Absolute) -> Absolute:
    values, clusters = [case.value for case in cases], [case.cluster for case in cases]
    mean, both_sides = math.fsum(values) / len(values), (1 + nothing.confidence) / 2
    if nothing.clusters < 2:
        return replace(nothing, candidate_mean=mean, reason="One case, or one cluster of cases, allows no interval.")
    if nothing.clusters == nothing.n and all(value in (0.0, 1.0) for value in values):
        low, high = wilson(round(sum(values)), nothing.n, nothing.confidence)
        bound, _ = wilson(round(sum(values)), nothing.n, 2 * nothing.confidence - 1)
        return replace(nothing, method=WILSON, candidate_mean=mean, low=low, high=high, bound=bound)
    low, high = _t_low(values, clusters, both_sides), 1 - _t_low([1 - value for value in values], clusters, both_sides)
    bound = _t_low(values, clusters, nothing.confidence)
    known = replace(nothing, method=T, candidate_mean=mean)
    if nothing.n < FEW_CASES and estimate(values, clusters).standard_error > 0:
        drawn = resample(values, clusters, seed_of([case.case_id for case in cases]))
        low, high = min(low, drawn.limit(1 - both_sides)), max(high, drawn.limit(both_sides))
        bound = min(bound, drawn.limit(1 - nothing.confidence))
        known = replace(known, method=FEW, seed=drawn.seed, resamples=len(drawn.means))
    return replace(known, low=max(0.0, low), high=min(1.0, high), bound=max(0.0, bound))


def _t_low(values: list[float], clusters: list[str], confidence: float) -> float:
    """The lower t bound; where hardly any case falls short of 1, the exact bound where that is lower."""
    found = estimate(values, clusters)
    reach = sparse_reach([value - 1 for value in values], clusters, confidence)
    lowest = found.bound_below(confidence)
    if found.standard_error == 0:
        lowest = found.mean - identical_reach(found.clusters, confidence)
    return lowest if reach is None else min(lowest, 1 - reach)


def _with_verdict(known: Absolute, least_cases: int) -> Absolute:
    if known.bound is None or known.n < least_cases:
        reason = known.reason or f"{known.n} cases; the policy asks for at least {least_cases}."
        lacking = max(least_cases - known.n, 1)
        return replace(known, verdict=Verdict.INSUFFICIENT, cases_needed=lacking, reason=reason)
    if known.bound >= known.threshold:
        return replace(known, verdict=Verdict.PASS)
    if known.high is not None and known.high < known.threshold:
        return replace(known, verdict=Verdict.FAIL)
    return replace(known, verdict=Verdict.INSUFFICIENT, cases_needed=_cases_needed(known))


def _cases_needed(known: Absolute) -> int | None:
    mean, bound = known.candidate_mean or 0.0, known.bound or 0.0
    total = cases_to_show(spread_of_bound(mean - bound, known.n, known.confidence), abs(mean - known.threshold))
    return None if total is None else tidy(max(1, total - known.n))
