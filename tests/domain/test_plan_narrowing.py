"""A signed plan under way only gets slower or narrower; everything else is refused in words."""

from __future__ import annotations

from typing import Any

import pytest

from webapp.domain.plan import read_plan
from webapp.domain.plan_narrowing import faults_of_narrowing

DAY = 86_400
SILENT: dict[str, Any] = {"kind": "shadow", "share_basis_points": 10_000, "bake_seconds": DAY, "min_units": 80}
FIVE: dict[str, Any] = {
    "kind": "canary",
    "share_basis_points": 500,
    "bake_seconds": DAY,
    "min_units": 80,
    "max_seconds": 30 * DAY,
}
MANY: dict[str, Any] = {**FIVE, "share_basis_points": 2_500}
LAST: dict[str, Any] = {"kind": "direct", "bake_seconds": DAY, "min_units": 100, "max_seconds": 30 * DAY}
NORTH: dict[str, Any] = {**FIVE, "share_basis_points": 10_000, "cohort": {"sites": ["North", "South"]}}


def faults(
    after: list[dict[str, Any]], before: list[dict[str, Any]] | None = None, present: int = 0, **more: Any
) -> str:
    old = read_plan({"steps": before or [FIVE, MANY, LAST]})
    return " ".join(faults_of_narrowing(old, read_plan({"steps": after, **more}), present))


NARROWER: dict[str, list[dict[str, Any]]] = {
    "a longer wait in the present step": [{**FIVE, "bake_seconds": 3 * DAY}, MANY, LAST],
    "more units and the time for them": [{**FIVE, "min_units": 200, "max_seconds": 60 * DAY}, MANY, LAST],
    "a smaller share later": [FIVE, {**MANY, "share_basis_points": 1_000}, LAST],
    "only a cohort later": [FIVE, {**MANY, "share_basis_points": 500}, {**MANY, "share_basis_points": 1_000}, LAST],
    "a further step between": [FIVE, {**FIVE, "share_basis_points": 1_000}, MANY, LAST],
    "further steps before and a smaller share": [
        FIVE,
        {**FIVE, "share_basis_points": 600},
        {**FIVE, "share_basis_points": 700},
        {**MANY, "share_basis_points": 2_000},
        LAST,
    ],
    "more limits": [{**FIVE, "guardrails": ["errors", "harm_reports", "phi_flags", "edits"]}, MANY, LAST],
    "less time to find that nothing is shown": [{**FIVE, "max_seconds": 10 * DAY}, MANY, LAST],
    "less silence": [{**FIVE, "silence_seconds": 3_600}, MANY, LAST],
    "a comparison put in before everyone": [FIVE, MANY, {**MANY, "kind": "ab", "share_basis_points": 5_000}, LAST],
}


@pytest.mark.parametrize("after", NARROWER.values(), ids=NARROWER)
def test_slower_or_narrower_is_taken(after: list[dict[str, Any]]) -> None:
    assert faults(after) == ""


WIDER: dict[str, tuple[list[dict[str, Any]], str]] = {
    "nothing": ([FIVE, MANY, LAST], "Nothing is changed"),
    "a shorter wait": (
        [{**FIVE, "bake_seconds": 3_600}, MANY, LAST],
        "Step 1 waits 1 hour, less than the 1 day planned",
    ),
    "fewer units": ([FIVE, {**MANY, "min_units": 79}, LAST], "Step 2 asks for 79 units, fewer than the 80 planned"),
    "a larger share": (
        [FIVE, {**MANY, "share_basis_points": 5_000}, LAST],
        "Step 2 takes 50 %, more than the 25 % planned",
    ),
    "another share now": (
        [{**FIVE, "share_basis_points": 400}, MANY, LAST],
        "Step 1 is entered, so whom it reaches stays",
    ),
    "a step less": ([FIVE, LAST], "A step is missing"),
    "a step changed for a wider one": ([FIVE, {**MANY, "share_basis_points": 9_000}, LAST], "takes 90 %"),
    "fewer limits": ([{**FIVE, "guardrails": ["errors"]}, MANY, LAST], "goes on watching harm_reports, phi_flags"),
    "more silence": ([{**FIVE, "silence_seconds": 7 * DAY}, MANY, LAST], "pauses after 1 day without a report"),
    "more time for nothing": ([{**FIVE, "max_seconds": 90 * DAY}, MANY, LAST], "longest time of step 1 grows only"),
    "by itself": ([FIVE, {**MANY, "advance": "auto"}, LAST], "Step 2 goes on by a person's decision"),
    "clinicians for encounters": ([FIVE, {**MANY, "unit": "clinician"}, LAST], "counting the same units"),
    "a comparison for a limited release": ([FIVE, {**MANY, "kind": "ab"}, LAST], "Step 2 stays of its kind"),
    "a whole site before its share": (
        [{**NORTH, "cohort": {"sites": ["West"]}}, FIVE, MANY, LAST],
        "is entered, so whom it reaches stays",
    ),
    "a step put in that is hardly watched": (
        [FIVE, {**FIVE, "guardrails": ["errors"]}, MANY, LAST],
        "Step 2 goes on watching harm_reports",
    ),
}


@pytest.mark.parametrize(("after", "sentence"), WIDER.values(), ids=WIDER)
def test_faster_or_wider_is_refused_in_words(after: list[dict[str, Any]], sentence: str) -> None:
    assert sentence in faults(after)


def test_a_cohort_only_loses_names() -> None:
    before = [SILENT, NORTH, FIVE, LAST]
    fewer = {**NORTH, "cohort": {"sites": ["North"], "departments": ["ICU"]}}
    assert faults([SILENT, fewer, FIVE, LAST], before) == ""
    assert faults([SILENT, fewer, NORTH, FIVE, LAST], before) == "", "a part of the cohort first"
    for wider in ({"sites": ["North", "West"]}, {"departments": ["ICU"]}):
        assert "more than its cohort" in faults([SILENT, {**NORTH, "cohort": wider}, FIVE, LAST], before)
    whole = [SILENT, {**NORTH, "cohort": {"sites": ["West"]}}, NORTH, FIVE, LAST]
    assert "more than its cohort" in faults(whole, before)


def test_a_whole_cohort_put_in_before_a_share_would_be_wider() -> None:
    assert "takes 100 %, more than the 5 % planned" in faults([SILENT, NORTH, FIVE, LAST], [SILENT, FIVE, LAST])


def test_what_is_over_stays_and_a_cut_off_application_gets_no_longer() -> None:
    longer = {**FIVE, "bake_seconds": 2 * DAY}
    assert "Steps that are over" in faults([longer, MANY, LAST], present=1)
    assert faults([FIVE, {**MANY, "bake_seconds": 2 * DAY}, LAST], present=1) == ""
    assert faults([longer, MANY, LAST], offline_seconds=3_600) == ""
    assert "1 day at most" in faults([longer, MANY, LAST], offline_seconds=2 * DAY)


def test_the_last_step_too_can_only_wait_longer() -> None:
    assert faults([FIVE, MANY, {**LAST, "bake_seconds": 2 * DAY}], present=2) == ""
    assert "waits 1 hour" in faults([FIVE, MANY, {**LAST, "bake_seconds": 3_600}], present=2)
