"""Queueing an evaluation of a change's present revision: the run's row, its job, its entry.

What must not live here: what a run does (``webapp.services.evaluation``).
"""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.acts.jobs import ask_for
from webapp.acts.live_answers import live_answers
from webapp.acts.policies import policy_of
from webapp.acts.recording import enter
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Change, Release, Revision, Run, SuiteRow
from webapp.domain.scorers.judge import rubric_digest
from webapp.domain.scorers.table import scorer_set_digest
from webapp.domain.workflow import Actor

EVALUATION_JOB = "evaluation"
MAIN, FALLBACK = "main", "fallback"


def queue_run(outside: Outside, session: Session, actor: Actor, change: Change, revision: Revision) -> Run:
    """A run of this revision waits for a worker; earlier ones of the change that still wait or run are cancelled."""
    cancel_runs(outside, session, actor, change)
    return queue_run_of(outside, session, actor, change, revision, model=revision.model, purpose=MAIN)


def queue_run_of(
    outside: Outside, session: Session, actor: Actor, change: Change, revision: Revision, *, model: str, purpose: str
) -> Run:
    """A run of this revision on this model waits for a worker."""
    suite = session.get_one(SuiteRow, revision.suite_sha256)
    rules = policy_of(session, revision.policy_sha256).of(change.risk_class)
    baseline = session.get(Release, revision.baseline_release_id or "")
    live = live_answers(outside, session, baseline, model, suite.sha256, rules.repeats) if baseline else None
    number = session.scalar(select(func.count()).select_from(Run).where(Run.change_id == change.id)) or 0
    run = Run(
        id=outside.new_id("run"),
        change_id=change.id,
        revision=revision.number,
        number=number + 1,
        suite_sha256=suite.sha256,
        candidate_version_id=revision.version_id,
        baseline_release_id=revision.baseline_release_id,
        candidate_model=model,
        purpose=purpose,
        baseline_model=live.model if live else None,
        recorded_run_id=live.recorded_run_id if live else None,
        policy_sha256=revision.policy_sha256,
        scorers_sha256=scorer_set_digest(rubric_digest(rules.judge)),
        repeats=rules.repeats,
        planned_calls=suite.case_count * rules.repeats * (2 if baseline else 1),
        done_calls=0,
        state="queued",
        is_offline=outside.models.fact(model).offline,
        queued_at=outside.now(),
    )
    session.add(run)
    session.flush()
    ask_for(outside, session, EVALUATION_JOB, run.id)
    enter(outside, session, actor, "run.queued", ("run", run.id, run.number), after=("queued", revision.digest))
    return run


def cancel_runs(outside: Outside, session: Session, actor: Actor, change: Change) -> None:
    """No run of the change waits or goes on; a worker that is at one stops with its next answers."""
    query = select(Run).where(Run.change_id == change.id, Run.state.in_(("queued", "running"))).with_for_update()
    for run in session.scalars(query):
        run.state, run.concluded_at = "cancelled", outside.now()
        enter(outside, session, actor, "run.cancelled", ("run", run.id, run.number), after=("cancelled", None))
