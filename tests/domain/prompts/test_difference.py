"""Differences: nothing hidden, words marked, moves shown, hostile text bounded."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.prompts.examples import FULL_PROMPT, PROMPT
from webapp.domain.prompts.align import Budget, common_pairs
from webapp.domain.prompts.difference import (
    FieldChange,
    Row,
    compare_prompts,
    compare_texts,
    new_text,
    old_text,
    text_difference,
)
from webapp.domain.prompts.prompt_file import read_prompt

LINES = st.lists(st.sampled_from(["", "a", "b", "take one tablet", "take two tablets", "c" * 41]), max_size=12)


def kinds(old: str, new: str) -> list[str]:
    return [row.kind for row in compare_texts(old, new)]


def test_equal_texts_are_all_same() -> None:
    assert kinds("a\nb", "a\nb") == ["same", "same"]
    assert kinds("", "") == []


def test_added_and_removed_lines_have_a_number_on_their_side_only() -> None:
    assert compare_texts("a\nb", "a\nzz") == (
        Row("same", 1, 1, (("a", False),), (("a", False),)),
        Row("removed", 2, None, (("b", True),), ()),
        Row("added", None, 2, (), (("zz", True),)),
    )


def test_a_changed_line_marks_its_words() -> None:
    (row,) = compare_texts("Give 500 mg twice daily.", "Give 5000 mg twice daily.")
    assert row.kind == "changed"
    assert row.old_segments == (("Give ", False), ("500", True), (" mg twice daily.", False))
    assert row.new_segments == (("Give ", False), ("5000", True), (" mg twice daily.", False))


def test_a_changed_line_stands_beside_its_own_old_line() -> None:
    old = "Keep all allergies in the note.\nList each medicine with dose."
    new = (
        "A new first rule stands here.\nKeep all allergies in the short note.\nList each medicine with dose and route."
    )
    assert kinds(old, new) == ["added", "changed", "changed"]


def test_a_block_of_two_lines_is_shown_as_moved() -> None:
    assert kinds("one\ntwo\nx\ny\nz", "x\ny\nz\none\ntwo") == ["moved_from"] * 2 + ["same"] * 3 + ["moved_to"] * 2


def test_one_long_line_is_shown_as_moved_and_one_short_line_is_not() -> None:
    long = "This line is longer than forty characters."
    assert kinds(f"{long}\nx\ny\nz", f"x\ny\nz\n{long}") == ["moved_from", "same", "same", "same", "moved_to"]
    assert kinds("short\nx\ny\nz", "x\ny\nz\nshort") == ["removed", "same", "same", "same", "added"]


def test_two_blank_lines_are_no_moved_block() -> None:
    assert "moved_from" not in kinds("\n\nx\ny", "x\ny\n\n")


def test_a_carriage_return_is_a_change() -> None:
    assert kinds("one word\n", "one word\r\n") == ["changed", "same"]


@given(LINES, LINES)
def test_both_texts_can_be_rebuilt_from_the_rows(old: list[str], new: list[str]) -> None:
    before, after = "\n".join(old), "\n".join(new)
    rows = compare_texts(before, after)
    assert (old_text(rows), new_text(rows)) == (before, after)
    assert [row.old_line for row in rows if row.old_line] == list(
        range(1, 1 + (before.count("\n") + 1 if before else 0))
    )
    assert [row.new_line for row in rows if row.new_line] == list(range(1, 1 + (after.count("\n") + 1 if after else 0)))


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_two_texts_can_be_rebuilt(before: str, after: str) -> None:
    rows = compare_texts(before, after)
    assert (old_text(rows), new_text(rows)) == (before, after)


@given(LINES, LINES)
def test_rows_keep_their_promises(old: list[str], new: list[str]) -> None:
    rows = compare_texts("\n".join(old), "\n".join(new))
    for row in rows:
        changed = [flag for _, flag in (*row.old_segments, *row.new_segments)]
        assert (row.old_line is None) == (row.kind in ("added", "moved_to"))
        assert (row.new_line is None) == (row.kind in ("removed", "moved_from"))
        assert row.kind not in ("same", "moved_from", "moved_to") or not any(changed)
        assert row.kind != "changed" or any(changed)
    assert sum(row.kind == "moved_from" for row in rows) == sum(row.kind == "moved_to" for row in rows)


@given(
    st.lists(st.sampled_from("abcd"), max_size=20), st.lists(st.sampled_from("abcd"), max_size=20), st.integers(0, 300)
)
def test_pairs_are_equal_and_increasing_whatever_the_budget(old: list[str], new: list[str], steps: int) -> None:
    pairs = common_pairs(old, new, Budget(steps))
    assert all(old[i] == new[j] for i, j in pairs)
    assert all(a[0] < b[0] and a[1] < b[1] for a, b in pairwise(pairs))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("a\n" * 100_000, "a\n" * 99_999 + "b"),
        ("a\nb\n" * 50_000, "b\nb\na\n" * 33_000),
        ("a " * 100_000, "b " + "a " * 90_000 + "b " * 9_000),
        ("\n" * 200_000, "\n" * 100_000 + "x" + "\n" * 90_000),
        ("\n".join(map(str, range(30_000))), "\n".join(map(str, range(30_000, 0, -1)))),
        ("\n".join(f"{n // 2}" for n in range(30_000)), "\n".join(f"{n}\nn" for n in range(15_000))),
        ("x" * 200_000, "y" * 200_000),
    ],
    ids=["same lines", "two lines", "one long line", "blank", "reversed", "pairs", "one word"],
)
def test_hostile_texts_are_compared_in_bounded_time(old: str, new: str) -> None:
    began = time.process_time()
    rows = compare_texts(old, new)
    assert time.process_time() - began < 8
    assert (old_text(rows), new_text(rows)) == (old, new)


def test_the_coarse_way_is_said_in_a_flag() -> None:
    assert text_difference("a " * 100_000, "b " + "a " * 90_000 + "b " * 9_000).whole_lines_only
    assert not text_difference("a\nb\nc", "a\nx\nc").whole_lines_only


def test_a_large_ordinary_edit_stays_fine() -> None:
    old = [f"Rule {number}: keep the finding {number} in the note." for number in range(2_000)]
    new = [line.replace("keep", "state") if number % 7 == 0 else line for number, line in enumerate(old)]
    found = text_difference("\n".join(old), "\n".join(new))
    assert not found.whole_lines_only
    assert found.changed_lines == len([row for row in found.rows if row.kind == "changed"]) == 286


def test_a_first_version_is_all_added() -> None:
    found = compare_prompts(None, read_prompt(PROMPT, "p"))
    assert {row.kind for row in (*found.system_prompt.rows, *found.user_template.rows)} == {"added"}
    assert FieldChange("parameters.temperature", None, 0.2) in found.fields
    assert found.changed_lines == len(found.system_prompt.rows) + len(found.user_template.rows)


def test_a_prompt_against_itself_differs_in_nothing() -> None:
    prompt = read_prompt(FULL_PROMPT, "p")
    found = compare_prompts(prompt, prompt)
    assert found.fields == () and found.changed_lines == 0


def test_each_other_field_is_its_own_row() -> None:
    old = read_prompt(PROMPT, "p")
    new = read_prompt(
        PROMPT
        | {
            "version": "2.1",
            "description": "Other",
            "model_compatibility": ["gpt-4o"],
            "parameters": {"temperature": 0.2, "seed": 5},
            "variables": ["encounter_text"],
            "metadata": {"author": "someone"},
            "risk_class": "clinical",
        },
        "p",
    )
    names = {change.name: (change.old, change.new) for change in compare_prompts(old, new).fields}
    assert names["version"] == ("2.0", "2.1")
    assert names["model_compatibility"] == (["gpt-4o", "gemini-2.0-flash"], ["gpt-4o"])
    assert names["parameters.seed"] == (None, 5) and names["parameters.max_tokens"] == (2000, None)
    assert "parameters.temperature" not in names
    assert names["metadata.author"] == ("clinical-ai-team", "someone")
    assert names["metadata.healthcare_reviewed"] == (True, None)
    assert {"description", "variables", "risk_class"} <= names.keys()


def test_true_and_one_are_not_the_same() -> None:
    old, new = (read_prompt(PROMPT | {"metadata": {"flag": value}}, "p") for value in (True, 1))
    assert [change.name for change in compare_prompts(old, new).fields] == ["metadata.flag"]
