"""Answers side by side: the marks lose no character, and the gravest mark wins."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from webapp.domain.evaluation.marking import mark, mark_answers, paragraphs
from webapp.domain.scorers.interface import Finding


def finding(start: int, end: int, *, critical: bool = False) -> Finding:
    return Finding("m", "c", "Wrong", critical, (start, end))


def test_a_critical_finding_covers_a_lesser_mark() -> None:
    assert mark("abcdef", [(0, 4, "finding"), (2, 3, "critical")]) == (
        ("ab", "finding"),
        ("c", "critical"),
        ("d", "finding"),
        ("ef", None),
    )


def test_words_on_one_side_alone_are_marked_on_that_side() -> None:
    live, new = mark_answers("Metformin 500 mg daily", "Metformin 5000 mg daily", [], [])
    assert live is not None
    assert ("500", "only") in live
    assert ("5000", "only") in new


def test_without_a_live_answer_only_findings_are_marked() -> None:
    live, new = mark_answers(None, "Metformin 5000 mg", [], [finding(10, 17, critical=True)])
    assert live is None
    assert new == (("Metformin ", None), ("5000 mg", "critical"))


def test_paragraphs_without_a_mark_are_left_out() -> None:
    _, new = mark_answers("one\n\ntwo\n\nthree", "one\n\ntwo!\n\nthree", [], [])
    assert ["".join(text for text, _ in found) for found in paragraphs(new)] == ["two!"]
    assert paragraphs((("all the same", None),)) == ()


def test_a_list_keeps_its_lines() -> None:
    live, new = "Plan:\nNothing.", "Plan:\nMedicines:\n- digoxin 62.5 mcg\n- edoxaban 30 mg"
    _, marked = mark_answers(live, new, [], [])
    assert ["".join(text for text, _ in found) for found in paragraphs(marked)] == [new]


TEXTS = st.text("ab \n", max_size=40)
PLACES = st.lists(st.tuples(st.integers(-2, 45), st.integers(-2, 45)), max_size=5)


@given(TEXTS, TEXTS, PLACES)
def test_the_runs_joined_are_the_texts(old: str, text: str, places: list[tuple[int, int]]) -> None:
    live, new = mark_answers(old, text, [], [finding(start, end) for start, end in places])
    assert "".join(run for run, _ in live or ()) == old
    assert "".join(run for run, _ in new) == text
