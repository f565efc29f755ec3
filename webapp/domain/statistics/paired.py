"""New against live on the same cases: one measure at a time, then Holm over the primary ones.

Passing needs positive evidence: what is unknown, missing or too little never passes.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from webapp.domain.statistics.bootstrap import FEW_CASES, resample, seed_of
from webapp.domain.statistics.bounds import newcombe_paired
from webapp.domain.statistics.comparison import Comparison, mirrored, too_many_unscored, unscored_count
from webapp.domain.statistics.estimates import Estimate, estimate, sign_p, sparse_reach
from webapp.domain.statistics.power import cases_to_show, identical_reach, spread_of_bound, tidy
from webapp.domain.verdict import Verdict
from webapp.errors import InvalidInput

EXACT = "exact McNemar test, Newcombe interval"
CLUSTER_T = "t interval, CR2 variance by cluster"
CASE_T = "t interval over cases"
SPARSE = "exact bound, fewer than five cases or clusters differ"
FEW = "t interval (CR2 by cluster) or BCa bootstrap, at each end the wider, fewer than 30 cases"
NONE = "none"
_ROUNDING = 1e-9  # a difference below this comes from binary fractions, not from answers


@dataclass(frozen=True)
class Pair:
    """One case (or one repeat of it) with the value of the live and of the new version."""

    case_id: str
    cluster: str
    baseline: float
    candidate: float


def compare(
    pairs: Sequence[Pair],
    *,
    margin: float,
    practical: float | None = None,
    confidence: float = 0.95,
    least_cases: int,
    total_cases: int,
    unscored: int,
    higher_is_better: bool = True,
) -> Comparison:
    """The comparison with the verdict it would have as the only primary measure.

    Repeats of a case are averaged first. ``total_cases`` counts the cases the measure applies to; ``margin`` and
    ``practical`` are in the measure's unit and positive. A pair with a value that is no finite number is unscored.
    """
    practical = max(practical if practical is not None else margin, margin)
    _require_limits(margin, practical, confidence)
    if not higher_is_better:
        turned = [Pair(pair.case_id, pair.cluster, -pair.baseline, -pair.candidate) for pair in pairs]
        known = compare(
            turned,
            margin=margin,
            practical=practical,
            confidence=confidence,
            least_cases=least_cases,
            total_cases=total_cases,
            unscored=unscored,
        )
        return mirrored(known)
    cases = _averaged(pairs)
    nothing = _unmeasured(cases, margin, practical, confidence, total_cases, unscored)
    if too_many_unscored(len(cases), total_cases, unscored):
        return replace(nothing, reason=f"{nothing.unscored} of {nothing.total_cases} cases could not be scored.")
    if not cases:
        return replace(nothing, reason="No case was scored.")
    return _with_verdict(_measured(cases, nothing), least_cases)


def judge(comparisons: Mapping[str, Comparison], primary: Sequence[str]) -> Mapping[str, Comparison]:
    """The comparisons with harm judged after Holm over the primary measures; a primary one that is missing is unmeasured."""
    family = list(dict.fromkeys(primary))
    known = {name: comparisons.get(name) or missing_measure() for name in family}
    adjusted = holm([1.0 if one.p_harm is None else one.p_harm for one in known.values()])
    judged = {name: _judged(one, p) for (name, one), p in zip(known.items(), adjusted, strict=True)}
    return {**comparisons, **judged}


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """The p values adjusted by Holm's step-down rule (Holm 1979), in the order given; NaN counts as 1."""
    clean = [p if 0 <= p <= 1 else 1.0 for p in p_values]
    order = sorted(range(len(clean)), key=lambda index: clean[index])
    adjusted, highest = [1.0] * len(clean), 0.0
    for rank, index in enumerate(order):
        highest = max(highest, min(1.0, (len(clean) - rank) * clean[index]))
        adjusted[index] = highest
    return tuple(adjusted)


