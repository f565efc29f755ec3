"""A histogram is drawn to scale, escapes its words, and has its numbers in a table beside it."""

from __future__ import annotations

from dataclasses import dataclass
from xml.etree import ElementTree

from webapp.web.histogram import histogram


@dataclass(frozen=True)
class Bar:
    words: str
    count: int
    side: str = "same"


BARS = [Bar("worse", 2, "worse"), Bar("the same", 8), Bar("better", 0, "better")]


def test_bars_are_to_scale_and_stand_on_one_line() -> None:
    figure = ElementTree.fromstring(histogram(BARS, "Medicines", "2 worse.", "Cases"))
    bars = list(figure.iter("rect"))
    assert [float(bar.get("height") or 0) for bar in bars] == [20.0, 80.0, 0.0]
    assert {float(bar.get("y") or 0) + float(bar.get("height") or 0) for bar in bars} == {96.0}
    assert [bar.get("class") for bar in bars] == ["bar worse", "bar same", "bar better"]


def test_the_same_numbers_stand_in_a_table_with_every_word() -> None:
    figure = ElementTree.fromstring(histogram(BARS, "Medicines", "2 worse.", "Cases"))
    rows = [["".join(cell.itertext()) for cell in row] for row in figure.iter("tr")]
    assert rows == [["Cases", "Cases"], ["worse", "2"], ["the same", "8"], ["better", "0"]]


def test_nothing_is_drawn_where_nothing_was_counted() -> None:
    made = histogram([Bar("worse", 0)], "Medicines", "Medicines: no case has a mark.", "Cases")
    assert "<svg" not in made and "no case has a mark" in made


def test_words_from_outside_are_escaped() -> None:
    hostile = '"><script>alert(1)</script>'
    made = histogram([Bar(hostile, 1)], hostile, hostile, hostile)
    assert "<script>" not in made
