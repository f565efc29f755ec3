"""Charts as SVG from the server: to scale, escaped, coloured by classes of the stylesheet alone, each with its words.

What must not live here: verdicts and statistics; a chart draws the numbers it is given, in the unit people read.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Literal

from markupsafe import Markup

Better = Literal["higher", "lower"]

WIDTH, EDGE = 320, 16
AXIS_Y, INTERVAL_Y, WORDS_Y = 46, 28, 65
SERIES_HEIGHT, SERIES_LEFT, SERIES_TOP, SERIES_FLOOR = 160, 44, 14, 132


@dataclass(frozen=True)
class Point:
    """One look of a series; ``value`` None means that nothing could be measured then."""

    label: str
    value: float | None
    low: float | None = None
    high: float | None = None
    n: int | None = None


def interval_chart(
    low: float | None,
    estimate: float | None,
    high: float | None,
    margin: float,
    bound: float | None = None,
    *,
    better: Better = "higher",
    unit: str = " points",
) -> Markup:
    """The difference new minus live with its interval, against zero and the accepted margin, all on one scale.

    Numbers in the unit people read (points, ms); ``margin`` is positive, ``bound`` the one-sided worst bound.
    """
    if low is None or estimate is None or high is None or not all(map(isfinite, (low, estimate, high, margin))):
        return Markup('<p class="muted small">No interval: this could not be measured.</p>')
    limit = -abs(margin) if better == "higher" else abs(margin)
    shown = bound if bound is not None and isfinite(bound) else None
    x = _across((low, estimate, high, limit, 0.0, *([shown] if shown is not None else [])))
    sentence = interval_words(low, estimate, high, margin, better=better, unit=unit)
    return Markup('<svg class="chart" viewBox="0 0 {} 70" role="img" aria-label="{}">{}{}{}{}{}{}{}{}</svg>').format(
        WIDTH,
        sentence,
        _beyond(x(limit), better),
        _line("axis", EDGE, AXIS_Y, WIDTH - EDGE, AXIS_Y),
        _line("zero", x(0), 8, x(0), AXIS_Y),
        _line("limit", x(limit), 8, x(limit), AXIS_Y),
        _line("interval", x(low), INTERVAL_Y, x(high), INTERVAL_Y),
        _line("bound", x(shown), INTERVAL_Y - 9, x(shown), INTERVAL_Y + 9) if shown is not None else "",
        Markup('<circle class="estimate" cx="{:.1f}" cy="{}" r="5"/>').format(x(estimate), INTERVAL_Y),
        _scale_words(x(0), x(limit), limit),
    )


def interval_words(
    low: float, estimate: float, high: float, margin: float, *, better: Better = "higher", unit: str = " points"
) -> str:
    """The chart as one sentence, for those who do not see it."""
    worse = "lower" if better == "higher" else "higher"
    return (
        f"New minus live: {signed(estimate)}{unit}, between {signed(low)} and {signed(high)}; "
        f"accepted up to {number(abs(margin))}{unit} {worse}."
    )


def series_chart(
    points: Sequence[Point], limit: float | None, *, words: str, unit: str = "", limit_words: str = "limit"
) -> Markup:
    """A figure: the line of values with intervals against the limit, and the same numbers in a table beside it."""
    known = [p for p in points if p.value is not None and isfinite(p.value)]
    if not known:
        return Markup('<p class="muted">{}: nothing was measured yet.</p>').format(words)
    highs = [v for p in known for v in (p.value, p.high) if v is not None and isfinite(v)]
    top = max([*highs, limit or 0.0]) or 1.0
    bottom = min([0.0, *(v for p in known for v in (p.value, p.low) if v is not None and isfinite(v))])
    y = _upwards(bottom, top)
    return Markup('<figure class="series"><div>{}</div>{}</figure>').format(
        Markup('<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">{}{}{}{}</svg>').format(
            WIDTH,
            SERIES_HEIGHT,
            _series_sentence(points, known, limit, words, unit, limit_words),
            _frame(points, y, bottom, top),
            _limit_line(limit, y, limit_words) if limit is not None else "",
            Markup("").join(_path(run, y) for run in _runs(points)),
            Markup("").join(_mark(place, point, y) for place, point in _placed(points)),
        ),
        _series_table(points, words, unit),
    )


def number(value: float) -> str:
    """At most one decimal, with thin grouping left out: 3, 1.2, 1200."""
    return f"{value:.1f}".removesuffix(".0").replace("-", "−")


def signed(value: float) -> str:
    """A number that always shows its way: +1.2, −0.5, 0."""
    return f"+{number(value)}" if round(value, 1) > 0 else number(round(value, 1) + 0.0)


def _across(values: Sequence[float]) -> Callable[[float], float]:
    low, high = min(values), max(values)
    room = (high - low) * 0.08 or 1.0
    low, high = low - room, high + room
    return lambda value: EDGE + (value - low) / (high - low) * (WIDTH - 2 * EDGE)


def _upwards(bottom: float, top: float) -> Callable[[float], float]:
    spread = (top - bottom) * 1.05
    return lambda value: SERIES_FLOOR - (value - bottom) / spread * (SERIES_FLOOR - SERIES_TOP)


def _line(kind: str, x1: float, y1: float, x2: float, y2: float) -> Markup:
    return Markup('<line class="{}" x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}"/>').format(kind, x1, y1, x2, y2)


def _text(x: float, y: float, words: str, anchor: str = "middle", kind: str = "words") -> Markup:
    return Markup('<text class="{}" x="{:.1f}" y="{:.1f}" text-anchor="{}">{}</text>').format(kind, x, y, anchor, words)


def _beyond(limit_x: float, better: Better) -> Markup:
    start, end = (EDGE, limit_x) if better == "higher" else (limit_x, WIDTH - EDGE)
    return Markup('<rect class="beyond" x="{:.1f}" y="8" width="{:.1f}" height="{}"/>').format(
        start, max(end - start, 0.0), AXIS_Y - 8
    )


def _scale_words(zero_x: float, limit_x: float, limit: float) -> Markup:
    """Words under the two lines; pushed apart and inwards so that they never cover each other."""
    left, right = sorted((zero_x, limit_x))
    left = max(left, EDGE + 38)
    right = min(max(right, left + 96), WIDTH - EDGE - 34)
    left = min(left, right - 96)
    zero_at, limit_at = (right, left) if limit_x < zero_x else (left, right)
    return _text(limit_at, WORDS_Y, f"margin {signed(limit)}", kind="limit-words") + _text(
        zero_at, WORDS_Y, "no change"
    )


def _placed(points: Sequence[Point]) -> list[tuple[float, Point]]:
    room = WIDTH - SERIES_LEFT - EDGE
    return [(SERIES_LEFT + room * (i + 0.5) / len(points), point) for i, point in enumerate(points)]


def _runs(points: Sequence[Point]) -> list[list[tuple[float, float]]]:
    """The stretches without a gap: a line never crosses what was not measured."""
    runs: list[list[tuple[float, float]]] = [[]]
    for place, point in _placed(points):
        if point.value is None or not isfinite(point.value):
            runs.append([])
        else:
            runs[-1].append((place, point.value))
    return [run for run in runs if run]


def _path(run: list[tuple[float, float]], y: Callable[[float], float]) -> Markup:
    places = " ".join(f"{x:.1f},{y(value):.1f}" for x, value in run)
    return Markup('<polyline class="line" points="{}"/>').format(places)


def _mark(x: float, point: Point, y: Callable[[float], float]) -> Markup:
    if point.value is None or not isfinite(point.value):
        return _line("gap", x - 3, SERIES_FLOOR - 3, x + 3, SERIES_FLOOR + 3) + _line(
            "gap", x - 3, SERIES_FLOOR + 3, x + 3, SERIES_FLOOR - 3
        )
    has_band = point.low is not None and point.high is not None and isfinite(point.low) and isfinite(point.high)
    band = _line("band", x, y(point.low), x, y(point.high)) if has_band else Markup("")  # type: ignore[arg-type]
    return band + Markup('<circle class="estimate" cx="{:.1f}" cy="{:.1f}" r="3.5"/>').format(x, y(point.value))


def _frame(points: Sequence[Point], y: Callable[[float], float], bottom: float, top: float) -> Markup:
    right = WIDTH - EDGE
    ends = _text(SERIES_LEFT, SERIES_HEIGHT - 8, points[0].label, "start")
    if len(points) > 1:
        ends += _text(right, SERIES_HEIGHT - 8, points[-1].label, "end")
    return (
        _line("axis", SERIES_LEFT, SERIES_FLOOR, right, SERIES_FLOOR)
        + _text(SERIES_LEFT - 6, y(top) + 4, number(top), "end")
        + _text(SERIES_LEFT - 6, SERIES_FLOOR + 4, number(bottom), "end")
        + ends
    )


def _limit_line(limit: float, y: Callable[[float], float], words: str) -> Markup:
    right = WIDTH - EDGE
    return _line("limit", SERIES_LEFT, y(limit), right, y(limit)) + _text(
        right, y(limit) - 4 if y(limit) > SERIES_TOP + 10 else y(limit) + 14, words, "end", "limit-words"
    )


def _series_sentence(
    points: Sequence[Point], known: Sequence[Point], limit: float | None, words: str, unit: str, limit_words: str
) -> str:
    last = known[-1]
    missing = len(points) - len(known)
    against = f"; {limit_words} {number(limit)}{unit}" if limit is not None else ""
    gaps = f"; {missing} of {len(points)} could not be measured" if missing else ""
    return f"{words}: {number(last.value or 0.0)}{unit} at {last.label}{against}{gaps}."


def _series_table(points: Sequence[Point], words: str, unit: str) -> Markup:
    rows = Markup("").join(
        Markup('<tr><th scope="row">{}</th><td class="figures">{}</td><td class="figures">{}</td></tr>').format(
            point.label, _value_words(point, unit), "" if point.n is None else point.n
        )
        for point in points
    )
    return Markup(
        '<div class="scroll" role="region" aria-label="{}" tabindex="0"><table class="table"><caption>{}</caption><thead>'
        '<tr><th scope="col">When</th><th scope="col" class="figures">Value</th><th scope="col" class="figures">n</th></tr>'
        "</thead><tbody>{}</tbody></table></div>"
    ).format(words, words, rows)


def _value_words(point: Point, unit: str) -> str:
    if point.value is None or not isfinite(point.value):
        return "could not be measured"
    if point.low is None or point.high is None:
        return f"{number(point.value)}{unit}"
    return f"{number(point.value)}{unit} ({number(point.low)} to {number(point.high)})"
