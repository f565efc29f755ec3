"""What one version of a test set does to the one before, and what it holds."""

from __future__ import annotations

from typing import Any

from tests.domain.prompts.examples import CASE, jsonl
from webapp.domain.prompts.suite import read_suite
from webapp.domain.prompts.suite_versions import EditedCase, SuiteDifference, compare_contents, count_cases


def content(*cases: dict[str, Any]) -> bytes:
    return read_suite(jsonl(*(CASE | case for case in cases)), "s.jsonl").to_jsonl()


def test_cases_are_kept_added_replaced_removed_and_edited() -> None:
    old = content({"id": "kept"}, {"id": "old"}, {"id": "gone"}, {"id": "edited"})
    new = content(
        {"id": "kept"},
        {"id": "new", "supersedes": "old"},
        {"id": "edited", "category": "cost", "expected": {}},
        {"id": "more"},
    )
    assert compare_contents(old, new) == SuiteDifference(
        added=("more",),
        superseded=(("old", "new"),),
        removed=("gone",),
        edited=(EditedCase("edited", ("category", "expected")),),
        kept=1,
    )


def test_the_same_cases_in_another_order_differ_in_nothing() -> None:
    difference = compare_contents(content({"id": "a"}, {"id": "b"}), content({"id": "b"}, {"id": "a"}))
    assert difference == SuiteDifference((), (), (), (), 2)


def test_a_case_that_replaced_one_long_ago_is_kept_not_added() -> None:
    same = content({"id": "b", "supersedes": "a"})
    assert compare_contents(same, same).kept == 1


def test_cases_are_counted_by_category_and_subgroup() -> None:
    counts = count_cases(
        content(
            {"id": "a"}, {"id": "b", "subgroup": {"sex": "male", "setting": "ward"}}, {"id": "c", "category": "cost"}
        )
    )
    assert counts.categories == {"unit": 2, "cost": 1}
    assert counts.subgroups == {"setting": {"ward": 1}, "sex": {"female": 2, "male": 1}}
