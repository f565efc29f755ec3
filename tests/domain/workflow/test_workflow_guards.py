"""Each guard alone: with everything in order a move is open; each broken fact closes it with exactly its own refusal."""

from __future__ import annotations

import inspect
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.domain.workflow.situations import BREAKS, COMPLETE, NOW, SHORT, Change, fitting, ready
from webapp.domain.workflow import MOVES, Move, RiskClass, Situation, guards, refusals_of
from webapp.domain.workflow.guards import Guard
from webapp.domain.workflow.situation import AuditFacts, RolloutFacts, RunFacts

ROWS = [pytest.param(move, id=f"{move.source}-{move.name}-{move.target}") for move in MOVES]
BROKEN_ROWS = [
    pytest.param(move, code, change, id=f"{move.source}-{move.name}-{move.target}-{guard.__name__}-{number}")
    for move in MOVES
    for guard in move.guards
    for code, changes in [BREAKS[guard.__name__]]
    for number, change in enumerate(changes)
]
START = next(move for move in MOVES if move.name == "start")


def all_guards() -> dict[str, Guard]:
    """Every public guard of the module by name."""
    return {
        name: function
        for name, function in inspect.getmembers(guards, inspect.isfunction)
        if function.__module__ == guards.__name__ and not name.startswith("_")
    }


@pytest.mark.parametrize("move", ROWS)
def test_a_move_is_open_when_every_guard_holds(move: Move) -> None:
    assert refusals_of(move, ready(move)) == ()
    assert refusals_of(move, ready(move), fitting(move)) == ()


@pytest.mark.parametrize(("move", "code", "change"), BROKEN_ROWS)
def test_one_broken_fact_closes_a_move_with_exactly_its_refusal(move: Move, code: str, change: Change) -> None:
    refusals = refusals_of(move, change(ready(move)))
    assert [refusal.code for refusal in refusals] == [code]
    assert refusals[0].sentence.endswith(".") and len(refusals[0].sentence) > 20


def test_every_guard_stands_in_the_table_and_can_be_broken() -> None:
    used = {guard.__name__ for move in MOVES for guard in move.guards}
    assert used == set(all_guards()) == set(BREAKS)


def test_every_guard_says_in_its_docstring_what_holds() -> None:
    for name, guard in all_guards().items():
        first = (guard.__doc__ or "").strip().split("\n")[0]
        assert first.endswith((".", ".)")) and first[0].isupper(), name


def test_the_code_of_a_refusal_belongs_to_one_meaning() -> None:
    shared = {"not_passed", "not_started"}  # a measure that fell short; a rollout that has not begun
    codes = [code for code, _ in BREAKS.values() if code not in shared]
    assert len(codes) == len(set(codes))


def _start(**facts: object) -> list[str]:
    situation: Situation = replace(ready(START), **facts)  # type: ignore[arg-type]
    return [refusal.code for refusal in refusals_of(START, situation)]


def test_an_administrative_release_starts_with_a_review_alone() -> None:
    facts = {"risk_class": RiskClass.ADMINISTRATIVE, "signer_ids": (), "policy_lets_pass_unreviewed": False}
    assert _start(**facts, reviewer_id="rae") == []
    assert _start(**facts, reviewer_id=None) == ["unsigned"]
    assert _start(**facts, reviewer_id="ann") == ["unsigned"]


@pytest.mark.parametrize(
    "condition",
    [
        {"policy_lets_pass_unreviewed": False},
        {"is_first_change": True},
        {"model_or_variables_changed": True},
        {"class_is_confirmed": False},
        {"risk_class": RiskClass.CLINICAL},
    ],
    ids=lambda condition: next(iter(condition)),
)
def test_a_release_by_policy_starts_only_under_every_condition_of_the_policy(condition: dict[str, object]) -> None:
    facts: dict[str, object] = {"risk_class": RiskClass.ADMINISTRATIVE, "reviewer_id": None, "signer_ids": ()}
    assert _start(**facts) == []
    assert _start(**{**facts, **condition}) == ["unsigned"]


