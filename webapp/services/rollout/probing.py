"""The daily probe: does each model to which a roll back would lead still answer? One short question a day, without any text of a patient.

A worker asks, since a model may take its time; the scheduler only says when. What must not live here: what follows (``acts.live``).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from webapp.acts import jobs
from webapp.adapters.llm.calls import CallFailed, ModelCall
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Job, LivePeriod, ModelProbe, Release, Revision
from webapp.errors import Conflict, NotFound

PROBE_JOB, EVERYTHING = "probe", "models"
QUESTION = (("user", "Answer with the word yes."),)
DAILY, AGAIN = timedelta(hours=24), timedelta(hours=1)
MAY_BE_ROLLED_BACK_TO = ("live", "superseded")
GONE: frozenset[str] = frozenset({"timeout", "server_error", "bad_request", "bad_answer", "unreachable"})
"""Failures of the model itself; others say something of our own keys, places and limits, and nothing of the model."""


def ask_for_probe(outside: Outside) -> bool:
    """A worker is asked to probe where a model is due: after a day, after an hour where it failed, at once where it is new."""
    with outside.database.reading() as session:
        if not due_models(outside, session):
            return False
        job = session.scalar(select(Job).where(Job.kind == PROBE_JOB, Job.subject_id == EVERYTHING))
    now = outside.now()
    if job is not None and (job.state in ("ready", "leased") or now < job.updated_at + AGAIN):
        return False
    with outside.database.writing() as session:
        jobs.ask_for(outside, session, PROBE_JOB, EVERYTHING)
    return True


def due_models(outside: Outside, session: Session) -> list[str]:
    """The models of what is live and of what was live before, in alphabetic order, that are to be asked now.

    An application of the hospital is asked with an encounter or not at all.
    """
    applications = [fact.name for fact in outside.models.facts() if fact.is_endpoint]
    used = (
        select(Revision.model)
        .join(Release, (Release.change_id == Revision.change_id) & (Release.version_id == Revision.version_id))
        .join(LivePeriod, LivePeriod.release_id == Release.id)
        .where(Release.state.in_(MAY_BE_ROLLED_BACK_TO))
    )
    now = outside.now()
    is_due = or_(
        ModelProbe.model.is_(None),
        ModelProbe.asked_at <= now - DAILY,
        ModelProbe.failing_since.is_not(None) & (ModelProbe.asked_at <= now - AGAIN),
    )
    query = used.outerjoin(ModelProbe, ModelProbe.model == Revision.model).where(
        is_due, Revision.model.not_in(applications)
    )
    return list(session.scalars(query.distinct().order_by(Revision.model)))


def execute_probe(outside: Outside, job: Job, *, is_stopping: Callable[[], bool] = lambda: False) -> None:
    """Every model that is due was asked once and what it did is stored."""
    with outside.database.reading() as session:
        models = due_models(outside, session)
    for model in models:
        if is_stopping():
            jobs.give_back(outside, job.id, job.fence)
            return
        failure = _ask(outside, model)
        try:
            with outside.database.writing() as session:
                jobs.renew(outside, session, job.id, job.fence, made_progress=True)
                _keep(outside, session, model, failure)
        except Conflict:
            return  # another worker asks on
    with outside.database.writing() as session:
        jobs.finish(outside, session, job.id, job.fence)


def fail_probe(outside: Outside, job: Job, sentence: str) -> None:
    """The job has failed visibly; what is known of the models stays as it was, and the next hour asks again."""
    with outside.database.writing() as session:
        jobs.fail(outside, session, job.id, job.fence, sentence)


def _ask(outside: Outside, model: str) -> str | None:
    """Why the model gave no answer, or None. A model that the models file no longer has is nobody's to ask."""
    try:
        asyncio.run(outside.models.complete(ModelCall(model, QUESTION)))
    except CallFailed as failure:
        return failure.code
    except NotFound:
        return "no_key"
    return None


def _keep(outside: Outside, session: Session, model: str, failure: str | None) -> None:
    """One failure may pass; after a second one in a row the model counts as gone until it answers again."""
    now = outside.now()
    probe = session.get(ModelProbe, model)
    if probe is None:
        probe = ModelProbe(model=model, asked_at=now, is_answering=True)
        session.add(probe)
    is_gone = failure in GONE
    probe.is_answering = not (is_gone and probe.failing_since is not None)
    probe.failing_since = (probe.failing_since or now) if is_gone else None
    probe.asked_at, probe.failure = now, failure
