"""What a run will take and what it can show, said before it starts: calls, cost, time, and how often a harmless change holds.

What must not live here: where earlier runs are stored, and the run itself.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from webapp.domain.evaluation.words import amount
from webapp.domain.measures import measure_named
from webapp.domain.policy import ClassPolicy
from webapp.domain.prompts.suite import Case
from webapp.domain.scorers.interface import Answer, Lookups
from webapp.domain.scorers.table import SCORERS
from webapp.domain.statistics.comparison import PPM, to_ppm
from webapp.domain.statistics.power import power_harmless, spread_of_bound

ASSUMED_SPREAD = 0.3
MOST_LOOKED_AT = 100
NOTHING = Answer("", "stop", 0, 0, None, None)
NO_LOOKUPS = Lookups(lambda _code: True, lambda _code: True, lambda code: code[:3], lambda _text: ())
EARLIER, ASSUMED = "earlier_runs", "assumed"


@dataclass(frozen=True)
class Outlook:
    """One primary measure: how often a harmless change holds with these cases, and with as many again (shares of one)."""

    measure: str
    n: int
    spread: float
    source: str
    holds: float
    holds_with_twice: float

    def to_document(self) -> dict[str, Any]:
        """The outlook as integers and strings."""
        return {
            "measure": self.measure,
            "words": measure_named(self.measure).words,
            "n": self.n,
            "spread_ppm": to_ppm(self.spread),
            "spread_from": self.source,
            "holds_ppm": to_ppm(self.holds),
            "holds_with_twice_ppm": to_ppm(self.holds_with_twice),
        }


@dataclass(frozen=True)
class Estimate:
    """What is expected of a run; cost and seconds are None where nothing tells. ``outlooks`` is empty for a first version."""

    calls: int
    cases: int
    cost_microusd: int | None
    seconds: int | None
    outlooks: tuple[Outlook, ...]

    @property
    def words(self) -> str:
        """The estimate in two sentences, as people read it before the run starts."""
        return f"About {', '.join(self._effort())}. {self._power()}"

    def to_document(self) -> dict[str, Any]:
        """The estimate as the API gives it."""
        return {
            "words": self.words,
            "calls": self.calls,
            "cost_microusd": self.cost_microusd,
            "seconds": self.seconds,
            "holds_ppm": to_ppm(self._jointly(twice=False)) if self.outlooks else None,
            "measures": [one.to_document() for one in self.outlooks],
        }

    def _effort(self) -> list[str]:
        effort = [f"{self.calls} call{'' if self.calls == 1 else 's'}"]
        effort += [] if self.cost_microusd is None else [amount(self.cost_microusd, "microusd")]
        if self.seconds is not None:
            minutes = -(-self.seconds // 60)
            effort.append(
                "less than a minute" if self.seconds < 60 else f"{minutes} minute{'s' if minutes > 1 else ''}"
            )
        return effort

    def _power(self) -> str:
        if not self.outlooks:
            return "A first version is held against thresholds; there is nothing to compare it with."
        now, later = (round(100 * self._jointly(twice=twice)) for twice in (False, True))
        sentence = f"With these {self.cases} cases a harmless change holds in about {now} of 100 runs"
        if later > now:
            sentence += f"; {self.cases} more cases would make it {later}"
        sources = {one.source for one in self.outlooks}
        how = "taken from earlier runs on this test set" if sources == {EARLIER} else "assumed"
        if len(sources) > 1:
            how = "taken from earlier runs on this test set where there are any, else assumed"
        return f"{sentence} (spread {how})."

    def _jointly(self, *, twice: bool) -> float:
        """All measures at once, as if they were independent; they seldom are, so it is rather a little better."""
        return math.prod(one.holds_with_twice if twice else one.holds for one in self.outlooks)


def outlooks(
    rules: ClassPolicy, asking: Mapping[str, int], spreads: Mapping[str, float], repeats: int
) -> tuple[Outlook, ...]:
    """The outlook of each primary measure; ``asking`` counts the cases that ask for it, ``spreads`` is what earlier runs showed.

    A measure that no case asks for, or fewer cases than the policy wants, never holds.
    """
    found = []
    for rule in rules.measures:
        n = asking.get(rule.measure, 0)
        if not n and rule.only_where_asked:
            continue
        source = EARLIER if rule.measure in spreads else ASSUMED
        spread = spreads.get(rule.measure, ASSUMED_SPREAD / math.sqrt(repeats))
        margin = rule.margin_ppm / PPM
        now, twice = (
            power_harmless(count, spread, margin) if count >= rules.least_cases else 0.0 for count in (n, 2 * n)
        )
        found.append(Outlook(rule.measure, n, spread, source, now, twice))
    return tuple(found)


def asking(cases: Sequence[Case], names: Sequence[str]) -> dict[str, int]:
    """How many cases ask for each check. The case alone decides that, so an empty answer shows it.

    Of a large test set at most 100 cases are looked at, evenly through it, and the count is scaled up.
    """
    checks = {scorer.name: scorer.score for scorer in SCORERS if scorer.name in names}
    looked_at = cases[:: max(1, -(-len(cases) // MOST_LOOKED_AT))]
    counts = {
        name: sum(check(case, NOTHING, NO_LOOKUPS).state != "not_applicable" for case in looked_at)
        for name, check in checks.items()
    }
    return {name: round(count * len(cases) / len(looked_at)) for name, count in counts.items()} if cases else counts


def spread_in(measure: Mapping[str, Any]) -> float | None:
    """The spread of differences that a stored measure of an earlier run shows; None where it shows none."""
    if not {"difference_ppm", "bound_ppm", "n"} <= measure.keys():
        return None
    reach = abs(measure["difference_ppm"] - measure["bound_ppm"]) / PPM
    return spread_of_bound(reach, measure["n"])
