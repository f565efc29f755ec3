"""Reading the facts of one change as one actor meets it: what every guard, button and API answer is computed from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.acts.audit_facts import audit_facts
from webapp.acts.fallbacks import fallbacks_short
from webapp.acts.policies import is_sent_back, policy_of
from webapp.acts.resets import waiting_resets
from webapp.acts.results import open_result, short_measures, worst_case_ids
from webapp.acts.rollout_facts import rollout_facts
from webapp.acts.runs import MAIN
from webapp.acts.second_factors import level_within_reach
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import (
    CaseOpening,
    Change,
    ChecklistTick,
    Comment,
    Contributor,
    ExceptionRow,
    FindingRow,
    Prompt,
    Release,
    Revision,
    Rollout,
    Run,
    Signature,
    Version,
)
from webapp.domain.policy import ClassPolicy, Policy, level_needed
from webapp.domain.workflow import MOVES, Actor, RiskClass, Situation, Stage
from webapp.domain.workflow.situation import RunFacts
from webapp.errors import NotFound

APPROVALS = ("approve", "approve_for_rollout")
SIGNED_MOVES = tuple(sorted({move.name for move in MOVES if move.meaning}))


@dataclass(frozen=True)
class Case:
    """A change with the rows that almost every act needs."""

    change: Change
    prompt: Prompt
    revision: Revision | None
    run: Run | None
    policy: Policy | None

    @property
    def changes_text(self) -> str:
        """What changes for patients and clinicians: the author's words, or the reviewer's where they were rewritten."""
        return self.change.reworded_changes or (self.revision.changes if self.revision else "")

    @property
    def rules(self) -> ClassPolicy | None:
        """The policy's rules for the change's class."""
        return None if self.policy is None else self.policy.of(self.change.risk_class)


def load_change(session: Session, change_id: str, *, locked: bool = False) -> Case:
    """The change with its prompt, newest revision and newest run; NotFound when there is none."""
    change = session.get(Change, change_id, with_for_update=locked, populate_existing=locked)
    if change is None:
        raise NotFound("There is no such change; look for it in the list of changes.")
    revision = session.scalar(
        select(Revision).where(Revision.change_id == change_id, Revision.number == change.revision)
    )
    run = session.scalar(
        select(Run)
        .where(
            Run.change_id == change_id, Run.revision == change.revision, Run.state != "cancelled", Run.purpose == MAIN
        )
        .order_by(Run.number.desc())
        .limit(1)
    )
    policy = None if revision is None else policy_of(session, revision.policy_sha256)
    return Case(change, session.get_one(Prompt, change.prompt_id), revision, run, policy)


def read_situation(outside: Outside, session: Session, case: Case, actor: Actor) -> Situation:
    """The facts of this change for this actor, all from one transaction."""
    change, prompt = case.change, case.prompt
    reviewer, signers, signed_at = _signatures(session, change)
    exceptions = _exceptions(session, change)
    return Situation(
        actor=actor,
        now=outside.now(),
        stage=Stage(change.stage),
        risk_class=RiskClass(change.risk_class),
        class_is_confirmed=prompt.class_confirmed_at is not None and prompt.risk_class == change.risk_class,
        is_first_change=change.is_first_change,
        contributors=_contributors(session, change.id),
        unmapped_contributors=_unmapped(session, change.id),
        purpose_is_written=_is_purpose_written(case),
        reviewer_id=reviewer,
        signer_ids=signers,
        signed_at=signed_at,
        lapse_days=case.policy.signature_lapse_days if case.policy else 30,
        run=_run_facts(session, case),
        fallbacks_short=fallbacks_short(session, case.revision),
        exceptions_asked=tuple(row.measure for row in exceptions),
        exceptions_expired=tuple(row.measure for row in exceptions if row.ends_on < outside.now().date()),
        findings_undecided=_count_findings(session, case.run, None),
        findings_confirmed=_count_findings(session, case.run, "confirmed"),
        checklist_missing=_checklist_missing(session, case, actor),
        worst_cases_unopened=_unopened(session, case, actor),
        must_fix_open=_must_fix_open(session, change),
        policy_lets_pass_unreviewed=bool(case.rules and case.rules.passes_unreviewed),
        model_or_variables_changed=_model_or_variables_changed(session, case),
        baseline_is_current=prompt.live_release_id == change.baseline_release_id,
        urgent_policy_is_newer=_urgent_policy_is_newer(outside, session, case),
        is_live=_is_live(session, case),
        other_rollout_runs=_other_rollout_runs(session, case),
        rollout=rollout_facts(session, case.change.id),
        audit=audit_facts(session, case.change.id),
        signoff_level=level_needed(case.rules, "sign"),
        levels=tuple((name, level_needed(case.rules, name)) for name in SIGNED_MOVES),
        level_within_reach=level_within_reach(session, actor.id),
        factor_reset_waits=bool(waiting_resets(session, actor.id)),
    )


def _signatures(session: Session, change: Change) -> tuple[str | None, tuple[str, ...], datetime | None]:
    """Reviewer, signers and the time from which they lapse: only signatures over what the change is now, none voided.

    That time is the first physician's where one signed, else the reviewer's.
    """
    rows = session.scalars(
        select(Signature)
        .where(
            Signature.change_id == change.id,
            Signature.subject_sha256 == (change.manifest_sha256 or ""),
            Signature.voided_at.is_(None),
            Signature.move.in_((*APPROVALS, "sign")),
        )
        .order_by(Signature.signed_at)
    ).all()
    reviewer = next((row.signer_id for row in rows if row.move in APPROVALS), None)
    signed = [row for row in rows if row.move == "sign"]
    counted = signed[0] if signed else rows[-1] if rows else None
    at = counted.signed_at if counted else _policy_release_time(session, change)
    return reviewer, tuple(row.signer_id for row in signed), at


def signoffs_of(session: Session, change: Change) -> list[Signature]:
    """The physicians' signatures over what the change is now, none voided, in the order in which they were given."""
    query = select(Signature).where(
        Signature.change_id == change.id,
        Signature.subject_sha256 == change.digest,
        Signature.voided_at.is_(None),
        Signature.move == "sign",
    )
    return list(session.scalars(query.order_by(Signature.signed_at, Signature.id)))


