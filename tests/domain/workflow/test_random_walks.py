"""Whatever people try in whatever order, nothing is rolled out without the people it needs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.domain.workflow.situations import COMPLETE, SHORT, SYSTEM
from tests.domain.workflow.toy_change import PASSKEYS, PEOPLE, Decisions, ToyChange
from webapp.domain.workflow import ENDED, MOVES, Actor, RiskClass, Role, Stage
from webapp.domain.workflow.situation import RunFacts

NAMES = sorted({move.name for move in MOVES})
ONWARD = [
    *("submit", "evaluated", "release_by_policy", "ask_exception", "confirm_class", "approve", "approve_for_rollout"),
    *("sign", "start", "advance", "resume", "complete", "conclude"),
]
BY_NAME = {actor.id: actor for actor in PEOPLE if actor.via in ("session", "system")}
RESULTS = [*[COMPLETE] * 8, SHORT, SHORT, RunFacts("incomplete"), RunFacts("failed"), RunFacts("complete", holds=False)]
HURDLES = ["findings_undecided", "findings_confirmed", "worst_cases_unopened", "must_fix_open"]
CLINICIANS = st.sampled_from(["kim", "kai", "osei", "lund", "max"])
LATE_CONTRIBUTORS = st.sampled_from([frozenset()] * 15 + [frozenset({who}) for who in ("kim", "osei", "lund")])
BEGINNINGS: list[dict[str, Any]] = [
    {"risk_class": RiskClass.CLINICAL, "is_first_change": True},
    {"risk_class": RiskClass.CLINICAL},
    {"risk_class": RiskClass.HIGH_RISK},
    {"risk_class": RiskClass.ADMINISTRATIVE},
    {"risk_class": RiskClass.ADMINISTRATIVE, "is_first_change": True},
    {"risk_class": RiskClass.ADMINISTRATIVE, "more_than_text_changed": True},
    {"risk_class": RiskClass.ADMINISTRATIVE, "policy_lets_pass": False},
]
SERVED = {Stage.POST_AUDIT, Stage.CLOSED, Stage.ROLLED_BACK}


def holds_up(decisions: Decisions) -> bool:
    """Do these people suffice by the product's rules? Written without the guards."""
    if decisions.by_policy:
        return decisions.risk_class is RiskClass.ADMINISTRATIVE and not decisions.first_or_more_than_text
    if decisions.reviewer is None or decisions.reviewer in decisions.contributors:
        return False
    if decisions.risk_class is RiskClass.ADMINISTRATIVE:
        return True
    others = set(decisions.signers) - decisions.contributors - {decisions.reviewer}
    return len(others) >= (2 if decisions.risk_class is RiskClass.HIGH_RISK else 1)


