"""Safety limits in words: counts before percentages, differences with their bounds, what is allowed and what is missing.

What must not live here: reading and judging what was seen (``limits_shown``, ``webapp.domain.rollout``).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from webapp.domain.guardrails import EVENT, RATIO, SCORE, SHARE, Guardrail
from webapp.domain.statistics.sequential import Difference

COUNTED = {
    "errors": "with a failed call",
    "harm_reports": "with a report of possible harm",
    "phi_flags": "with an identifier that the request did not hold",
    "edits": "with an answer that was changed",
    "rejections": "with an answer that was thrown away",
    "unsafe_flags": "with an answer flagged as unsafe",
}
"""What is counted, after "3 of 101 encounters"."""
MISSING = {
    "phi_flags": "Applications have to report the text of answers (response).",
    "edits": "Applications have to report what became of answers (outcome: accepted, edited or rejected).",
    "rejections": "Applications have to report what became of answers (outcome: accepted, edited or rejected).",
    "unsafe_flags": "Applications have to report whether they flag answers as unsafe (unsafe: true or false).",
    "checks": "Applications have to report the score of their own checks (check_score, from 0 to 1).",
    "quality": "Applications have to report how clinicians rate a sample of answers (rating, from 1 to 5).",
    "latency": "Applications have to report how long calls took (latency_ms).",
    "cost": "Applications have to report what calls cost (cost_microusd).",
}
"""What to do where a limit could not be measured although calls were reported."""
MEANS = {"latency": lambda value: f"{value:,.0f} ms", "cost": lambda value: f"{value / 1_000_000:.4f} USD"}


def counted(count: int, unit: str) -> str:
    """As "1 encounter" or "1,203 encounters"."""
    return f"{count:,} {unit.removesuffix('s') if count == 1 else unit}"


def values_words(guardrail: Guardrail, values: Sequence[float], unit: str = "", what: str = "") -> str:
    """What one version met: "3 of 101 encounters with a failed call (3.0 %)", or the middle of its times or costs."""
    if not values:
        return "nothing reported"
    total = counted(len(values), unit) if unit else f"{len(values):,}"
    if guardrail.measure == SHARE:
        rate = f"({100 * sum(values) / len(values):.1f}\N{NO-BREAK SPACE}%)"
        return " ".join(filter(None, (f"{sum(values):,.0f} of {total}", what, rate)))
    if guardrail.measure == SCORE:
        return f"{100 * sum(values) / len(values):.1f} points of 100 lost on average ({total})"
    if guardrail.name in MEANS:
        return f"{MEANS[guardrail.name](math.exp(sum(values) / len(values)))} ({total})"
    return total


def difference_words(guardrail: Guardrail, found: Difference, is_alone: bool) -> str:
    """The estimate and, in brackets, its bounds."""
    middle, low, high = (in_hundred(guardrail, value) for value in (found.estimate, found.low, found.high))
    if is_alone:
        return f"{middle:.1f} of 100 ({low:.1f} to {high:.1f})"
    places, unit = (0, "%") if guardrail.measure == RATIO else (1, "points")
    said = [_signed(value, places) for value in (middle, low, high)]
    return f"{said[0]} {unit} ({said[1]} to {said[2]})"


def _signed(value: float, places: int) -> str:
    """A number that always shows its way, and no way where it rounds to nothing."""
    if round(value, places) == 0:
        return f"{0:.{places}f}"
    return f"{value:+.{places}f}".replace("-", "−")


def allowed_words(guardrail: Guardrail, is_alone: bool) -> str:
    """How much worse the new version may be, and what follows when it is."""
    most = f"{in_hundred(guardrail, guardrail.margin):.0f}"
    allowed = f"up to {most} points more than live"
    if guardrail.measure == EVENT:
        allowed = "none"
    elif guardrail.measure == RATIO:
        allowed = f"up to {most} % more than live"
    elif is_alone:
        allowed = f"up to {most} of 100"
    return f"Allowed: {allowed}. Worse {'rolls back at once' if guardrail.is_critical else 'pauses the rollout'}."


def unit_words(guardrail: Guardrail, is_alone: bool) -> str:
    """What the numbers of the limit's drawing count."""
    return " %" if guardrail.measure == RATIO else " of 100" if is_alone else " points"


def in_hundred(guardrail: Guardrail, value: float) -> float:
    """A share as points of 100, a ratio as per cent more or less."""
    return 100 * (math.expm1(min(value, 10.0)) if guardrail.measure == RATIO else value)
