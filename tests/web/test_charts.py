"""Charts are drawn to scale, say in words what they show, and never draw what was not measured."""

from __future__ import annotations

import re
from math import inf, nan
from xml.etree import ElementTree

import pytest

from webapp.web.charts import Point, interval_chart, number, series_chart, signed

HOSTILE = '"><script>alert(1)</script>'


def places(svg: str, kind: str) -> dict[str, float]:
    """The numbers of the first element of that class."""
    for element in ElementTree.fromstring(svg).iter():
        if element.get("class") == kind:
            return {key: float(value) for key, value in element.attrib.items() if re.fullmatch(r"-?[\d.]+", value)}
    raise AssertionError(kind)


def test_the_interval_is_drawn_to_scale() -> None:
    svg = interval_chart(-2, 1, 4, margin=3)
    zero, limit, bar = places(svg, "zero")["x1"], places(svg, "limit")["x1"], places(svg, "interval")
    point = (zero - limit) / 3
    assert bar["x1"] == pytest.approx(zero - 2 * point, abs=0.2)
    assert bar["x2"] == pytest.approx(zero + 4 * point, abs=0.2)
    assert places(svg, "estimate")["cx"] == pytest.approx(zero + point, abs=0.2)


@pytest.mark.parametrize("numbers", [(-2, 1, 4), (-900, -850, -800), (0, 0, 0), (0.001, 0.002, 0.003), (50, 60, 70)])
def test_nothing_is_drawn_outside_the_picture(numbers: tuple[float, float, float]) -> None:
    svg = interval_chart(*numbers, margin=3, bound=numbers[0])
    for element in ElementTree.fromstring(svg).iter():
        for key in ("x", "x1", "x2", "cx"):
            assert 0 <= float(element.get(key, 0)) <= 320


def test_where_lower_is_better_the_margin_lies_above_zero() -> None:
    higher, lower = interval_chart(-1, 0, 1, margin=3), interval_chart(-1, 0, 1, margin=3, better="lower")
    assert places(higher, "limit")["x1"] < places(higher, "zero")["x1"]
    assert places(lower, "limit")["x1"] > places(lower, "zero")["x1"]


def test_the_ground_beyond_the_margin_ends_at_the_margin() -> None:
    svg = interval_chart(-1, 0, 1, margin=3)
    beyond = places(svg, "beyond")
    assert beyond["x"] + beyond["width"] == pytest.approx(places(svg, "limit")["x1"], abs=0.11)


def test_the_words_say_what_the_picture_shows() -> None:
    svg = interval_chart(-0.6, 1.8, 4.2, margin=3)
    assert "New minus live: +1.8 points, between −0.6 and +4.2; accepted up to 3 points lower." in svg
    assert 'role="img"' in svg


@pytest.mark.parametrize("unknown", [None, nan, inf])
def test_what_could_not_be_measured_is_not_drawn(unknown: float | None) -> None:
    svg = interval_chart(unknown, 1, 2, margin=3)
    assert "<svg" not in svg and "could not be measured" in svg


def test_a_line_never_crosses_a_gap() -> None:
    chart = series_chart(
        [Point("a", 1), Point("b", 2), Point("c", None), Point("d", nan), Point("e", 1)], 3, words="Errors"
    )
    assert chart.count("<polyline") == 2
    assert "2 of 5 could not be measured" in chart
    assert chart.count("<tr>") == 6


def test_the_limit_is_drawn_to_scale_also_when_it_lies_above_all_values() -> None:
    svg = re.search("<svg.*</svg>", series_chart([Point("a", 1), Point("b", 2)], 4, words="Errors"))
    assert svg
    limit, floor = places(svg[0], "limit")["y1"], places(svg[0], "axis")["y1"]
    assert places(svg[0], "estimate")["cy"] == pytest.approx(floor - (floor - limit) / 4, abs=0.2)


def test_a_series_without_numbers_says_so() -> None:
    assert "nothing was measured yet" in series_chart([], 4, words="Errors")
    assert "nothing was measured yet" in series_chart([Point("a", None)], 4, words="Errors")


def test_a_series_of_zeros_can_be_drawn() -> None:
    assert "<svg" in series_chart([Point("a", 0.0)], None, words="Harm reports")


def test_words_from_outside_are_escaped() -> None:
    charts = interval_chart(-1, 0, 1, margin=3, unit=HOSTILE) + series_chart(
        [Point(HOSTILE, 1, 0, 2)], 3, words=HOSTILE, unit=HOSTILE, limit_words=HOSTILE
    )
    assert "<script" not in charts


def test_colours_come_from_the_stylesheet_alone() -> None:
    charts = interval_chart(-1, 0, 1, margin=3, bound=-0.5) + series_chart([Point("a", 1, 0, 2)], 3, words="Errors")
    assert not re.search(r"\b(style|fill|stroke|on\w+)=", charts)


def test_numbers_read_as_people_write_them() -> None:
    assert [number(3.0), number(-1.25), number(1200)] == ["3", "−1.2", "1200"]
    assert [signed(1.2), signed(-0.5), signed(0), signed(-0.01)] == ["+1.2", "−0.5", "0", "0"]