class Walk(RuleBasedStateMachine):
    """People take moves in any order while facts change under them."""

    @initialize(beginning=st.sampled_from(BEGINNINGS), confirmed=st.booleans(), data=st.data())
    def open_a_change(self, beginning: dict[str, Any], confirmed: bool, data: st.DataObject) -> None:
        self.change = ToyChange(**beginning, class_confirmed=confirmed)
        self.change.contributors |= data.draw(st.frozensets(CLINICIANS, max_size=2))
        self.things_go_on_for_a_while(data, data.draw(st.integers(0, 12)))

    @rule(actor=st.sampled_from(PEOPLE), name=st.sampled_from(NAMES))
    def somebody_tries_a_move(self, actor: Actor, name: str) -> None:
        self.change.take(actor, name)

    @precondition(lambda self: self.change.stage not in ENDED)
    @rule(data=st.data(), steps=st.integers(1, 6))
    def things_go_on(self, data: st.DataObject, steps: int) -> None:
        self.things_go_on_for_a_while(data, steps)

    def things_go_on_for_a_while(self, data: st.DataObject, steps: int) -> None:
        for _ in range(steps):
            self.change.finish_run(data.draw(st.sampled_from(RESULTS)))
            self.change.wait(timedelta(hours=3))
            self.change.contributors |= data.draw(LATE_CONTRIBUTORS)
            pairs = [(actor, name) for actor in PEOPLE for name in ONWARD if self.change.row_for(actor, name)]
            if not pairs:
                return
            assert self.change.take(*data.draw(st.sampled_from(pairs)))
            self.nothing_enters_rollout_without_its_people()
            self.nothing_starts_without_its_people()

    @rule(data=st.data())
    def somebody_takes_an_open_move(self, data: st.DataObject) -> None:
        pairs = [(actor, name) for actor in PEOPLE for name in NAMES if self.change.row_for(actor, name)]
        if pairs:
            assert self.change.take(*data.draw(st.sampled_from(pairs)))

    @rule(result=st.sampled_from(RESULTS))
    def the_run_ends(self, result: RunFacts) -> None:
        self.change.finish_run(result)

    @rule(days=st.sampled_from([1, 1, 1, 31]))
    def days_pass(self, days: int) -> None:
        self.change.wait(timedelta(days=days))

    @rule(who=CLINICIANS)
    def somebody_turns_out_to_have_contributed(self, who: str) -> None:
        self.change.contributors |= {who}

    @rule()
    def another_release_goes_live(self) -> None:
        if self.change.rollout.state == "none":
            self.change.baseline_is_current = False

    @rule()
    def an_urgent_policy_comes_into_force(self) -> None:
        self.change.urgent_policy_is_newer = True

    @rule(name=st.sampled_from(HURDLES), count=st.integers(0, 2))
    def a_hurdle_comes_or_goes(self, name: str, count: int) -> None:
        self.change.hurdles[name] = count

    @invariant()
    def nothing_enters_rollout_without_its_people(self) -> None:
        if self.change.stage is Stage.ROLLOUT:
            assert self.change.entered is not None
            assert holds_up(self.change.entered), self.change.history

    @invariant()
    def nothing_starts_without_its_people(self) -> None:
        if self.change.started is not None:
            assert holds_up(self.change.started), self.change.history

    @invariant()
    def a_high_risk_change_is_signed_with_passkeys_and_each_person_signs_once(self) -> None:
        assert len(set(self.change.signers)) == len(self.change.signers)
        if self.change.risk_class is RiskClass.HIGH_RISK:
            assert set(self.change.signers) <= PASSKEYS, self.change.history

    @invariant()
    def what_was_served_was_started_first(self) -> None:
        if self.change.stage in SERVED:
            assert self.change.started is not None, self.change.history
        if self.change.stage in (Stage.POST_AUDIT, Stage.CLOSED):
            assert self.change.rollout.is_last_step

    @invariant()
    def what_ended_early_was_never_started(self) -> None:
        if self.change.stage in (Stage.WITHDRAWN, Stage.REJECTED):
            assert self.change.started is None, self.change.history

    @invariant()
    def an_earlier_stage_carries_no_decisions(self) -> None:
        if self.change.stage in (Stage.DRAFT, Stage.EVALUATION):
            assert (self.change.reviewer, self.change.signers) == (None, ())


Walk.TestCase.settings = settings(max_examples=300, stateful_step_count=30, deadline=None)
TestWalk = Walk.TestCase


def _walk(change: ToyChange, *steps: str) -> ToyChange:
    """Each step is ``person move``; every one must be open, the run ends well and the waiting times pass by themselves."""
    for step in steps:
        who, name = step.split()
        change.finish_run()
        change.wait(timedelta(hours=3))
        assert change.take(BY_NAME[who], name), f"{step} is closed in {change.stage} after {change.history}"
    return change


TO_SIGNOFF = ("ann submit", "system evaluated", "kim confirm_class", "kim approve")
ROLLED_OUT = ("ann start", "kim advance", "kai advance", "kim complete", "osei conclude")


def test_a_clinical_change_walks_the_whole_way() -> None:
    change = _walk(ToyChange(RiskClass.CLINICAL, is_first_change=True), *TO_SIGNOFF, "osei sign", *ROLLED_OUT)
    assert change.stage is Stage.CLOSED
    assert change.started is not None and (change.started.reviewer, change.started.signers) == ("kim", ("osei",))


