"""Where a run takes the live version's answers from: asked anew on the same model, or as an earlier run kept them.

The answers of every live release on its test sets stay in the store, so a change of model, or a live model that can no
longer be asked, is still compared on the same cases. What must not live here: asking (``webapp.services.evaluation``).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Manifest, Release, Run
from webapp.domain.evaluation.planning import BASELINE, CANDIDATE
from webapp.errors import Refused


@dataclass(frozen=True)
class LiveAnswers:
    """The model of the live version, and the run that kept its answers where they are not asked anew."""

    model: str
    recorded_run_id: str | None = None


def live_answers(
    outside: Outside, session: Session, release: Release, model: str, suite_sha256: str, repeats: int
) -> LiveAnswers:
    """How the live release is compared with a version on ``model``: kept answers for a change of model, else asked.

    Refused where nothing was kept on this test set and the live model cannot be asked any more.
    """
    live_model = released_model(session, release)
    is_open = can_be_asked(outside, live_model)
    if live_model == model and is_open:
        return LiveAnswers(live_model)
    recorded = recorded_run(session, release, live_model, suite_sha256, repeats)
    if recorded is None and not is_open:
        raise Refused(
            f"The live version runs on {live_model}, which cannot be asked now, and its answers to this test set were "
            "never kept. Evaluate on a test set that was used for the live release, or make that model available.",
            code="no_live_answers",
        )
    return LiveAnswers(live_model, recorded.id if recorded else None)


def released_model(session: Session, release: Release) -> str:
    """The model that the release's signed manifest names."""
    manifest = session.get_one(Manifest, release.manifest_sha256)
    return str(json.loads(manifest.content)["model"])


def recorded_run(session: Session, release: Release, model: str, suite_sha256: str, repeats: int) -> Run | None:
    """The newest complete run with real answers of this release on this model and test set, as new or as live version."""
    as_candidate = (Run.candidate_version_id == release.version_id) & (Run.candidate_model == model)
    as_baseline = (
        (Run.baseline_release_id == release.id) & (Run.baseline_model == model) & Run.recorded_run_id.is_(None)
    )
    query = (
        select(Run)
        .where(Run.state == "complete", Run.suite_sha256 == suite_sha256, Run.repeats >= repeats)
        .where(or_(as_candidate, as_baseline))
        .order_by(Run.concluded_at.desc(), Run.id.desc())
    )
    return session.scalars(query.limit(1)).first()


def recorded_day(session: Session, run: Run) -> date | None:
    """The day on which the live answers of this run were given; None where they were asked for it."""
    recorded = session.get(Run, run.recorded_run_id or "")
    return recorded.concluded_at.date() if recorded is not None and recorded.concluded_at is not None else None


def recorded_arm(recorded: Run, release: Release) -> str:
    """Which arm of the recorded run holds the release's answers."""
    return BASELINE if recorded.baseline_release_id == release.id else CANDIDATE


def can_be_asked(outside: Outside, model: str) -> bool:
    """Does the models file know the model, with its key, and has its vendor not retired it?"""
    fact = next((fact for fact in outside.models.facts() if fact.name == model), None)
    return fact is not None and fact.closed_because is None and not fact.retired
