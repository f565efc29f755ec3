"""A histogram as SVG from the server, with its numbers in a table beside it; coloured by classes of the stylesheet alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from markupsafe import Markup

WIDTH, HEIGHT, EDGE, FLOOR, TOP = 320, 120, 8, 96, 16


class Bar(Protocol):
    """So many of one kind; ``side`` is worse, same or better."""

    @property
    def words(self) -> str:
        """What is counted."""

    @property
    def count(self) -> int:
        """How many."""

    @property
    def side(self) -> str:
        """Which side of no change it stands on."""


def histogram(bars: Sequence[Bar], words: str, sentence: str, head: str) -> Markup:
    """A figure: one bar for each kind, its height to scale and its count above it, and the same counts in a table."""
    if not any(bar.count for bar in bars):
        return Markup('<p class="muted small">{}</p>').format(sentence)
    return Markup('<figure class="series"><div>{}</div>{}</figure>').format(
        _picture(bars, sentence), _table(bars, words, head)
    )


def _picture(bars: Sequence[Bar], sentence: str) -> Markup:
    most, step = max(bar.count for bar in bars), (WIDTH - 2 * EDGE) / len(bars)
    drawn = Markup("").join(_bar(bar, EDGE + step * place, step, most) for place, bar in enumerate(bars))
    axis = Markup('<line class="axis" x1="{}" y1="{}" x2="{}" y2="{}"/>').format(EDGE, FLOOR, WIDTH - EDGE, FLOOR)
    ends = _ends(bars)
    return Markup('<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">{}{}{}</svg>').format(
        WIDTH, HEIGHT, sentence, drawn, axis, ends
    )


def _bar(bar: Bar, x: float, step: float, most: int) -> Markup:
    height = bar.count / most * (FLOOR - TOP)
    count = Markup('<text class="words" x="{:.1f}" y="{:.1f}" text-anchor="middle">{}</text>').format(
        x + step / 2, FLOOR - height - 4, bar.count
    )
    return Markup('<rect class="bar {}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"/>{}').format(
        bar.side, x + 2, FLOOR - height, step - 4, height, count if bar.count else ""
    )


def _ends(bars: Sequence[Bar]) -> Markup:
    """The words of the first and the last kind below the axis; the table has them all."""
    text = Markup('<text class="words" x="{}" y="{}" text-anchor="{}">{}</text>')
    return text.format(EDGE, HEIGHT - 8, "start", bars[0].words) + text.format(
        WIDTH - EDGE, HEIGHT - 8, "end", bars[-1].words
    )


def _table(bars: Sequence[Bar], words: str, head: str) -> Markup:
    rows = Markup("").join(
        Markup('<tr><th scope="row">{}</th><td class="figures">{}</td></tr>').format(bar.words, bar.count)
        for bar in bars
    )
    return Markup(
        '<table class="table"><caption class="visually-hidden">{}</caption><thead><tr><th scope="col">{}</th>'
        '<th scope="col" class="figures">Cases</th></tr></thead><tbody>{}</tbody></table>'
    ).format(words, head, rows)