def test_an_administrative_change_goes_from_review_to_rollout() -> None:
    to_rollout = (*TO_SIGNOFF[:3], "kim approve_for_rollout")
    assert _walk(ToyChange(RiskClass.ADMINISTRATIVE), *to_rollout, *ROLLED_OUT).stage is Stage.CLOSED


def test_a_known_administrative_prompt_may_be_released_by_policy() -> None:
    change = ToyChange(RiskClass.ADMINISTRATIVE, class_confirmed=True)
    assert _walk(change, "ann submit", "system release_by_policy", *ROLLED_OUT).stage is Stage.CLOSED


def test_a_high_risk_change_is_signed_by_two_physicians_with_passkeys() -> None:
    change = _walk(ToyChange(RiskClass.HIGH_RISK), *TO_SIGNOFF, "osei sign")
    assert (change.stage, change.entered) == (Stage.SIGNOFF, None)
    assert change.row_for(BY_NAME["osei"], "sign") is None, "nobody signs for two"
    assert change.row_for(BY_NAME["kai"], "sign") is None, "kai has no passkey"
    change = _walk(change, "lund sign", *ROLLED_OUT)
    assert change.started is not None and change.started.signers == ("osei", "lund")


def test_the_first_of_two_signatures_lapses_while_the_second_is_missing() -> None:
    change = _walk(ToyChange(RiskClass.HIGH_RISK), *TO_SIGNOFF)
    change.wait(timedelta(days=31))
    assert not change.take(SYSTEM, "lapse"), "nobody has signed yet"
    change = _walk(change, "osei sign")
    assert not change.take(SYSTEM, "lapse")
    change.wait(timedelta(days=31))
    assert _walk(change, "system lapse").signers == ()
    assert _walk(change, "osei sign", "lund sign").stage is Stage.ROLLOUT


def test_changes_asked_for_after_the_first_signature_cost_it_too() -> None:
    change = _walk(ToyChange(RiskClass.HIGH_RISK), *TO_SIGNOFF, "osei sign", "lund ask_for_changes")
    assert (change.stage, change.signers) == (Stage.DRAFT, ())


def test_the_reviewer_who_is_also_a_physician_does_not_sign() -> None:
    change = _walk(ToyChange(RiskClass.CLINICAL), *TO_SIGNOFF[:3], "kai approve")
    assert change.row_for(BY_NAME["kai"], "sign") is None
    assert change.row_for(BY_NAME["new"], "sign") is None
    assert change.row_for(BY_NAME["lund"], "sign") is not None


def test_changes_asked_for_at_signoff_cost_every_decision() -> None:
    change = _walk(ToyChange(RiskClass.CLINICAL), *TO_SIGNOFF, "osei ask_for_changes", "ann revise")
    assert change.stage is Stage.EVALUATION
    assert change.reviewer is None and change.run.state == "queued"


def test_a_lapsed_signature_is_given_again_before_the_rollout_starts() -> None:
    change = _walk(ToyChange(RiskClass.CLINICAL), *TO_SIGNOFF, "osei sign")
    assert not change.take(SYSTEM, "lapse")
    change.wait(timedelta(days=30))
    assert not change.take(BY_NAME["ann"], "start")
    assert _walk(change, "system lapse", "lund sign", "ann start").rollout.state == "running"


def test_a_signer_who_turns_out_to_have_contributed_does_not_count() -> None:
    change = _walk(ToyChange(RiskClass.CLINICAL), *TO_SIGNOFF, "osei sign")
    change.contributors |= {"osei"}
    assert not change.take(BY_NAME["ann"], "start")


def test_a_running_rollout_is_held_resumed_and_rolled_back() -> None:
    change = _walk(ToyChange(RiskClass.CLINICAL), *TO_SIGNOFF, "osei sign", "ann start", "osei hold", "kim resume")
    change = _walk(change, "system pause", "lund resume", "system roll_back")
    assert change.stage is Stage.ROLLED_BACK


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.AUDITOR])
def test_administrators_and_auditors_move_nothing(role: Role) -> None:
    assert not any(role in move.roles for move in MOVES)
