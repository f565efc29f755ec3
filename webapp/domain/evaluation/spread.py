"""How amounts such as time and cost lie: their middle and their 95th percentile over all answers that were measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Spread:
    """Half of the answers took at most ``p50``, 95 of 100 at most ``p95``; whole units. ``answers`` counts those measured."""

    p50: int
    p95: int
    answers: int

    def to_document(self) -> dict[str, int]:
        """The spread as integers."""
        return {"p50": self.p50, "p95": self.p95, "answers": self.answers}


def spread_of(values: Sequence[float]) -> Spread | None:
    """The spread of these amounts by the nearest rank, so that each is one that was seen; None without any."""
    if not values:
        return None
    ordered = sorted(values)
    return Spread(_rank(ordered, 50), _rank(ordered, 95), len(ordered))


def _rank(ordered: Sequence[float], percentile: int) -> int:
    return round(ordered[-(-len(ordered) * percentile // 100) - 1])
