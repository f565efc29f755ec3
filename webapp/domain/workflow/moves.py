"""The table of moves: one frozen row per arrow. Buttons, API answers, permission checks, documents and tests read it.

What must not live here: what a move does beside changing the stage (the services), and how it is stored.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from webapp.domain.workflow import guards as g
from webapp.domain.workflow.evidence import (
    Approval,
    ClassConfirmed,
    ClassRaised,
    Conclusion,
    Decision,
    Evidence,
    ExceptionRequest,
    Hold,
    Narrowing,
    Reason,
    Rewording,
    Watched,
)
from webapp.domain.workflow.stages import Role, Stage

AUTHOR = frozenset({Role.AUTHOR})
INFORMATICIST = frozenset({Role.INFORMATICIST})
PHYSICIAN = frozenset({Role.PHYSICIAN})
CLINICIAN = INFORMATICIST | PHYSICIAN
BY_POLICY: frozenset[Role] = frozenset()
APPROVALS = ("approve", "approve_for_rollout")
"""The moves with which a reviewer approves."""


@dataclass(frozen=True)
class Move:
    """One arrow. Empty ``roles`` mean that only the system takes it, by policy.

    ``meaning`` is the meaning of the signature (21 CFR 11.50(a)(3)); a move without one is not signed.
    """

    name: str
    source: Stage
    target: Stage
    roles: frozenset[Role]
    label: str
    guards: tuple[g.Guard, ...] = ()
    evidence: type[Evidence] = Evidence
    meaning: str | None = None

    @property
    def is_by_policy(self) -> bool:
        """Is this a move that only the system takes?"""
        return not self.roles

    @property
    def is_sealed_at_once(self) -> bool:
        """Does the notary seal it before anything is answered? Signatures, releases and the rollout; the rest within a minute."""
        is_served = {Stage.ROLLOUT, Stage.POST_AUDIT, Stage.CLOSED} & {self.source, self.target}
        return self.meaning is not None or bool(is_served)


AUTHOR_GUARDS = (g.is_a_contributor,)
AUTHOR_IN_PERSON_GUARDS = (g.acts_in_a_session, g.is_a_contributor)  # tokens take submit, revise and withdraw only
DECIDER_GUARDS = (g.acts_in_a_session, g.not_a_contributor)
REVIEW_GUARDS = (
    *DECIDER_GUARDS,
    g.run_is_complete,
    g.baseline_is_current,
    g.no_urgent_policy_is_newer,
    g.contributors_are_mapped,
    g.class_is_confirmed,
    g.every_shortfall_is_excepted,
    g.findings_are_decided,
    g.no_critical_finding_is_confirmed,
    g.worst_cases_are_opened,
    g.checklist_is_complete,
    g.no_must_fix_is_open,
)
SIGN_GUARDS = (
    *DECIDER_GUARDS,
    g.review_is_approved,
    g.class_is_not_overtaken,
    g.not_the_reviewer,
    g.credentials_are_confirmed,
    g.second_factor_is_enrolled,
    g.has_not_signed,
    g.run_is_complete,
    g.baseline_is_current,
    g.no_urgent_policy_is_newer,
    g.every_shortfall_is_excepted,
    g.no_critical_finding_is_confirmed,
    g.worst_cases_are_opened,
    g.no_must_fix_is_open,
)
SIGNER_GUARDS = (g.no_factor_reset_waits,)  # of every signed move, whatever else it asks for
STEP_GUARDS = (
    *DECIDER_GUARDS,
    g.rollout_is_running,
    g.waiting_time_is_over,
    g.enough_units_were_seen,
    g.safety_limits_hold,
)

S = Stage
_REBASE_GUARDS = (*AUTHOR_IN_PERSON_GUARDS, g.baseline_has_moved, g.no_run_is_going_on)

_ROWS: tuple[Move, ...] = (
    Move("submit", S.DRAFT, S.EVALUATION, AUTHOR, "Submit for evaluation", (*AUTHOR_GUARDS, g.purpose_is_written)),
    Move("revise", S.DRAFT, S.EVALUATION, AUTHOR, "Submit a new revision", AUTHOR_GUARDS),
    Move("withdraw", S.DRAFT, S.WITHDRAWN, AUTHOR, "Withdraw", AUTHOR_GUARDS, Reason),
    Move("revise", S.EVALUATION, S.EVALUATION, AUTHOR, "Submit a new revision", AUTHOR_GUARDS),
    Move(
        "run_again",
        S.EVALUATION,
        S.EVALUATION,
        AUTHOR,
        "Run again",
        (*AUTHOR_IN_PERSON_GUARDS, g.no_run_is_going_on),
    ),
    Move("rebase", S.EVALUATION, S.EVALUATION, AUTHOR, "Rebase on what is live now", _REBASE_GUARDS),
    Move(
        "ask_exception",
        S.EVALUATION,
        S.REVIEW,
        AUTHOR,
        "Ask for an exception",
        (
            *AUTHOR_IN_PERSON_GUARDS,
            g.purpose_is_written,
            g.run_is_complete,
            g.some_measure_does_not_hold,
            g.every_fallback_holds,
            g.baseline_is_current,
            g.no_urgent_policy_is_newer,
            g.contributors_are_mapped,
            g.no_critical_finding_is_confirmed,
        ),
        ExceptionRequest,
    ),
    Move("withdraw", S.EVALUATION, S.WITHDRAWN, AUTHOR, "Withdraw", AUTHOR_GUARDS, Reason),
    Move(
        "evaluated",
        S.EVALUATION,
        S.REVIEW,
        BY_POLICY,
        "Evaluation holds",
        (
            g.purpose_is_written,
            g.run_is_complete,
            g.every_measure_holds,
            g.every_fallback_holds,
            g.baseline_is_current,
            g.no_urgent_policy_is_newer,
            g.contributors_are_mapped,
        ),
    ),
    Move(
        "release_by_policy",
        S.EVALUATION,
        S.ROLLOUT,
        BY_POLICY,
        "Released by policy",
        (
            g.class_is_administrative,
            g.class_is_confirmed,
            g.policy_lets_it_pass,
            g.not_the_first_change,
            g.only_the_text_changed,
            g.run_is_complete,
            g.every_measure_holds,
            g.every_fallback_holds,
            g.baseline_is_current,
            g.no_urgent_policy_is_newer,
            g.contributors_are_mapped,
            g.findings_are_decided,
            g.no_critical_finding_is_confirmed,
        ),
    ),
    Move(
        "policy_changed",
        S.EVALUATION,
        S.EVALUATION,
        BY_POLICY,
        "Evaluated again under an urgent policy",
        (g.urgent_policy_is_newer,),
    ),
    Move(
        "confirm_class",
        S.REVIEW,
        S.REVIEW,
        INFORMATICIST,
        "Confirm the risk class",
        DECIDER_GUARDS,
        ClassConfirmed,
        "confirmation of the risk class",
    ),
    Move(
        "raise_class",
        S.REVIEW,
        S.EVALUATION,
        INFORMATICIST,
        "Raise the risk class",
        DECIDER_GUARDS,
        ClassRaised,
        "raising of the risk class",
    ),
    Move("reword", S.REVIEW, S.REVIEW, INFORMATICIST, "Rewrite what changes", DECIDER_GUARDS, Rewording),
    Move(
        "approve",
        S.REVIEW,
        S.SIGNOFF,
        INFORMATICIST,
        "Approve and pass to a physician",
        (g.class_needs_a_physician, *REVIEW_GUARDS),
        Approval,
        "review",
    ),
    Move(
        "approve_for_rollout",
        S.REVIEW,
        S.ROLLOUT,
        INFORMATICIST,
        "Approve for rollout",
        (g.class_is_administrative, *REVIEW_GUARDS),
        Approval,
        "review and approval",
    ),
    Move("ask_for_changes", S.REVIEW, S.DRAFT, INFORMATICIST, "Ask for changes", DECIDER_GUARDS, Reason),
    Move("reject", S.REVIEW, S.REJECTED, INFORMATICIST, "Reject", DECIDER_GUARDS, Reason, "rejection"),
    Move("rebase", S.REVIEW, S.EVALUATION, AUTHOR, "Rebase on what is live now", _REBASE_GUARDS),
    Move(
        "policy_changed",
        S.REVIEW,
        S.EVALUATION,
        BY_POLICY,
        "Evaluated again under an urgent policy",
        (g.urgent_policy_is_newer,),
    ),
    Move("withdraw", S.REVIEW, S.WITHDRAWN, AUTHOR, "Withdraw", AUTHOR_GUARDS, Reason),
    Move(
        "sign",
        S.SIGNOFF,
        S.SIGNOFF,
        PHYSICIAN,
        "Sign",
        (g.another_physician_is_needed, *SIGN_GUARDS),
        Decision,
        "approval",
    ),
    Move(
        "sign",
        S.SIGNOFF,
        S.ROLLOUT,
        PHYSICIAN,
        "Sign",
        (g.class_needs_a_physician, g.no_further_physician_is_needed, *SIGN_GUARDS),
        Decision,
        "approval",
    ),
    Move(
        "lapse",
        S.SIGNOFF,
        S.SIGNOFF,
        BY_POLICY,
        "First signature lapsed",
        (g.a_physician_has_signed, g.signature_has_lapsed),
    ),
    Move(
        "raise_class",
        S.SIGNOFF,
        S.EVALUATION,
        CLINICIAN,
        "Raise the risk class",
        DECIDER_GUARDS,
        ClassRaised,
        "raising of the risk class",
    ),
    Move("ask_for_changes", S.SIGNOFF, S.DRAFT, PHYSICIAN, "Ask for changes", DECIDER_GUARDS, Reason),
    Move(
        "reject",
        S.SIGNOFF,
        S.REJECTED,
        PHYSICIAN,
        "Decline",
        (*DECIDER_GUARDS, g.not_the_reviewer),
        Reason,
        "rejection",
    ),
    Move("rebase", S.SIGNOFF, S.EVALUATION, AUTHOR, "Rebase on what is live now", _REBASE_GUARDS),
    Move(
        "policy_changed",
        S.SIGNOFF,
        S.EVALUATION,
        BY_POLICY,
        "Evaluated again under an urgent policy",
        (g.urgent_policy_is_newer,),
    ),
    Move("withdraw", S.SIGNOFF, S.WITHDRAWN, AUTHOR, "Withdraw", AUTHOR_GUARDS, Reason),
    Move(
        "start",
        S.ROLLOUT,
        S.ROLLOUT,
        AUTHOR,
        "Start the rollout",
        (
            *AUTHOR_IN_PERSON_GUARDS,
            g.rollout_has_not_started,
            g.signatures_are_complete,
            g.class_is_not_overtaken,
            g.signature_is_fresh,
            g.baseline_is_current,
            g.no_urgent_policy_is_newer,
            g.no_other_rollout_runs,
            g.no_critical_finding_is_confirmed,
            g.every_shortfall_is_excepted,
        ),
    ),
    Move(
        "lapse",
        S.ROLLOUT,
        S.SIGNOFF,
        BY_POLICY,
        "Signature lapsed",
        (g.class_needs_a_physician, g.rollout_has_not_started, g.signature_has_lapsed),
    ),
    Move(
        "lapse",
        S.ROLLOUT,
        S.REVIEW,
        BY_POLICY,
        "Approval lapsed",
        (g.class_is_administrative, g.rollout_has_not_started, g.signature_has_lapsed),
    ),
    Move(
        "rebase",
        S.ROLLOUT,
        S.EVALUATION,
        AUTHOR,
        "Rebase on what is live now",
        (*_REBASE_GUARDS, g.rollout_has_not_started),
    ),
    Move(
        "policy_changed",
        S.ROLLOUT,
        S.EVALUATION,
        BY_POLICY,
        "Evaluated again under an urgent policy",
        (
            g.urgent_policy_is_newer,
            g.rollout_has_not_started,
        ),
    ),
    Move("withdraw", S.ROLLOUT, S.WITHDRAWN, AUTHOR, "Withdraw", (*AUTHOR_GUARDS, g.rollout_has_not_started), Reason),
    Move(
        "advance",
        S.ROLLOUT,
        S.ROLLOUT,
        INFORMATICIST,
        "Advance to the next step",
        (*STEP_GUARDS, g.another_step_remains),
        Reason,
        "advance of the rollout",
    ),
    Move(
        "advance",
        S.ROLLOUT,
        S.ROLLOUT,
        BY_POLICY,
        "Advanced by the plan",
        (
            g.class_is_administrative,
            g.the_plan_advances_by_itself,
            g.rollout_is_running,
            g.waiting_time_is_over,
            g.enough_units_were_seen,
            g.safety_limits_hold,
            g.another_step_remains,
        ),
        Watched,
    ),
    Move(
        "complete",
        S.ROLLOUT,
        S.POST_AUDIT,
        INFORMATICIST,
        "Complete the rollout",
        (*STEP_GUARDS, g.last_step_is_reached),
        Reason,
        "completion of the rollout",
    ),
    Move("pause", S.ROLLOUT, S.ROLLOUT, BY_POLICY, "Paused by a safety limit", (g.rollout_is_running,), Watched),
    Move(
        "hold",
        S.ROLLOUT,
        S.ROLLOUT,
        CLINICIAN,
        "Hold",
        (g.acts_in_a_session, g.rollout_is_running),
        Hold,
        "hold of the rollout",
    ),
    Move(
        "narrow",
        S.ROLLOUT,
        S.ROLLOUT,
        CLINICIAN,
        "Slow the plan down or narrow it",
        (g.acts_in_a_session, g.rollout_has_started),
        Narrowing,
        "narrowing of the rollout plan",
    ),
    Move(
        "resume",
        S.ROLLOUT,
        S.ROLLOUT,
        INFORMATICIST,
        "Resume",
        (*DECIDER_GUARDS, g.rollout_is_stopped),
        Reason,
        "resumption of the rollout",
    ),
    Move(
        "roll_back",
        S.ROLLOUT,
        S.ROLLED_BACK,
        CLINICIAN,
        "Roll back",
        (g.acts_in_a_session, g.rollout_has_started),
        Reason,
        "roll back",
    ),
    Move(
        "roll_back",
        S.ROLLOUT,
        S.ROLLED_BACK,
        BY_POLICY,
        "Rolled back by a safety limit",
        (g.rollout_has_started,),
        Watched,
    ),
    Move(
        "roll_back",
        S.POST_AUDIT,
        S.ROLLED_BACK,
        CLINICIAN,
        "Roll back",
        (g.acts_in_a_session, g.is_live_or_held_back),
        Reason,
        "roll back",
    ),
    Move("pause", S.POST_AUDIT, S.POST_AUDIT, BY_POLICY, "Held back by a safety limit", (g.is_what_is_live,), Watched),
    Move(
        "resume",
        S.POST_AUDIT,
        S.POST_AUDIT,
        INFORMATICIST,
        "Make live again",
        (*DECIDER_GUARDS, g.rollout_is_stopped),
        Reason,
        "resumption of the release",
    ),
    Move(
        "roll_back",
        S.POST_AUDIT,
        S.ROLLED_BACK,
        BY_POLICY,
        "Rolled back by a safety limit",
        (g.is_what_is_live,),
        Watched,
    ),
    Move(
        "conclude",
        S.POST_AUDIT,
        S.CLOSED,
        CLINICIAN,
        "Conclude the follow-up audit",
        (*DECIDER_GUARDS, g.sample_is_graded, g.no_disagreement_is_open),
        Conclusion,
        "conclusion of the follow-up audit",
    ),
    Move(
        "roll_back",
        S.CLOSED,
        S.ROLLED_BACK,
        CLINICIAN,
        "Roll back",
        (g.acts_in_a_session, g.is_live_or_held_back),
        Reason,
        "roll back",
    ),
    Move("pause", S.CLOSED, S.CLOSED, BY_POLICY, "Held back by a safety limit", (g.is_what_is_live,), Watched),
    Move(
        "resume",
        S.CLOSED,
        S.CLOSED,
        INFORMATICIST,
        "Make live again",
        (*DECIDER_GUARDS, g.rollout_is_stopped),
        Reason,
        "resumption of the release",
    ),
    Move(
        "roll_back", S.CLOSED, S.ROLLED_BACK, BY_POLICY, "Rolled back by a safety limit", (g.is_what_is_live,), Watched
    ),
)

MOVES: tuple[Move, ...] = tuple(
    replace(move, guards=(*move.guards, *SIGNER_GUARDS)) if move.meaning else move for move in _ROWS
)


def moves_from(stage: Stage) -> tuple[Move, ...]:
    """The rows that leave ``stage``, in the order of the table."""
    return tuple(move for move in MOVES if move.source is stage)


def find_move(name: str, stage: Stage, *, by_policy: bool = False) -> tuple[Move, ...]:
    """The rows called ``name`` that leave ``stage``; several where the class decides the target."""
    return tuple(move for move in moves_from(stage) if move.name == name and move.is_by_policy is by_policy)
