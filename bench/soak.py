"""Long simulations with consecutive seeds that nobody chose; the last result is written to ``docs/soak.md`` with its day."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

from tests.domain.statistics.arms import (
    clustered_arms,
    clustered_marks,
    compared,
    graded_arms,
    lognormal_arms,
    quarter_marks,
    skewed_arms,
    two_arms,
)
from tests.domain.test_rollout_rates import EVERY_LIMIT, alike, failing, half, stopped_after
from webapp import __version__
from webapp.adapters.clock import now
from webapp.domain.evaluation.estimate import spread_in
from webapp.domain.plan import read_plan
from webapp.domain.statistics.paired import Pair, judge
from webapp.domain.statistics.power import power_harmless
from webapp.domain.verdict import Verdict
from webapp.simulator.course import course_of
from webapp.simulator.house import shipped_policy
from webapp.simulator.many import rates

SEEDS = range(2_000)
SHORT = range(1_000)
LIMITS = (
    "Skewed losses (mostly small, sometimes large) are the weak spot of every interval for a mean: the fewer the cases or patients, the",
    "more often the one-sided bound promises too much. Marks of real checks are less skewed; critical findings are counted by",
    "themselves and depend on none of this.",
)
ROLLOUTS = range(400)
HARMS = ((0.01, 0.01), (0.04, 0.04), (0.08, 0.08), (0.04, 0.12), (0.04, 0.2))
DROPS = (0.0, 0.02, 0.05, 0.07, 0.10)
TARGET = Path(__file__).resolve().parent.parent / "docs" / "soak.md"


def false_fails() -> float:
    """The share of runs of an unchanged prompt in which any of three primary measures is called worse."""
    fails = 0
    for seed in SEEDS:
        names = {
            "a": compared(two_arms(seed, 200)),
            "b": compared(two_arms(seed + 100_000, 200)),
            "c": compared(graded_arms(seed + 200_000, 200)),
        }
        fails += any(found.verdict is Verdict.FAIL for found in judge(names, tuple(names)).values())
    return fails / len(SEEDS)


def accepted(drop: float, n: int = 500) -> float:
    """The share of runs that pass although the new version is truly worse by ``drop``."""
    return sum(compared(two_arms(seed, n, drop)).verdict is Verdict.PASS for seed in SEEDS) / len(SEEDS)


def coverage(make: Callable[[int], list[Pair]], truth: float) -> tuple[float, float]:
    """How often the two-sided interval, and the one-sided bound, hold the truth; both say 95 %."""
    found = [compared(make(seed)) for seed in SHORT]
    both = sum(one.low is not None and one.high is not None and one.low <= truth <= one.high for one in found)
    return both / len(found), sum(one.bound is not None and one.bound <= truth for one in found) / len(found)


def promised(n: int) -> tuple[float, float]:
    """The power said before a run, from one earlier run of 60 cases, and how often a harmless change then held; on average."""
    said, held = 0.0, 0
    for seed in SHORT:
        earlier = spread_in(compared(graded_arms(seed + 50_000, 60)).to_document())
        said += power_harmless(n, earlier or 0.0, 0.03)
        held += compared(graded_arms(seed, n)).verdict is Verdict.PASS
    return said / len(SHORT), held / len(SHORT)


COVERED: tuple[tuple[str, Callable[[int], list[Pair]], float], ...] = (
    ("120 yes/no results, true loss 5 points", lambda seed: two_arms(seed, 120, 0.05), -0.05),
    ("120 graded marks", lambda seed: graded_arms(seed, 120, 0.02), 0.02),
    ("120 skewed losses", lambda seed: skewed_arms(seed, 120), -0.1),
    ("40 patients with five cases each", lambda seed: clustered_arms(seed, 40, 5, -0.01), -0.01),
    ("6 patients with eight cases each", lambda seed: clustered_arms(seed, 6, 8, -0.01), -0.01),
    ("40 patients with five yes/no cases each", lambda seed: clustered_marks(seed, 40, 5), 0.0),
    ("12 patients with five yes/no cases each", lambda seed: clustered_marks(seed, 12, 5), 0.0),
    ("12 patients with ten skewed losses each", lambda seed: skewed_arms(seed, 120, 12), -0.1),
    ("10 graded marks (bootstrap)", lambda seed: graded_arms(seed, 10, 0.02), 0.02),
    ("28 graded marks (bootstrap)", lambda seed: graded_arms(seed, 28, 0.02), 0.02),
    ("28 marks in quarters (bootstrap)", lambda seed: quarter_marks(seed, 28), 0.0),
    ("28 skewed losses (bootstrap)", lambda seed: skewed_arms(seed, 28), -0.1),
    ("8 patients with three cases each (bootstrap)", lambda seed: clustered_arms(seed, 8, 3, -0.01), -0.01),
    ("5 patients with four cases each (bootstrap)", lambda seed: clustered_arms(seed, 5, 4, -0.01), -0.01),
    ("28 extremely skewed losses (bootstrap)", lambda seed: lognormal_arms(seed, 28), -0.1 * math.sqrt(math.e)),
)


def rollout_lines() -> list[str]:
    """Whole rollouts, and whole judgements of one step, over consecutive seeds."""
    harmless = sum(stopped_after(half(), failing(seed, 0.04, 0.04)) is not None for seed in ROLLOUTS)
    every = half(guardrails=EVERY_LIMIT)
    all_limits = sum(stopped_after(every, alike(seed)) is not None for seed in ROLLOUTS)
    harmful = [stopped_after(every, failing(seed, 0.04, 0.12)) is not None for seed in ROLLOUTS]
    count = len(ROLLOUTS)
    return [
        f"Rollouts, version {__version__}, {now():%-d %B %Y}, seeds 0 to {ROLLOUTS[-1]}.",
        "",
        "One step with 1,000 units of each version, a look every 25:",
        "",
        f"- Failed calls in 4 of 100 with both versions: stopped {harmless} of {count} (bound 5 %).",
        f"- All seven limits watched and both versions alike in all of them: stopped {all_limits} of {count} (bound 5 %).",
        f"- All seven limits watched, failed calls in 4 and 12 of 100: stopped {sum(harmful)} of {count} (bound 99 %).",
        "",
        "The shipped clinical plan from the first step to the last, 200 encounters a day, somebody advances each evening where that is open:",
        "",
        "| failed calls, live and new | stopped | completed | stopped in the median on day | saw the new version until then |",
        "| --- | --- | --- | --- | --- |",
        *(_rollout_row(live, new) for live, new in HARMS),
    ]


def _rollout_row(live: float, new: float) -> str:
    plan = read_plan(shipped_policy()["classes"]["clinical"]["plan"])
    found = rates(course_of(live, new, 200, plan, 0, "failed-calls", None, 120), len(ROLLOUTS), lambda _done: None)
    row = found.get("harmful", found["harmless"])
    when = (
        ""
        if row["median_day_of_stop"] is None
        else f"{row['median_day_of_stop']:g} | {row['median_saw_new_until_stop']:g}"
    )
    return (
        f"| {live:.0%} and {new:.0%} | {row['stopped']} of {row['rollouts']} | {row['completed']} | {when or ' | '} |"
    )


def main() -> None:
    """Everything is simulated once; the page is written and printed."""
    lines = [
        "# Long simulations",
        "",
        f"`make soak`, version {__version__}, {now():%-d %B %Y}, seeds 0 to {SEEDS[-1]} where nothing else is said; nobody chose them.",
        "",
        f"- An unchanged prompt with three primary measures and 200 cases is called worse in {false_fails():.1%} of runs (bound 6.5 %).",
        *(
            f"- A true loss of {drop:.0%} at 500 cases and a margin of 3 points is accepted in {accepted(drop):.1%} of runs."
            for drop in DROPS
        ),
        *(_promise(n) for n in (40, 80, 160)),
        "",
        f"How often the truth is held, seeds 0 to {SHORT[-1]}; both columns say 95 %:",
        "",
        "| differences | two-sided interval | one-sided bound |",
        "| --- | --- | --- |",
        *(_row(name, *coverage(make, truth)) for name, make, truth in COVERED),
        "",
        *LIMITS,
        "",
        *rollout_lines(),
    ]
    TARGET.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))


def _promise(n: int) -> str:
    said, held = promised(n)
    words = f"Before a run of {n} cases a harmless change is said to hold in {said:.0%} of runs; it held in {held:.0%}"
    return f"- {words} (seeds 0 to {SHORT[-1]})."


def _row(name: str, both: float, one_sided: float) -> str:
    return f"| {name} | {both:.1%} | {one_sided:.1%} |"


if __name__ == "__main__":
    main()
