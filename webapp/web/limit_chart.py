"""A safety limit over one step of a rollout as SVG: what was seen, the bounds that hold at every look, zero and the margin.

What must not live here: the numbers (``services.rollout.limits_shown``); the table with the same numbers stands beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import isfinite
from typing import Protocol

from markupsafe import Markup

from webapp.web.charts import number, signed

WIDTH, HEIGHT, LEFT, RIGHT, TOP, FLOOR = 380, 190, 80, 12, 14, 150
WORD = 16


class Looked(Protocol):
    """One look: after how many units of the new version, and what was found."""

    @property
    def n_new(self) -> int: ...
    @property
    def estimate(self) -> float | None: ...
    @property
    def low(self) -> float | None: ...
    @property
    def high(self) -> float | None: ...


def limit_chart(looks: Sequence[Looked], margin: float, words: str, unit: str, *, is_alone: bool = False) -> Markup:
    """The looks from left to right; a band that is wider than the drawing is cut off at its edge, and the table has its numbers.

    ``margin`` and values in the unit people read; ``is_alone``: a rate by itself and no difference, so nothing lies below zero.
    """
    known = [look for look in looks if look.estimate is not None and isfinite(look.estimate)]
    if not known:
        return Markup('<p class="muted small">No chart yet: too little was measured.</p>')
    estimates = [look.estimate or 0.0 for look in known]
    top = max(2 * margin, 1.25 * estimates[-1])
    bottom = 0.0 if is_alone else min(-margin, 1.25 * estimates[-1])
    y = _upwards(bottom, top)
    x = _across(known)
    said = number if is_alone else signed
    return Markup('<svg class="chart wide" viewBox="0 0 {} {}" role="img" aria-label="{}">{}{}{}{}{}{}{}</svg>').format(
        WIDTH,
        HEIGHT,
        _sentence(known, margin, words, unit, is_alone),
        Markup('<rect class="beyond" x="{}" y="{}" width="{}" height="{:.1f}"/>').format(
            LEFT, TOP, WIDTH - RIGHT - LEFT, y(margin) - TOP
        ),
        _band(known, x, y),
        _level("zero", y(0.0), max(y(0.0), y(margin) + WORD), "0" if is_alone else "no change"),
        _level("limit", y(margin), y(margin), f"{said(margin)}{unit}"),
        Markup('<polyline class="line" points="{}"/>').format(
            " ".join(f"{x(look):.1f},{y(look.estimate or 0.0):.1f}" for look in known)
        ),
        Markup('<circle class="estimate" cx="{:.1f}" cy="{:.1f}" r="4.5"/>').format(x(known[-1]), y(estimates[-1])),
        _ends(known, x),
    )


def _sentence(known: Sequence[Looked], margin: float, words: str, unit: str, is_alone: bool) -> str:
    """The chart for those who do not see it."""
    last, said = known[-1], number if is_alone else signed
    numbers = [said(value) for value in (last.estimate, last.low, last.high) if value is not None]
    between = f", between {numbers[1]} and {numbers[2]} at every look" if len(numbers) == 3 else ""
    return f"{words}. After {last.n_new} of the new version: {numbers[0]}{unit}{between}; accepted up to {said(margin)}{unit}."


def _upwards(bottom: float, top: float) -> Callable[[float], float]:
    def place(value: float) -> float:
        within = min(max(value, bottom), top)
        return FLOOR - (within - bottom) / (top - bottom) * (FLOOR - TOP)

    return place


def _across(known: Sequence[Looked]) -> Callable[[Looked], float]:
    """By units of the new version, from none to all that were seen."""
    most = max(1, *(look.n_new for look in known))
    return lambda look: LEFT + look.n_new / most * (WIDTH - RIGHT - LEFT)


def _band(known: Sequence[Looked], x: Callable[[Looked], float], y: Callable[[float], float]) -> Markup:
    bounded = [look for look in known if look.low is not None and look.high is not None]
    upper = [f"{x(look):.1f},{y(look.high or 0.0):.1f}" for look in bounded]
    lower = [f"{x(look):.1f},{y(look.low or 0.0):.1f}" for look in reversed(bounded)]
    if len(bounded) == 1:
        only = bounded[0]
        return Markup('<line class="band" x1="{0:.1f}" x2="{0:.1f}" y1="{1:.1f}" y2="{2:.1f}"/>').format(
            x(only), y(only.low or 0.0), y(only.high or 0.0)
        )
    return Markup('<polygon class="reach" points="{}"/>').format(" ".join(upper + lower)) if bounded else Markup("")


def _level(kind: str, at: float, words_at: float, words: str) -> Markup:
    """A line across at one value, with its words on the left."""
    return Markup(
        '<line class="{}" x1="{}" x2="{}" y1="{:.1f}" y2="{:.1f}"/><text class="{}" x="{}" y="{:.1f}" text-anchor="end">{}</text>'
    ).format(
        kind, LEFT, WIDTH - RIGHT, at, at, "limit-words" if kind == "limit" else "words", LEFT - 6, words_at + 4, words
    )


def _ends(known: Sequence[Looked], x: Callable[[Looked], float]) -> Markup:
    """Under the drawing: where counting began and how many units of the new version it has reached."""
    text = Markup('<text class="words" x="{:.1f}" y="{}" text-anchor="{}">{}</text>')
    return text.format(LEFT, HEIGHT - 18, "start", "0") + text.format(
        x(known[-1]), HEIGHT - 18, "end", f"{known[-1].n_new:,} of the new version"
    )
