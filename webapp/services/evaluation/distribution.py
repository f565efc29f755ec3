"""How the cases of a measure lie: how many lost how much, or which marks a first version got. Read from the result, never computed.

What must not live here: pictures (``webapp.web.histogram``).
"""

from __future__ import annotations

import itertools
from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from webapp.domain.evaluation.outcomes import LEAST_LOSS
from webapp.domain.measures import BY_NAME
from webapp.domain.statistics.comparison import PPM

EDGES = (5, 20, 50)
MARK_EDGES = (20, 40, 60, 80)
LEAST_PPM = round(LEAST_LOSS * PPM)
Side = Literal["worse", "same", "better"]


@dataclass(frozen=True)
class Bin:
    """So many cases; ``side`` says whether they are worse, the same or better than what they are compared with."""

    words: str
    count: int
    side: Side


@dataclass(frozen=True)
class Distribution:
    """One measure; the bins in the order from the largest loss to the largest gain, also the empty ones."""

    measure: str
    words: str
    bins: tuple[Bin, ...]

    @property
    def sentence(self) -> str:
        """The picture in words."""
        said = [f"{one.count} {one.words}" for one in self.bins if one.count]
        return f"{self.words}: {', '.join(said)}." if said else f"{self.words}: no case has a mark."


def distributions(result: Mapping[str, Any]) -> tuple[Distribution, ...]:
    """One for each measure that decides, in the order of the result."""
    names = [row["measure"] for row in result.get("measures", ()) if row["primary"] and row["measure"] in BY_NAME]
    is_paired = "baseline" in result.get("arms", ())
    rows = result.get("cases", ())
    return tuple(
        Distribution(name, BY_NAME[name].words, _changes(rows, name) if is_paired else _marks(rows, name))
        for name in names
    )


def _changes(rows: Sequence[Mapping[str, Any]], name: str) -> tuple[Bin, ...]:
    """New minus live of each case, in points of 100."""
    both = [row for row in rows if name in row["new"] and name in row["live"]]
    found = Counter(_step(row["new"][name] - row["live"][name]) for row in both)
    worse = [Bin(_points(step, "worse"), found[-step], "worse") for step in range(len(EDGES) + 1, 0, -1)]
    better = [Bin(_points(step, "better"), found[step], "better") for step in range(1, len(EDGES) + 2)]
    return (*worse, Bin("the same", found[0], "same"), *better)


def _step(difference_ppm: int) -> int:
    """0 where nothing changed, else the number of the step away from it, negative for a loss."""
    if abs(difference_ppm) <= LEAST_PPM:
        return 0
    step = 1 + bisect_right(EDGES, abs(difference_ppm) * 100 / PPM)
    return step if difference_ppm > 0 else -step


def _points(step: int, side: str) -> str:
    if step == 1:
        return f"under {EDGES[0]} points {side}"
    if step > len(EDGES):
        return f"{EDGES[-1]} or more {side}"
    return f"{EDGES[step - 2]} to {EDGES[step - 1]} {side}"


def _marks(rows: Sequence[Mapping[str, Any]], name: str) -> tuple[Bin, ...]:
    """The marks of a first version, in percent; full marks stand for themselves."""
    marks = [row["new"][name] for row in rows if name in row["new"]]
    found = Counter(
        len(MARK_EDGES) + 1 if mark >= PPM else bisect_right(MARK_EDGES, mark * 100 / PPM) for mark in marks
    )
    edges = (0, *MARK_EDGES, 100)
    short = [
        Bin(f"{low} to under {high} %", found[place], "worse")
        for place, (low, high) in enumerate(itertools.pairwise(edges))
    ]
    return (*short, Bin("full marks", found[len(MARK_EDGES) + 1], "same"))
