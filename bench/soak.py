"""Long simulations with consecutive seeds that nobody chose; the last result is written to ``docs/soak.md`` with its day."""

from __future__ import annotations

from pathlib import Path

from tests.domain.statistics.arms import clustered_arms, compared, graded_arms, two_arms
from webapp import __version__
from webapp.adapters.clock import now
from webapp.domain.statistics.paired import judge
from webapp.domain.verdict import Verdict

SEEDS = range(2_000)
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


def coverage() -> float:
    """How often the 95 % interval holds the truth, with 40 clusters of five cases."""
    held = 0
    for seed in SEEDS:
        found = compared(clustered_arms(seed, 40, 5, -0.01), margin=0.05)
        held += found.low is not None and found.high is not None and found.low <= -0.01 <= found.high
    return held / len(SEEDS)


def main() -> None:
    """Everything is simulated once; the page is written and printed."""
    lines = [
        "# Long simulations",
        "",
        f"`make soak`, version {__version__}, {now():%-d %B %Y}, seeds 0 to {SEEDS[-1]}.",
        "",
        f"- An unchanged prompt with three primary measures and 200 cases is called worse in {false_fails():.1%} of runs (bound 6.5 %).",
        *(f"- A true loss of {drop:.0%} at 500 cases is accepted in {accepted(drop):.1%} of runs." for drop in DROPS),
        f"- The 95 % interval over 40 patients with five cases each holds the truth in {coverage():.1%} of runs.",
    ]
    TARGET.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