def missing_measure() -> Comparison:
    """A comparison of which nothing is known."""
    return Comparison(Verdict.UNMEASURED, NONE, 0, 0, 0, 0, 0.0, 0.0, 0.95, reason="The run holds no such measure.")


def _averaged(pairs: Sequence[Pair]) -> list[Pair]:
    """One pair per case: the mean over its repeats; cases with a value that is no finite number are left out."""
    grouped: dict[str, list[Pair]] = {}
    for pair in pairs:
        grouped.setdefault(pair.case_id, []).append(pair)
    means = (
        Pair(case_id, same[0].cluster or case_id, _mean([p.baseline for p in same]), _mean([p.candidate for p in same]))
        for case_id, same in grouped.items()
    )
    return [pair for pair in means if math.isfinite(pair.baseline) and math.isfinite(pair.candidate)]


def _measured(cases: list[Pair], nothing: Comparison) -> Comparison:
    """All numbers of the comparison, no verdict yet."""
    differences = [_difference(pair) for pair in cases]
    worse, better = sum(d < 0 for d in differences), sum(d > 0 for d in differences)
    known = replace(
        nothing,
        baseline_mean=_mean([pair.baseline for pair in cases]),
        candidate_mean=_mean([pair.candidate for pair in cases]),
        difference=_mean(differences),
        worse=worse,
        better=better,
        same=len(cases) - worse - better,
    )
    if len(cases) < 2 or known.clusters < 2:
        return replace(known, reason="One case, or one cluster of cases, allows no interval.")
    if known.clusters == known.n and all(
        value in (0.0, 1.0) for pair in cases for value in (pair.baseline, pair.candidate)
    ):
        return _exact(cases, known)
    return _by_t(cases, differences, known)


def _exact(cases: list[Pair], known: Comparison) -> Comparison:
    """Yes/no results of separate cases: exact McNemar and Newcombe's paired interval."""
    both = sum(pair.baseline == pair.candidate == 1 for pair in cases)
    table = (both, known.better, known.worse, known.same - both)
    low, high = newcombe_paired(*table, known.confidence)
    bound, _ = newcombe_paired(*table, 2 * known.confidence - 1)
    return replace(known, method=EXACT, low=low, high=high, bound=bound, p_harm=sign_p(known.worse, known.better))


def _by_t(cases: list[Pair], differences: list[float], known: Comparison) -> Comparison:
    """The t interval; where hardly any cluster differs the exact bound, with few cases the BCa bootstrap, if wider."""
    clusters = [pair.cluster for pair in cases]
    found = estimate(differences, clusters)
    both_sides = (1 + known.confidence) / 2
    bound, low = found.bound_below(known.confidence), found.bound_below(both_sides)
    high, p_harm = 2 * found.mean - low, found.p_below(0.0)
    method = CASE_T if known.clusters == known.n else CLUSTER_T
    reach = sparse_reach(differences, clusters, known.confidence)
    if reach is not None or found.standard_error == 0:
        method = SPARSE if reach is not None else method
        opposite = [-difference for difference in differences]
        bound = min(bound, -(reach or _constant_reach(found, known.confidence)))
        low = min(low, -(sparse_reach(differences, clusters, both_sides) or _constant_reach(found, both_sides)))
        high = max(
            high, sparse_reach(opposite, clusters, both_sides) or 2 * found.mean + _constant_reach(found, both_sides)
        )
        p_harm = max(p_harm, _cluster_sign_p(differences, clusters))
    elif known.n < FEW_CASES:
        drawn = resample(differences, clusters, seed_of([pair.case_id for pair in cases]))
        low, high = min(low, drawn.limit(1 - both_sides)), max(high, drawn.limit(both_sides))
        bound, p_harm = min(bound, drawn.limit(1 - known.confidence)), max(p_harm, drawn.p_below_zero())
        known, method = replace(known, seed=drawn.seed, resamples=len(drawn.means)), FEW
    return replace(known, method=method, low=low, high=high, bound=bound, p_harm=p_harm)


