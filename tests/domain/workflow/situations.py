"""Situations for the tests: one in which a given move is open, and for each guard the ways to break it alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from webapp.domain.workflow import Actor, Move, RiskClass, Role, Situation
from webapp.domain.workflow.evidence import (
    Approval,
    ClassConfirmed,
    ClassRaised,
    Conclusion,
    Decision,
    Evidence,
    ExceptionAsked,
    ExceptionRequest,
    Hold,
    Narrowing,
    Reason,
    Rewording,
    Watched,
)
from webapp.domain.workflow.situation import AuditFacts, RolloutFacts, RunFacts

NOW = datetime(2026, 3, 10, 9, 30, tzinfo=UTC)
COMPLETE = RunFacts(state="complete", holds=True)
SHORT = RunFacts(state="complete", holds=False, short_measures=("accuracy",))
ROLLOUT = RolloutFacts(
    state="running",
    step_index=0,
    steps=3,
    step_entered_at=NOW - timedelta(hours=2),
    bake_seconds=7200,
    min_units=300,
    units_seen=300,
    guardrails=(("errors", "pass"), ("harm_reports", "pass")),
)
SYSTEM = Actor(id="system", name="Prompt Formulary", via="system")

# What a row's guards ask for where they ask for the opposite of the ordinary: guard -> the facts it needs.
UNUSUAL: dict[str, dict[str, Any]] = {
    "class_is_administrative": {"risk_class": RiskClass.ADMINISTRATIVE},
    "some_measure_does_not_hold": {"run": SHORT},
    "baseline_has_moved": {"baseline_is_current": False},
    "urgent_policy_is_newer": {"urgent_policy_is_newer": True},
    "another_physician_is_needed": {
        "risk_class": RiskClass.HIGH_RISK,
        "signer_ids": (),
        "signoff_level": "L2",
        "level_within_reach": "L2",
    },
    "signature_has_lapsed": {"signed_at": NOW - timedelta(days=30)},
    "rollout_has_not_started": {"rollout": RolloutFacts()},
    "rollout_is_stopped": {"rollout": replace(ROLLOUT, state="held")},
    "the_plan_advances_by_itself": {"rollout": replace(ROLLOUT, advances_by_itself=True)},
    "last_step_is_reached": {"rollout": replace(ROLLOUT, step_index=2)},
}

FITTING: dict[type[Evidence], Evidence] = {
    Evidence: Evidence(),
    Reason: Reason("The wording of the allergy section is unclear."),
    Watched: Watched("Safety limit failed: errors.", rule="limit", limits=({"limit": "errors"},)),
    Hold: Hold("Two nurses reported empty answers.", mode="live"),
    Narrowing: Narrowing("Few nurses are on duty.", steps=({"kind": "direct"},)),
    ExceptionRequest: ExceptionRequest(
        (ExceptionAsked("accuracy", "Two cases are labelled wrongly.", date(2026, 5, 1)),)
    ),
    Rewording: Rewording("Discharge summaries now name the pending results."),
    ClassConfirmed: ClassConfirmed(RiskClass.CLINICAL),
    ClassRaised: ClassRaised(RiskClass.HIGH_RISK),
    Decision: Decision("Read and understood."),
    Approval: Approval("I read all forty cases; the two new omissions are harmless.", changes_confirmed=True),
    Conclusion: Conclusion("Fifty answers, none harmful.", next_review_on=date(2026, 9, 1)),
}


def person(role: Role, person_id: str = "kim", via: str = "session") -> Actor:
    """A person who holds one role, with confirmed credentials."""
    return Actor(person_id, person_id.title(), frozenset({role}), via=via, credentials_confirmed=True)


def ready(move: Move, role: Role | None = None) -> Situation:
    """A situation in which every guard of ``move`` holds for somebody with ``role`` (else the first that may)."""
    names = {guard.__name__ for guard in move.guards}
    chosen = role or next((each for each in Role if each in move.roles), None)
    actor = SYSTEM if chosen is None else person(chosen, "ann" if "is_a_contributor" in names else "kim")
    ordinary = Situation(
        actor=actor,
        now=NOW,
        stage=move.source,
        risk_class=RiskClass.CLINICAL,
        class_is_confirmed=True,
        is_first_change=False,
        contributors=frozenset({"ann", "bo"}),
        reviewer_id="rae",
        signer_ids=("osei",),
        signed_at=NOW - timedelta(days=3),
        run=COMPLETE,
        policy_lets_pass_unreviewed=True,
        model_or_variables_changed=False,
        is_live=True,
        rollout=ROLLOUT,
        audit=AuditFacts(sampled=50),
    )
    for name in sorted(names & UNUSUAL.keys()):
        ordinary = replace(ordinary, **UNUSUAL[name])
    return ordinary


def fitting(move: Move) -> Evidence:
    """Evidence that carries ``move`` in its ready situation."""
    return FITTING[move.evidence]


Change = Callable[[Situation], Situation]


def _facts(**facts: Any) -> Change:
    return lambda s: replace(s, **facts)


def _actor(**facts: Any) -> Change:
    return lambda s: replace(s, actor=replace(s.actor, **facts))


def _run(**facts: Any) -> Change:
    return lambda s: replace(s, run=replace(s.run, **facts))


def _rollout(**facts: Any) -> Change:
    return lambda s: replace(s, rollout=replace(s.rollout, **facts))


def _audit(**facts: Any) -> Change:
    return lambda s: replace(s, audit=replace(s.audit, **facts))


def _contributes(*people: str) -> Change:
    return lambda s: replace(s, contributors=s.contributors | set(people))


# guard -> (code of its refusal, the ways to break it and nothing else)
BREAKS: dict[str, tuple[str, tuple[Change, ...]]] = {
    "is_a_contributor": ("not_a_contributor", (_actor(id="eve"),)),
    "not_a_contributor": ("contributor", (lambda s: _contributes(s.actor.id)(s),)),
    "review_is_approved": ("not_reviewed", (_facts(reviewer_id=None), _contributes("rae"))),
    "not_the_reviewer": ("reviewer", (lambda s: replace(s, reviewer_id=s.actor.id),)),
    "acts_in_a_session": ("needs_session", tuple(_actor(via=via) for via in ("token", "console", "job", ""))),
    "credentials_are_confirmed": ("credentials", (_actor(credentials_confirmed=False),)),
    "purpose_is_written": ("purpose", (_facts(purpose_is_written=False),)),
    "no_run_is_going_on": ("run_going_on", (_run(state="queued"), _run(state="running"))),
    "run_is_complete": (
        "run_incomplete",
        tuple(
            _run(state=state)
            for state in ("none", "queued", "running", "incomplete", "stopped", "failed", "cancelled", "")
        ),
    ),
    "every_measure_holds": ("not_passed", (_run(holds=False), _run(holds=False, short_measures=("accuracy",)))),
    "every_fallback_holds": ("fallback", (_facts(fallbacks_short=("gpt-4o",)),)),
    "some_measure_does_not_hold": ("nothing_to_except", (_run(holds=True),)),
    "every_shortfall_is_excepted": (
        "not_passed",
        (
            _run(holds=False),
            _run(holds=False, short_measures=("accuracy",)),
            _facts(run=SHORT, exceptions_asked=("cost",)),
            _facts(run=SHORT, exceptions_asked=("accuracy",), exceptions_expired=("accuracy",)),
            _facts(run=replace(SHORT, short_measures=("accuracy", "cost")), exceptions_asked=("cost",)),
        ),
    ),
    "contributors_are_mapped": ("unmapped_contributors", (_facts(unmapped_contributors=("J. Doe",)),)),
    "class_is_not_overtaken": ("class_overtaken", (_facts(class_is_overtaken=True),)),
    "class_is_confirmed": ("class_unconfirmed", (_facts(class_is_confirmed=False),)),
    "class_is_administrative": (
        "needs_physician",
        (_facts(risk_class=RiskClass.CLINICAL), _facts(risk_class=RiskClass.HIGH_RISK)),
    ),
    "class_needs_a_physician": ("no_physician_needed", (_facts(risk_class=RiskClass.ADMINISTRATIVE),)),
    "second_factor_is_enrolled": (
        "second_factor",
        (
            _facts(level_within_reach="L0"),
            _facts(signoff_level="L2", level_within_reach="L1"),
            _facts(signoff_level=""),
        ),
    ),
    "has_not_signed": ("signed_already", (lambda s: replace(s, signer_ids=(*s.signer_ids, s.actor.id)),)),
    "another_physician_is_needed": (
        "last_signature",
        (_facts(risk_class=RiskClass.CLINICAL), _facts(signer_ids=("osei",)), _facts(signer_ids=("rae", "osei"))),
    ),
    "no_further_physician_is_needed": (
        "first_signature",
        (
            _facts(risk_class=RiskClass.HIGH_RISK, signer_ids=()),
            _facts(risk_class=RiskClass.HIGH_RISK, signer_ids=("rae",)),
            lambda s: _contributes("osei")(replace(s, risk_class=RiskClass.HIGH_RISK)),
        ),
    ),
    "a_physician_has_signed": ("nobody_signed", (_facts(signer_ids=()),)),
    "no_factor_reset_waits": ("factor_reset", (_facts(factor_reset_waits=True),)),
    "policy_lets_it_pass": ("policy", (_facts(policy_lets_pass_unreviewed=False),)),
    "not_the_first_change": ("first_change", (_facts(is_first_change=True),)),
    "only_the_text_changed": ("model_changed", (_facts(model_or_variables_changed=True),)),
    "checklist_is_complete": ("checklist", (_facts(checklist_missing=("Read the worst cases",)),)),
    "worst_cases_are_opened": ("unopened_cases", (_facts(worst_cases_unopened=1),)),
    "no_must_fix_is_open": ("must_fix", (_facts(must_fix_open=1),)),
    "findings_are_decided": ("findings_undecided", (_facts(findings_undecided=1),)),
    "no_critical_finding_is_confirmed": (
        "finding_confirmed",
        (_facts(findings_confirmed=1), _facts(findings_confirmed=1, exceptions_asked=("accuracy",))),
    ),
    "baseline_is_current": ("baseline_moved", (_facts(baseline_is_current=False),)),
    "baseline_has_moved": ("baseline_current", (_facts(baseline_is_current=True),)),
    "no_urgent_policy_is_newer": ("urgent_policy", (_facts(urgent_policy_is_newer=True),)),
    "urgent_policy_is_newer": ("no_urgent_policy", (_facts(urgent_policy_is_newer=False),)),
    "signatures_are_complete": (
        "unsigned",
        (
            _facts(reviewer_id=None),
            _facts(signer_ids=()),
            _facts(reviewer_id=None, signer_ids=()),
            _facts(signer_ids=("rae",)),
            _contributes("rae"),
            _contributes("osei"),
            _facts(risk_class=RiskClass.HIGH_RISK),
            _facts(risk_class=RiskClass.HIGH_RISK, signer_ids=("osei", "osei")),
            _facts(risk_class=RiskClass.HIGH_RISK, signer_ids=("osei", "rae")),
        ),
    ),
    "signature_is_fresh": (
        "signature_lapsed",
        (
            _facts(signed_at=None),
            _facts(signed_at=NOW - timedelta(days=30)),
            _facts(signed_at=NOW - timedelta(days=7), lapse_days=7),
        ),
    ),
    "signature_has_lapsed": ("signature_fresh", (_facts(signed_at=NOW - timedelta(days=30) + timedelta(seconds=1)),)),
    "rollout_has_not_started": (
        "started",
        tuple(_rollout(state=state) for state in ("running", "paused", "held", "complete")),
    ),
    "rollout_is_running": (
        "not_running",
        tuple(_rollout(state=state) for state in ("none", "paused", "held", "complete", "")),
    ),
    "rollout_is_stopped": ("not_stopped", tuple(_rollout(state=state) for state in ("none", "running", "complete"))),
    "rollout_has_started": ("not_started", (_rollout(state="none"),)),
    "no_other_rollout_runs": ("other_rollout", (_facts(other_rollout_runs=True),)),
    "waiting_time_is_over": (
        "waiting_time",
        (_rollout(step_entered_at=NOW - timedelta(seconds=7199)), _rollout(bake_seconds=7201)),
    ),
    "enough_units_were_seen": (
        "too_few_units",
        (_rollout(units_seen=299), _rollout(units_seen=0)),
    ),
    "safety_limits_hold": (
        "safety_limits",
        tuple(
            _rollout(guardrails=(("errors", "pass"), ("harm_reports", verdict)))
            for verdict in ("fail", "insufficient", "unmeasured", "")
        ),
    ),
    "the_plan_advances_by_itself": ("by_person", (_rollout(advances_by_itself=False),)),
    "another_step_remains": ("last_step", (_rollout(step_index=2),)),
    "last_step_is_reached": ("steps_remain", (_rollout(step_index=0), _rollout(step_index=1))),
    "sample_is_graded": ("ungraded", (_audit(ungraded=1),)),
    "no_disagreement_is_open": ("disagreements", (_audit(open_disagreements=1),)),
    "is_what_is_live": ("superseded", (_facts(is_live=False),)),
    "is_live_or_held_back": ("not_served", (_facts(is_live=False),)),
}
