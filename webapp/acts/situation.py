"""Reading the facts of one change as one actor meets it: what every guard, button and API answer is computed from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from webapp.acts.audit_facts import audit_facts
from webapp.acts.class_floor import class_floor
from webapp.acts.fallbacks import fallbacks_short
from webapp.acts.policies import is_sent_back, readable_policy
from webapp.acts.resets import waiting_resets
from webapp.acts.results import open_result, short_measures, worst_case_ids
from webapp.acts.role_age import roles_too_new
from webapp.acts.rollout_facts import rollout_facts
from webapp.acts.runs import MAIN
from webapp.acts.second_factors import level_within_reach
from webapp.acts.version_texts import fields_of
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import (
    CaseOpening,
    Change,
    ChecklistTick,
    Comment,
    Contributor,
    ExceptionRow,
    FindingRow,
    PolicyRow,
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
from webapp.domain.workflow.moves import APPROVALS
from webapp.domain.workflow.situation import RunFacts
from webapp.errors import NotFound

SIGNED_MOVES = tuple(sorted({move.name for move in MOVES if move.meaning}))


@dataclass(frozen=True)
class Case:
    """A change with the rows that almost every act needs. ``policy_is_damaged``: there is one and its stored bytes cannot be read."""

    change: Change
    prompt: Prompt
    revision: Revision | None
    run: Run | None
    policy: Policy | None
    policy_is_damaged: bool = False

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
    change = session.scalar(_LOCKED if locked else _CHANGE, {"change": change_id})
    if change is None:
        raise NotFound("There is no such change; look for it in the list of changes.")
    found = session.execute(
        _AROUND, {"change": change_id, "revision": change.revision, "prompt": change.prompt_id}
    ).one()
    prompt, revision, run, content = found
    policy = None if content is None else readable_policy(content)
    return Case(change, prompt, revision, run, policy, content is not None and policy is None)


_CHANGE = select(Change).where(Change.id == bindparam("change"))
_LOCKED = _CHANGE.with_for_update().execution_options(populate_existing=True)
_NEWEST_RUN = (
    select(Run.id)
    .where(
        Run.change_id == bindparam("change"),
        Run.revision == bindparam("revision"),
        Run.state != "cancelled",
        Run.purpose == MAIN,
    )
    .order_by(Run.number.desc())
    .limit(1)
    .scalar_subquery()
)
_AROUND = (
    select(Prompt, Revision, Run, PolicyRow.content)
    .select_from(Prompt)
    .outerjoin(Revision, (Revision.change_id == bindparam("change")) & (Revision.number == bindparam("revision")))
    .outerjoin(PolicyRow, PolicyRow.sha256 == Revision.policy_sha256)
    .outerjoin(Run, Run.id == _NEWEST_RUN)
    .where(Prompt.id == bindparam("prompt"))
)


def read_situation(outside: Outside, session: Session, case: Case, actor: Actor) -> Situation:
    """The facts of this change for this actor, all from one transaction."""
    reading = _Reading(outside, session, case, actor)
    return Situation(**{name: read(reading) for name, read in FACTS.items()})


def situation_as_asked(outside: Outside, session: Session, case: Case, actor: Actor) -> Situation:
    """The same, each fact read when a guard first asks for it: a move asks for few. Only good inside the transaction."""
    return _AsAsked(_Reading(outside, session, case, actor))


@dataclass(frozen=True)
class _Reading:
    """Where the facts are read from; what several facts need is read once."""

    outside: Outside
    session: Session
    case: Case
    actor: Actor

    @cached_property
    def signatures(self) -> tuple[str | None, tuple[str, ...], datetime | None]:
        return _signatures(self.session, self.case.change)

    @cached_property
    def exceptions(self) -> list[ExceptionRow]:
        return _exceptions(self.session, self.case.change)


Read = Callable[[_Reading], Any]
FACTS: dict[str, Read] = {
    "actor": lambda r: r.actor,
    "now": lambda r: r.outside.now(),
    "stage": lambda r: Stage(r.case.change.stage),
    "risk_class": lambda r: RiskClass(r.case.change.risk_class),
    "class_is_confirmed": lambda r: (
        r.case.prompt.class_confirmed_at is not None and r.case.prompt.risk_class == r.case.change.risk_class
    ),
    "class_is_overtaken": lambda r: _is_class_overtaken(r.session, r.case),
    "is_first_change": lambda r: r.case.change.is_first_change,
    "contributors": lambda r: _contributors(r.session, r.case.change.id),
    "unmapped_contributors": lambda r: _unmapped(r.session, r.case.change.id),
    "purpose_is_written": lambda r: _is_purpose_written(r.case),
    "reviewer_id": lambda r: r.signatures[0],
    "signer_ids": lambda r: r.signatures[1],
    "signed_at": lambda r: r.signatures[2],
    "lapse_days": lambda r: r.case.policy.signature_lapse_days if r.case.policy else 30,
    "run": lambda r: _run_facts(r.session, r.case),
    "fallbacks_short": lambda r: fallbacks_short(r.session, r.case.revision),
    "exceptions_asked": lambda r: tuple(row.measure for row in r.exceptions),
    "exceptions_expired": lambda r: tuple(row.measure for row in r.exceptions if row.ends_on < r.outside.now().date()),
    "findings_undecided": lambda r: _count_findings(r.session, r.case.run, None),
    "findings_confirmed": lambda r: _count_findings(r.session, r.case.run, "confirmed"),
    "checklist_missing": lambda r: _checklist_missing(r.session, r.case, r.actor),
    "worst_cases_unopened": lambda r: _unopened(r.session, r.case, r.actor),
    "must_fix_open": lambda r: _must_fix_open(r.session, r.case.change),
    "policy_lets_pass_unreviewed": lambda r: bool(r.case.rules and r.case.rules.passes_unreviewed),
    "model_or_variables_changed": lambda r: _model_or_variables_changed(r.session, r.case),
    "baseline_is_current": lambda r: r.case.prompt.live_release_id == r.case.change.baseline_release_id,
    "urgent_policy_is_newer": lambda r: _urgent_policy_is_newer(r.outside, r.session, r.case),
    "is_live": lambda r: _is_live(r.session, r.case),
    "other_rollout_runs": lambda r: _other_rollout_runs(r.session, r.case),
    "rollout": lambda r: rollout_facts(r.session, r.case.change.id),
    "audit": lambda r: audit_facts(r.session, r.case.change.id),
    "signoff_level": lambda r: level_needed(r.case.rules, "sign"),
    "levels": lambda r: tuple((name, level_needed(r.case.rules, name)) for name in SIGNED_MOVES),
    "level_within_reach": lambda r: level_within_reach(r.session, r.actor.id),
    "roles_too_new": lambda r: roles_too_new(r.session, r.actor, r.case.change.id),
    "factor_reset_waits": lambda r: bool(waiting_resets(r.session, r.actor.id)),
}
"""How each field of a situation is read."""


class _AsAsked(Situation):
    """A situation that reads each of its facts when it is first asked for."""

    def __init__(self, reading: _Reading) -> None:
        object.__setattr__(self, "_reading", reading)


def _asked(name: str) -> property:
    def read(self: _AsAsked) -> Any:
        known = self.__dict__
        if name not in known:
            known[name] = FACTS[name](known["_reading"])
        return known[name]

    return property(read)


for _name in FACTS:
    setattr(_AsAsked, _name, _asked(_name))


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


_CONTRIBUTORS = select(Contributor.person_id).where(
    Contributor.change_id == bindparam("change"), Contributor.person_id.is_not(None)
)


def _contributors(session: Session, change_id: str) -> frozenset[str]:
    session.flush()  # those whom this transaction added count
    return frozenset(filter(None, session.connection().execute(_CONTRIBUTORS, {"change": change_id}).scalars()))


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
    old, new = (fields_of(session.get_one(Version, one)) for one in (live.version_id, case.revision.version_id))
    same_fields = all(old.get(name) == new.get(name) for name in ("parameters", "placeholders"))
    return before is None or before.model != case.revision.model or not same_fields


def _urgent_policy_is_newer(outside: Outside, session: Session, case: Case) -> bool:
    return case.revision is not None and is_sent_back(outside, session, case.revision.policy_sha256)


def _is_class_overtaken(session: Session, case: Case) -> bool:
    floor = class_floor(session, case.prompt)
    return floor is not None and RiskClass(case.change.risk_class).rank < floor.rank


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