def _constant_reach(found: Estimate, confidence: float) -> float:
    """Where all cases differ by the same amount: that amount and the rule of three, as a distance below zero."""
    return identical_reach(found.clusters, confidence) - found.mean


def _cluster_sign_p(differences: list[float], clusters: list[str]) -> float:
    sums: dict[str, float] = {}
    for difference, cluster in zip(differences, clusters, strict=True):
        sums[cluster] = sums.get(cluster, 0.0) + difference
    return sign_p(sum(total < 0 for total in sums.values()), sum(total > 0 for total in sums.values()))


def _with_verdict(known: Comparison, least_cases: int) -> Comparison:
    if known.bound is None or known.n < least_cases:
        lacking = max(least_cases - known.n, 1)
        reason = known.reason or f"{known.n} cases; the policy asks for at least {least_cases}."
        return replace(known, verdict=Verdict.INSUFFICIENT, cases_needed=lacking, reason=reason)
    return _judged(known, known.p_harm if known.p_harm is not None else 1.0)


def _judged(known: Comparison, p_adjusted: float) -> Comparison:
    """The verdict by the adjusted p; one that is unmeasured or below the least number of cases stays as it is."""
    if known.verdict is Verdict.UNMEASURED and known.difference is None:
        return replace(known, p_adjusted=None)
    if known.reason or known.bound is None or known.difference is None:
        return replace(known, p_adjusted=p_adjusted)
    verdict = _verdict(known, p_adjusted)
    needed = _cases_needed(known) if verdict is Verdict.INSUFFICIENT else None
    return replace(known, verdict=verdict, p_adjusted=p_adjusted, cases_needed=needed)


def _verdict(known: Comparison, p_adjusted: float) -> Verdict:
    """Pass needs the bound above minus the margin, fail a difference at least that large: never both."""
    sign = 1 if known.higher_is_better else -1
    bound, difference = sign * (known.bound or 0.0), sign * (known.difference or 0.0)
    if min(bound, difference) > -known.margin:
        return Verdict.PASS
    if difference <= -known.practical and difference < 0 and p_adjusted < 1 - known.confidence:
        return Verdict.FAIL
    return Verdict.INSUFFICIENT


def _cases_needed(known: Comparison) -> int | None:
    """How many more cases would likely decide it, were the true difference the one seen; None where hardly any number would."""
    sign = 1 if known.higher_is_better else -1
    difference = sign * (known.difference or 0.0)
    reach = difference - sign * (known.bound or 0.0)
    spread = spread_of_bound(reach, known.n, known.confidence)
    if -known.practical < difference <= -known.margin:
        return None  # too much harm to pass, too little to fail
    total = cases_to_show(spread, difference + known.margin if difference > -known.margin else -difference)
    return None if total is None else tidy(max(1, total - known.n))


def _difference(pair: Pair) -> float:
    difference = pair.candidate - pair.baseline
    return 0.0 if abs(difference) < _ROUNDING else difference


def _unmeasured(
    cases: list[Pair], margin: float, practical: float, confidence: float, total_cases: int, unscored: int
) -> Comparison:
    """The frame of a comparison: counts and limits, nothing measured."""
    n = len(cases)
    return Comparison(
        verdict=Verdict.UNMEASURED,
        method=NONE,
        n=n,
        clusters=len({pair.cluster for pair in cases}),
        total_cases=max(total_cases, n),
        unscored=unscored_count(n, total_cases, unscored),
        margin=margin,
        practical=practical,
        confidence=confidence,
    )


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values) if all(map(math.isfinite, values)) else math.nan


def _require_limits(margin: float, practical: float, confidence: float) -> None:
    if not (math.isfinite(margin) and math.isfinite(practical)) or margin < 0:
        raise InvalidInput("The margin must be a finite number that is not negative. Correct it in the policy.")
    if not 0.5 < confidence < 1:
        raise InvalidInput("The confidence must lie between 0.5 and 1, for example 0.95. Correct it in the policy.")