def _policy_release_time(session: Session, change: Change) -> datetime | None:
    return session.scalar(
        select(Release.made_at).where(
            Release.change_id == change.id,
            Release.manifest_sha256 == (change.manifest_sha256 or ""),
            Release.released_by_policy,
        )
    )


def _exceptions(session: Session, change: Change) -> list[ExceptionRow]:
    query = select(ExceptionRow).where(ExceptionRow.change_id == change.id, ExceptionRow.revision == change.revision)
    return list(session.scalars(query.order_by(ExceptionRow.measure)))


def _contributors(session: Session, change_id: str) -> frozenset[str]:
    query = select(Contributor.person_id).where(Contributor.change_id == change_id, Contributor.person_id.is_not(None))
    return frozenset(filter(None, session.scalars(query)))


def _unmapped(session: Session, change_id: str) -> tuple[str, ...]:
    query = select(Contributor).where(
        Contributor.change_id == change_id, Contributor.person_id.is_(None), Contributor.is_external.is_(False)
    )
    return tuple(row.name or row.email for row in session.scalars(query.order_by(Contributor.email)))


def _is_purpose_written(case: Case) -> bool:
    revision = case.revision
    if revision is None:
        return False
    needed = [case.changes_text, revision.intended_use, revision.not_for]
    if case.change.risk_class != RiskClass.ADMINISTRATIVE:
        needed.append(revision.downtime_text)
    return all(text.strip() for text in needed)


def _run_facts(session: Session, case: Case) -> RunFacts:
    run = case.run
    if run is None:
        return RunFacts()
    short = short_measures(open_result(session, run)) if run.state == "complete" else ()
    return RunFacts(state=run.state, holds=run.state == "complete" and run.verdict == "pass", short_measures=short)


def _count_findings(session: Session, run: Run | None, decision: str | None) -> int:
    if run is None:
        return 0
    is_decision = FindingRow.decision.is_(None) if decision is None else FindingRow.decision == decision
    is_new = (FindingRow.candidate_count > 0) & (FindingRow.baseline_count == 0)  # live has the others already
    query = select(func.count()).select_from(FindingRow).where(FindingRow.run_id == run.id, is_decision, is_new)
    return session.scalar(query) or 0


def _checklist_missing(session: Session, case: Case, actor: Actor) -> tuple[str, ...]:
    if case.rules is None:
        return ()
    ticked = set(
        session.scalars(
            select(ChecklistTick.item).where(
                ChecklistTick.change_id == case.change.id,
                ChecklistTick.revision == case.change.revision,
                ChecklistTick.person_id == actor.id,
            )
        )
    )
    return tuple(item.text for item in case.rules.checklist if item.item not in ticked)


def _unopened(session: Session, case: Case, actor: Actor) -> int:
    if case.run is None or case.rules is None or case.run.state != "complete":
        return 0
    listed = set(worst_case_ids(open_result(session, case.run)))
    opened = session.scalars(
        select(CaseOpening.case_id).where(CaseOpening.run_id == case.run.id, CaseOpening.person_id == actor.id)
    )
    return len(listed - set(opened))


def _must_fix_open(session: Session, change: Change) -> int:
    query = select(func.count()).select_from(Comment)
    return session.scalar(
        query.where(Comment.change_id == change.id, Comment.kind == "must_fix", Comment.resolved_at.is_(None))
    ) or 0  # fmt: skip


def _model_or_variables_changed(session: Session, case: Case) -> bool:
    """Do model, parameters or template variables differ from the live release? True where nothing is live."""
    live = session.get(Release, case.prompt.live_release_id or "")
    if live is None or case.revision is None:
        return True
    before = session.scalars(
        select(Revision).join(Change, Change.id == Revision.change_id)
        .where(Revision.change_id == live.change_id, Revision.version_id == live.version_id)
        .order_by(Revision.number.desc())
    ).first()  # fmt: skip
    old, new = session.get_one(Version, live.version_id), session.get_one(Version, case.revision.version_id)
    same_fields = all(old.fields.get(name) == new.fields.get(name) for name in ("parameters", "placeholders"))
    return before is None or before.model != case.revision.model or not same_fields


def _urgent_policy_is_newer(outside: Outside, session: Session, case: Case) -> bool:
    return case.revision is not None and is_sent_back(outside, session, case.revision.policy_sha256)


def _is_live(session: Session, case: Case) -> bool:
    live = session.get(Release, case.prompt.live_release_id or "")
    return live is not None and live.change_id == case.change.id


def _other_rollout_runs(session: Session, case: Case) -> bool:
    query = select(func.count()).select_from(Rollout).where(
        Rollout.prompt_id == case.prompt.id,
        Rollout.change_id != case.change.id,
        Rollout.state.in_(("running", "paused", "held")),
    )  # fmt: skip
    return bool(session.scalar(query))
