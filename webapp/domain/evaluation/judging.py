"""Each measure of a run judged by the policy's rule: new against live, or a first version against thresholds.

A measure that the policy does not name is watched: its numbers are shown, nothing is judged.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from webapp.domain.evaluation.planning import BASELINE, CANDIDATE
from webapp.domain.evaluation.spread import Spread, spread_of
from webapp.domain.evaluation.tally import Tally
from webapp.domain.measures import JUDGE, MEASURES, Measure, measure_named
from webapp.domain.policy import ClassPolicy, MeasureRule
from webapp.domain.prompts.suite import Case
from webapp.domain.scorers.judge import applies_to
from webapp.domain.statistics.absolute import NONE, Absolute, Single, hold_against
from webapp.domain.statistics.comparison import PPM, Comparison
from webapp.domain.statistics.paired import Pair, compare, judge
from webapp.domain.verdict import GRAVEST_FIRST, Verdict, lowered

NOT_ASKED = "not_asked"
CONFIDENCE = 0.95
UNJUDGED = MeasureRule("", 0, 0, 0)
Known = Comparison | Absolute


@dataclass(frozen=True)
class Judged:
    """One measure with its numbers; ``is_primary`` when it decides, ``verdict`` not_asked when nothing is judged.

    ``spreads`` says by arm how an amount such as time lies; empty for marks.
    """

    measure: Measure
    known: Known
    is_primary: bool
    verdict: str
    cases: int
    spreads: Mapping[str, Spread] = field(default_factory=dict)


def judge_measures(tally: Tally, cases: Sequence[Case], rules: ClassPolicy) -> tuple[Judged, ...]:
    """Every measure in the order of the policy, the watched ones after them, the judge last where the policy names one."""
    limits = {rule.measure: rule for rule in rules.measures}
    order = [*limits, *(measure.name for measure in MEASURES if measure.name not in limits)]
    known = {name: known_of(tally, cases, name, limits.get(name, UNJUDGED), rules) for name in order}
    asked = {name: sum(tally.applies(name, case.id) for case in cases) for name in order}
    primary = [name for name, rule in limits.items() if asked[name] or not rule.only_where_asked]
    paired = {name: one for name, one in known.items() if isinstance(one, Comparison)}
    if paired:
        known |= judge(paired, primary)
    checked = tuple(
        replace(_judged(name, known[name], name in primary, asked[name]), spreads=_spreads(tally, name))
        for name in order
    )
    return checked if rules.judge is None else (*checked, _by_judge(tally, cases, rules, rules.judge.rule))


def verdict_of_run(judged: Sequence[Judged]) -> Verdict:
    """Pass when every primary measure passes and there is one; else the gravest. A judge may lower that, never raise it."""
    found = {one.verdict for one in judged if one.is_primary and one.measure is not JUDGE}
    checked = next((verdict for verdict in GRAVEST_FIRST if verdict in found), Verdict.UNMEASURED)
    by_judge = (Verdict(one.verdict) for one in judged if one.is_primary and one.measure is JUDGE)
    return lowered(checked, next(by_judge, checked))


def _by_judge(tally: Tally, cases: Sequence[Case], rules: ClassPolicy, rule: MeasureRule) -> Judged:
    """The judge by itself, so that its test changes no other; a case without its mark counts as unscored."""
    asking = [case for case in cases if applies_to(case)]
    alone = len(tally.arms) == 1
    known = (_alone if alone else _paired)(tally, asking, JUDGE.name, rule, rules)
    if isinstance(known, Comparison):
        known = judge({JUDGE.name: known}, [JUDGE.name])[JUDGE.name]
    return _judged(JUDGE.name, known, bool(asking), len(asking))


def _judged(name: str, known: Known, is_primary: bool, cases: int) -> Judged:
    return Judged(measure_named(name), known, is_primary, known.verdict.value if is_primary else NOT_ASKED, cases)


def _spreads(tally: Tally, name: str) -> dict[str, Spread]:
    found = {arm: spread_of(tally.amounts(name, arm)) for arm in tally.arms}
    return {arm: spread for arm, spread in found.items() if spread is not None}


def known_of(tally: Tally, cases: Sequence[Case], name: str, rule: MeasureRule, rules: ClassPolicy) -> Known:
    """The numbers of one measure over those of the cases that ask for it."""
    asking = [case for case in cases if tally.applies(name, case.id)]
    return (
        _alone(tally, asking, name, rule, rules) if len(tally.arms) == 1 else _paired(tally, asking, name, rule, rules)
    )


def _paired(tally: Tally, asking: Sequence[Case], name: str, rule: MeasureRule, rules: ClassPolicy) -> Comparison:
    pairs = _pairs(tally, asking, name)
    return compare(
        pairs,
        margin=rule.margin_ppm / PPM,
        practical=rule.practical_ppm / PPM,
        least_cases=rules.least_cases,
        total_cases=len(asking),
        unscored=len(asking) - len(pairs),
        higher_is_better=measure_named(name).better == "higher",
    )


def _alone(tally: Tally, asking: Sequence[Case], name: str, rule: MeasureRule, rules: ClassPolicy) -> Absolute:
    singles = _singles(tally, asking, name)
    unscored = len(asking) - len(singles)
    if measure_named(name).unit == "share":
        return hold_against(
            singles,
            threshold=rule.threshold_ppm / PPM,
            least_cases=rules.least_cases,
            total_cases=len(asking),
            unscored=unscored,
        )
    mean = math.fsum(one.value for one in singles) / len(singles) if singles else None
    clusters = len({one.cluster for one in singles})
    return Absolute(
        Verdict.UNMEASURED, NONE, len(singles), clusters, len(asking), unscored, 0.0, CONFIDENCE, candidate_mean=mean
    )


def _pairs(tally: Tally, asking: Sequence[Case], name: str) -> list[Pair]:
    found = []
    for case in asking:
        live, new = (tally.cell(name, case.id, arm).value for arm in (BASELINE, CANDIDATE))
        if live is not None and new is not None:
            found.append(Pair(case.id, case.cluster, live, new))
    return found


def _singles(tally: Tally, asking: Sequence[Case], name: str) -> list[Single]:
    found = []
    for case in asking:
        value = tally.cell(name, case.id, CANDIDATE).value
        if value is not None:
            found.append(Single(case.id, case.cluster, value))
    return found
