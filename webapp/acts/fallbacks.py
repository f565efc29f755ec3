"""Fallback models: each stands in a release only with a complete run of its own that held.

What must not live here: falling back while applications ask (that is the application's business, from the release).
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.acts.actors import SYSTEM
from webapp.acts.runs import FALLBACK, MAIN, queue_run_of
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Change, FindingRow, Revision, Run
from webapp.domain.verdict import Verdict

UNFINISHED = ("queued", "running", "complete")


def queue_fallback_runs(outside: Outside, session: Session, change: Change, revision: Revision) -> None:
    """Every fallback model of the revision has a run that waits, goes on or is complete; called when the main run is complete."""
    for model in revision.fallbacks["models"]:
        run = _newest(session, revision, model)
        if run is None or run.state not in UNFINISHED:
            queue_run_of(outside, session, SYSTEM, change, revision, model=model, purpose=FALLBACK)


def fallbacks_short(session: Session, revision: Revision | None) -> tuple[str, ...]:
    """The fallback models without a complete run that held and brought no new dangerous answer."""
    if revision is None:
        return ()
    return tuple(
        model for model in revision.fallbacks["models"] if not _holds(session, _newest(session, revision, model))
    )


def fallback_evaluations(session: Session, revision: Revision) -> list[dict[str, Any]]:
    """What the manifest says of each fallback model's own evaluation, in the order in which they are fallen back to."""
    runs = [(model, _newest(session, revision, model)) for model in revision.fallbacks["models"]]
    return [
        {"model": model, "run": run.id, "result_sha256": run.result_sha256, "verdict": run.verdict}
        for model, run in runs
        if run is not None and run.state == "complete"
    ]


def _newest(session: Session, revision: Revision, model: str) -> Run | None:
    """The newest run of this fallback by the checks of the newest main run: others' marks say something else."""
    ours = (Run.change_id == revision.change_id, Run.revision == revision.number, Run.state != "cancelled")
    main = select(Run.scorers_sha256).where(*ours, Run.purpose == MAIN).order_by(Run.number.desc()).limit(1)
    query = select(Run).where(
        *ours, Run.purpose == FALLBACK, Run.candidate_model == model, Run.scorers_sha256 == main.scalar_subquery()
    )
    return session.scalars(query.order_by(Run.number.desc()).limit(1)).first()


def _holds(session: Session, run: Run | None) -> bool:
    if run is None or run.state != "complete" or run.verdict != Verdict.PASS.value:
        return False
    query = select(FindingRow.id).where(FindingRow.run_id == run.id, FindingRow.baseline_count == 0)
    return session.scalar(query.limit(1)) is None
