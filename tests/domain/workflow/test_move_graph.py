"""The table as a graph: what can be reached, and what cannot when one move is taken away."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise

import pytest

from tests.domain.workflow.situations import ready
from webapp.domain.workflow import ENDED, MOVES, Move, RiskClass, Stage, moves_from
from webapp.domain.workflow.stages import WAY

CLASS_GUARDS = {"class_is_administrative", "class_needs_a_physician", "another_physician_is_needed"}
APPROVALS = {"approve", "approve_for_rollout", "release_by_policy"}
SERVED = {Stage.ROLLOUT, Stage.POST_AUDIT, Stage.CLOSED, Stage.ROLLED_BACK}
Place = tuple[Stage, RiskClass]


def _is_for(move: Move, risk_class: RiskClass) -> bool:
    """Do the guards of ``move`` that look at the class let this class through?"""
    situation = replace(ready(move), risk_class=risk_class)
    return not any(guard(situation) for guard in move.guards if guard.__name__ in CLASS_GUARDS)


def _next(place: Place, without: Iterable[str]) -> set[Place]:
    stage, risk_class = place
    found: set[Place] = set()
    for move in moves_from(stage):
        if move.name in without or not _is_for(move, risk_class):
            continue
        raised = {other for other in RiskClass if other.rank > risk_class.rank}
        found |= {(move.target, after) for after in (raised if move.name == "raise_class" else {risk_class})}
    return found


def _reachable(risk_class: RiskClass, without: Iterable[str] = ()) -> set[Place]:
    """Every stage and class that a change can come to from a draft of this class."""
    seen: set[Place] = set()
    waiting = {(Stage.DRAFT, risk_class)}
    while waiting:
        place = waiting.pop()
        seen.add(place)
        waiting |= _next(place, without) - seen
    return seen


def _stages(risk_class: RiskClass, without: Iterable[str] = ()) -> set[Stage]:
    return {stage for stage, _ in _reachable(risk_class, without)}


@pytest.mark.parametrize("risk_class", RiskClass)
def test_without_the_sign_move_no_clinical_change_can_reach_rollout(risk_class: RiskClass) -> None:
    clinical = {place for place in _reachable(risk_class, {"sign"}) if place[1] is not RiskClass.ADMINISTRATIVE}
    assert not {stage for stage, _ in clinical} & SERVED


@pytest.mark.parametrize("risk_class", RiskClass)
def test_without_an_approval_nothing_reaches_rollout(risk_class: RiskClass) -> None:
    assert not _stages(risk_class, APPROVALS) & SERVED


def test_each_approval_matters_where_it_is_the_only_way() -> None:
    assert Stage.ROLLOUT not in _stages(RiskClass.CLINICAL, {"approve"})
    assert Stage.ROLLOUT in _stages(RiskClass.ADMINISTRATIVE, APPROVALS - {"approve_for_rollout"})
    assert Stage.ROLLOUT in _stages(RiskClass.ADMINISTRATIVE, APPROVALS - {"release_by_policy"})


def test_a_clinical_change_can_go_the_whole_way() -> None:
    assert _stages(RiskClass.CLINICAL) == set(Stage)


def test_an_administrative_change_can_go_the_whole_way_and_never_stands_in_signoff() -> None:
    places = _reachable(RiskClass.ADMINISTRATIVE)
    administrative = {stage for stage, risk_class in places if risk_class is RiskClass.ADMINISTRATIVE}
    assert administrative == set(Stage) - {Stage.SIGNOFF}


def test_a_high_risk_change_can_go_the_whole_way_and_needs_the_sign_move_for_it() -> None:
    assert _stages(RiskClass.HIGH_RISK) == set(Stage)
    assert not _stages(RiskClass.HIGH_RISK, {"sign"}) & SERVED


def test_only_a_high_risk_change_has_a_first_signature_that_releases_nothing() -> None:
    (first,) = [move for move in MOVES if move.name == "sign" and move.target is Stage.SIGNOFF]
    assert [risk_class for risk_class in RiskClass if _is_for(first, risk_class)] == [RiskClass.HIGH_RISK]


def test_a_class_that_was_raised_never_comes_down_by_the_table() -> None:
    for risk_class in RiskClass:
        assert all(after.rank >= risk_class.rank for _, after in _reachable(risk_class))


def test_a_raised_class_takes_the_change_back_to_evaluation() -> None:
    raising = [move for move in MOVES if move.name == "raise_class"]
    assert {move.source for move in raising} == {Stage.REVIEW, Stage.SIGNOFF}
    assert {move.target for move in raising} == {Stage.EVALUATION}


@pytest.mark.parametrize("stage", [stage for stage in Stage if stage not in ENDED])
def test_every_stage_that_is_not_an_end_has_a_way_out(stage: Stage) -> None:
    assert {move.target for move in moves_from(stage)} - {stage}


@pytest.mark.parametrize("risk_class", RiskClass)
def test_from_everywhere_an_end_can_be_reached(risk_class: RiskClass) -> None:
    for start in _reachable(risk_class):
        seen, waiting = set(), {start}
        while waiting:
            place = waiting.pop()
            seen.add(place)
            waiting |= _next(place, ()) - seen
        assert {stage for stage, _ in seen} & ENDED, start


def test_an_end_is_an_end_except_that_what_is_live_can_be_rolled_back_or_held_back() -> None:
    leaving = [move for move in MOVES if move.source in ENDED]
    assert {(move.name, move.source, move.target) for move in leaving} == {
        ("roll_back", Stage.CLOSED, Stage.ROLLED_BACK),
        ("pause", Stage.CLOSED, Stage.CLOSED),
        ("resume", Stage.CLOSED, Stage.CLOSED),
    }


def test_each_step_of_the_way_is_one_arrow() -> None:
    arrows = {(move.source, move.target) for move in MOVES}
    assert [stage.value for stage in WAY] == [
        "draft",
        "evaluation",
        "review",
        "signoff",
        "rollout",
        "post_audit",
        "closed",
    ]
    assert set(pairwise(WAY)) <= arrows


def test_withdrawing_is_possible_until_the_rollout_starts_and_rejecting_only_where_people_decide() -> None:
    sources = {name: {m.source for m in MOVES if m.name == name} for name in ("withdraw", "reject", "roll_back")}
    assert sources == {
        "withdraw": {Stage.DRAFT, Stage.EVALUATION, Stage.REVIEW, Stage.SIGNOFF, Stage.ROLLOUT},
        "reject": {Stage.REVIEW, Stage.SIGNOFF},
        "roll_back": {Stage.ROLLOUT, Stage.POST_AUDIT, Stage.CLOSED},
    }
    targets = {name: {m.target for m in MOVES if m.name == name} for name in sources}
    assert targets == {"withdraw": {Stage.WITHDRAWN}, "reject": {Stage.REJECTED}, "roll_back": {Stage.ROLLED_BACK}}


def test_asking_for_changes_leads_to_a_draft_from_which_only_an_evaluation_follows() -> None:
    assert {move.target for move in MOVES if move.name == "ask_for_changes"} == {Stage.DRAFT}
    assert {move.target for move in moves_from(Stage.DRAFT)} == {Stage.EVALUATION, Stage.WITHDRAWN}
