"""What waits for whom."""

from __future__ import annotations

import pytest

from tests.conftest import Clock, Staff
from tests.services.submissions import good, prompt_bytes
from tests.stages import change_in, conclude_run, digests
from webapp.adapters.outside import Outside
from webapp.services import comments, review
from webapp.services.inbox import show_inbox


def waiting(outside: Outside, staff: Staff, name: str) -> list[str]:
    return [row.ask for row in show_inbox(outside, staff.act_as(name)).mine]


@pytest.mark.parametrize(
    ("stage", "asked"),
    [
        ("evaluation", set()),
        ("review", {"kim", "lee", "moss"}),
        ("signoff", {"osei", "lund", "moss"}),
        ("rollout", {"ada"}),
    ],
)
def test_each_stage_waits_for_those_who_can_act(outside: Outside, staff: Staff, stage: str, asked: set[str]) -> None:
    change_in(outside, staff, stage)
    assert {name for name in staff.ids if waiting(outside, staff, name)} == asked


def test_a_draft_waits_for_its_author_and_not_for_another(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "review")
    digest, _ = digests(outside, change_id)
    review.ask_for_changes(outside, staff.act_as("kim"), change_id, digest, "Name the route.")
    assert waiting(outside, staff, "ada") == ["Submit a new revision, or withdraw"]
    assert waiting(outside, staff, "ben") == []


def test_a_failed_evaluation_waits_for_its_author(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "evaluation")
    conclude_run(outside, change_id, {"completeness": "fail"})
    assert waiting(outside, staff, "ada") == ["Revise, run again or ask for an exception: not every measure holds"]


def test_an_unknown_git_author_waits_for_the_author(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "evaluation", good(contributors=[("Dev Two", "two@git.example")]))
    conclude_run(outside, change_id)
    assert waiting(outside, staff, "ada") == ["Say who Dev Two is, or declare them external"]


def test_what_is_due_first_stands_first(outside: Outside, staff: Staff, clock: Clock) -> None:
    change_in(outside, staff, "review")
    clock.forward(days=1)
    fields = {"name": "appointment-letter", "risk_class": "administrative"}
    change_in(outside, staff, "review", good(prompt=prompt_bytes(**fields)))
    rows = show_inbox(outside, staff.act_as("kim")).mine
    assert [row.prompt for row in rows] == ["clinical-summarization", "appointment-letter"]
    assert rows[0].age == "Review for 1 day"


def test_an_open_question_stops_the_clock_in_the_list(outside: Outside, staff: Staff, clock: Clock) -> None:
    change_id = change_in(outside, staff, "signoff")
    comments.write(outside, staff.act_as("osei"), change_id, comments.Draft("question", "Is the dose right?"))
    clock.forward(days=9)
    (row,) = show_inbox(outside, staff.act_as("osei")).mine
    assert (row.due, row.overdue) == (None, False)
    assert "the clock is stopped" in row.ask


def test_what_is_over_waits_for_nobody(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "review")
    digest, _ = digests(outside, change_id)
    review.reject(outside, staff.act_as("kim"), change_id, digest, "No.", "correct horse battery staple")
    view = show_inbox(outside, staff.act_as("kim"))
    assert (view.mine, view.others) == ((), ())
    assert [(row.change_id, row.words) for row in view.done] == [(change_id, "rejected the change (signed)")]
