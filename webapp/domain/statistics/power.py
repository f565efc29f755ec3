"""How likely a harmless change holds with so many cases, and how many cases a verdict needs. Normal approximation."""

from __future__ import annotations

import math

from scipy import special

from webapp.domain.statistics.bounds import normal_quantile
from webapp.errors import InvalidInput

USUAL_POWER = 0.8
MOST_CASES = 100_000


def power_harmless(n: int, spread: float, margin: float, confidence: float = 0.95) -> float:
    """The share of runs in which a change with a true difference of 0 holds; ``spread`` is the sd of differences."""
    _require(margin, spread)
    if n < 2 or margin == 0:
        return 0.0
    if spread == 0:
        return 1.0 if margin > identical_reach(n, confidence) else 0.0
    return float(special.ndtr(margin * math.sqrt(n) / spread - normal_quantile(confidence)))


def cases_to_show(spread: float, distance: float, power: float = USUAL_POWER, confidence: float = 0.95) -> int | None:
    """The fewest cases that show a true value to lie beyond a limit so far away; None beyond 100,000."""
    if distance <= 0:
        return None
    if spread == 0:
        n = identical_cases(distance, confidence)
    else:
        n = math.ceil(((normal_quantile(confidence) + normal_quantile(power)) * spread / distance) ** 2)
    return max(2, n) if n <= MOST_CASES else None


def spread_of_bound(reach: float, n: int, confidence: float = 0.95) -> float:
    """The spread that gives n cases a one-sided bound so far from their mean."""
    return max(0.0, reach) * math.sqrt(n) / normal_quantile(confidence)


def chance_beyond(distance: float, spread: float, part: int, whole: int) -> float:
    """How often a part of the cases lies below their whole by more than the distance when it differs by chance only."""
    if spread <= 0 or part >= whole:
        return 0.0
    return float(special.ndtr(-distance / (spread * math.sqrt(1 / part - 1 / whole))))


def identical_reach(n: int, confidence: float = 0.95) -> float:
    """The most that n identical pairs leave open (about 3 / n)."""
    return float(-math.expm1(math.log1p(-confidence) / n))


def identical_cases(distance: float, confidence: float = 0.95) -> int:
    """How many identical pairs leave less than the distance open."""
    return 1 if distance >= 1 else math.floor(math.log(1 - confidence) / math.log1p(-distance)) + 1


def tidy(cases: int) -> int:
    """The count rounded up to two leading digits: an estimate should not look exact."""
    step = 10 ** max(0, len(str(cases)) - 2)
    return int(-(-cases // step) * step)


def _require(margin: float, spread: float) -> None:
    if not (math.isfinite(margin) and math.isfinite(spread)) or margin < 0 or spread < 0:
        raise InvalidInput("Margin and spread must be finite and not negative.")