def test_a_release_by_policy_does_not_start_on_an_exception() -> None:
    facts = {"risk_class": RiskClass.ADMINISTRATIVE, "reviewer_id": None, "signer_ids": ()}
    assert _start(**facts, run=SHORT, exceptions_asked=("accuracy",)) == ["unsigned"]


def test_a_review_by_a_contributor_does_not_turn_into_a_release_by_policy() -> None:
    assert _start(risk_class=RiskClass.ADMINISTRATIVE, reviewer_id="bo", signer_ids=()) == ["unsigned"]


def test_a_clinical_release_starts_when_one_of_its_signers_is_neither_reviewer_nor_contributor() -> None:
    assert _start(signer_ids=("rae", "osei")) == []
    assert _start(signer_ids=("rae", "ann")) == ["unsigned"]


def test_a_high_risk_release_needs_two_physicians() -> None:
    assert _start(risk_class=RiskClass.HIGH_RISK, signer_ids=("osei",)) == ["unsigned"]
    assert _start(risk_class=RiskClass.HIGH_RISK, signer_ids=("osei", "lund")) == []


def test_an_exception_in_force_covers_a_measure_that_fell_short() -> None:
    situation = replace(ready(START), run=SHORT, exceptions_asked=("accuracy",))
    assert guards.every_shortfall_is_excepted(situation) is None


def test_a_run_that_did_not_hold_and_names_no_measure_is_never_taken_for_good() -> None:
    """Unknown is a refusal: a lost result must not read as nothing fell short."""
    lost = replace(ready(START), run=RunFacts(state="complete", holds=False), exceptions_asked=("accuracy",))
    assert guards.every_shortfall_is_excepted(lost) is not None
    assert guards.every_shortfall_is_excepted(replace(lost, run=COMPLETE)) is None


def test_a_signature_lapses_on_the_very_day_the_policy_names() -> None:
    for age, is_fresh in [(timedelta(days=30) - timedelta(seconds=1), True), (timedelta(days=30), False)]:
        situation = replace(ready(START), signed_at=NOW - age)
        assert (guards.signature_is_fresh(situation) is None) is is_fresh
        assert (guards.signature_has_lapsed(situation) is None) is not is_fresh


def test_a_step_that_was_never_entered_has_no_waiting_time_behind_it() -> None:
    situation = replace(ready(START), rollout=RolloutFacts())
    refusal = guards.waiting_time_is_over(situation)
    assert refusal is not None and refusal.code == "not_started"


def test_too_few_units_are_counted_for_the_version_that_has_fewest() -> None:
    arms = RolloutFacts(state="running", min_units=10, units_seen=4)
    refusal = guards.enough_units_were_seen(replace(ready(START), rollout=arms))
    assert refusal is not None and "6 more to go" in refusal.sentence
    assert guards.enough_units_were_seen(replace(ready(START), rollout=replace(arms, units_seen=10))) is None


def test_an_empty_sample_is_not_a_graded_one() -> None:
    refusal = guards.sample_is_graded(replace(ready(START), audit=AuditFacts()))
    assert refusal is not None and refusal.code == "no_sample"


def test_a_refused_move_names_every_reason_at_once() -> None:
    approve = next(move for move in MOVES if move.name == "approve")
    situation = replace(ready(approve), must_fix_open=2, worst_cases_unopened=3, checklist_missing=("a", "b"))
    refusals = {refusal.code: refusal.sentence for refusal in refusals_of(approve, situation)}
    assert set(refusals) == {"must_fix", "unopened_cases", "checklist"}
    assert refusals["checklist"] == "Checklist: 2 still open (a; b)."
    assert "3 left" in refusals["unopened_cases"] and "2 still open" in refusals["checklist"]
