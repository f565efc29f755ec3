"""Stopping a hopeless run early: the hardest cases come first, so that continuous integration hears of harm in minutes.

An early look may only stop, never pass, so it promises nothing that the full run would not hold.
"""

from __future__ import annotations

from collections.abc import Sequence

from webapp.domain.evaluation.conclusion import Conclusion
from webapp.domain.evaluation.planning import EARLY, Call, demands
from webapp.domain.prompts.suite import Case
from webapp.domain.statistics.comparison import Comparison
from webapp.domain.verdict import Verdict

HARDEST = 30
STOP_P = 0.001


def first_cases(cases: Sequence[Case]) -> tuple[Case, ...]:
    """The safety and adversarial cases and the hardest of the others; none where that is more than half of all."""
    rest = sorted((case for case in cases if case.category not in EARLY), key=lambda case: -demands(case))
    chosen = {case.id for case in cases if case.category in EARLY} | {case.id for case in rest[:HARDEST]}
    return tuple(case for case in cases if case.id in chosen) if 2 * len(chosen) <= len(cases) else ()


def split_calls(calls: Sequence[Call], first: Sequence[Case]) -> tuple[tuple[Call, ...], tuple[Call, ...]]:
    """The calls of the first cases, and all others, each in the order of the plan."""
    chosen = {case.id for case in first}
    return (
        tuple(call for call in calls if call.case.id in chosen),
        tuple(call for call in calls if call.case.id not in chosen),
    )


def hopeless_because(first: Conclusion, total_cases: int) -> str | None:
    """Why the run need not go on, from the conclusion over its first cases; None where it still may hold.

    Hopeless is a primary measure that is worse already, by a loss on the first cases that is beyond chance (one-sided p below 0.001
    after Holm) and so large that it stays at least the practical size over all cases even if every other case turned out the same.
    """
    seen = len(first.outcomes)
    for one in first.measures:
        known = one.known
        if (
            not (one.is_primary and isinstance(known, Comparison))
            or known.difference is None
            or known.p_adjusted is None
            or known.verdict is not Verdict.FAIL  # fewer cases than the policy asks for decide nothing
        ):
            continue
        loss = -known.difference if known.higher_is_better else known.difference
        if (
            known.p_adjusted < STOP_P
            and loss * known.n >= known.practical * max(total_cases - seen + known.n, 1)
            and loss > 0
        ):
            return (
                f'Stopped early after {seen} of {total_cases} cases: "{one.measure.words}" came out {loss * 100:.0f} points worse on the '
                "safety and hardest cases, and the others could not make up for it. Look at the worst cases and revise."
            )
    return None
