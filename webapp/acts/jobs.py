"""Work for workers: a row in the jobs table, announced through the outbox. The row is the truth; the queue is only the bell."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from webapp.acts.outbox import post
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Job
from webapp.errors import Conflict

LEASE_SECONDS = 30  # with the sweeper's beat, a killed worker's job goes on within a minute
MOST_ATTEMPTS = 5


def ask_for(outside: Outside, session: Session, kind: str, subject_id: str) -> Job:
    """A job of this kind for this subject is ready; one that failed or is done is made ready again."""
    now = outside.now()
    job = session.scalar(select(Job).where(Job.kind == kind, Job.subject_id == subject_id).with_for_update())
    if job is None:
        job = Job(
            id=outside.new_id("job"), kind=kind, subject_id=subject_id, state="ready", run_after=now, created_at=now,
            updated_at=now, fence=0, attempts=0,
        )  # fmt: skip
        session.add(job)
    elif job.state in ("done", "failed"):
        job.state, job.attempts, job.failure, job.run_after, job.updated_at = "ready", 0, None, now, now
    post(outside, session, "job", {"job_id": job.id})
    return job


def lease(outside: Outside, job_id: str) -> Job | None:
    """The job is ours for ``LEASE_SECONDS`` under a new fence; None when it is done, failed or held by another worker."""
    now = outside.now()
    with outside.database.writing() as session:
        job = session.scalar(select(Job).where(Job.id == job_id).with_for_update())
        if job is None or not _may_be_leased(job, outside):
            return None
        job.state, job.fence, job.attempts = "leased", job.fence + 1, job.attempts + 1
        job.lease_until, job.updated_at = now + timedelta(seconds=LEASE_SECONDS), now
    return job


def _may_be_leased(job: Job, outside: Outside) -> bool:
    if job.state == "leased":
        return job.lease_until is not None and job.lease_until < outside.now()
    return job.state == "ready" and job.run_after <= outside.now()


def renew(outside: Outside, session: Session, job_id: str, fence: int, *, made_progress: bool = False) -> None:
    """The lease is extended; Conflict when another worker took the job, so that this one stops writing.

    With ``made_progress`` attempts count anew: only a job that gets nowhere fails for good.
    """
    values: dict[str, Any] = {"lease_until": outside.now() + timedelta(seconds=LEASE_SECONDS)}
    if made_progress:
        values["attempts"] = 1
    ours = update(Job).where(Job.id == job_id, Job.fence == fence, Job.state == "leased")
    if not session.connection().execute(ours.values(**values)).rowcount:
        raise Conflict("Another worker took over this job.", code="fenced")


def finish(outside: Outside, session: Session, job_id: str, fence: int) -> None:
    """The job is done; Conflict when another worker took it."""
    renew(outside, session, job_id, fence)
    job = session.get_one(Job, job_id)
    job.state, job.lease_until, job.updated_at = "done", None, outside.now()


def put_back(outside: Outside, job_id: str, fence: int, failure: str) -> None:
    """The job is tried again a little later, or has failed for good after ``MOST_ATTEMPTS``."""
    with outside.database.writing() as session:
        job = session.scalar(select(Job).where(Job.id == job_id).with_for_update())
        if job is None or job.fence != fence or job.state != "leased":
            return
        now = outside.now()
        job.state = "failed" if job.attempts >= MOST_ATTEMPTS else "ready"
        job.failure, job.lease_until, job.updated_at = failure[:500], None, now
        job.run_after = now + timedelta(seconds=2**job.attempts)


def is_last_attempt(outside: Outside, job_id: str) -> bool:
    """Has the job had as many attempts as it gets, counted since it last got on?"""
    with outside.database.reading() as session:
        return session.get_one(Job, job_id).attempts >= MOST_ATTEMPTS


def give_back(outside: Outside, job_id: str, fence: int) -> None:
    """The job is ready at once for another worker; this attempt does not count. For workers that are asked to stop."""
    with outside.database.writing() as session:
        job = session.scalar(select(Job).where(Job.id == job_id).with_for_update())
        if job is None or job.fence != fence or job.state != "leased":
            return
        job.state, job.attempts, job.lease_until = "ready", max(0, job.attempts - 1), None
        job.run_after = job.updated_at = outside.now()


def postpone(outside: Outside, session: Session, job_id: str, fence: int, until: datetime) -> None:
    """The job is ready again at that moment; this attempt does not count. Conflict when another worker took it."""
    renew(outside, session, job_id, fence)
    job = session.get_one(Job, job_id)
    job.state, job.attempts, job.lease_until = "ready", max(0, job.attempts - 1), None
    job.run_after, job.updated_at = until, outside.now()


def fail(outside: Outside, session: Session, job_id: str, fence: int, failure: str) -> None:
    """The job has failed for good; Conflict when another worker took it."""
    renew(outside, session, job_id, fence)
    job = session.get_one(Job, job_id)
    job.state, job.failure, job.lease_until, job.updated_at = "failed", failure[:500], None, outside.now()


def overdue(outside: Outside) -> list[str]:
    """The ids of jobs that wait or whose lease expired: what a sweeper rings for again."""
    now = outside.now()
    with outside.database.reading() as session:
        is_waiting = (Job.state == "ready") & (Job.run_after <= now)
        is_expired = (Job.state == "leased") & (Job.lease_until < now)
        return list(session.scalars(select(Job.id).where(or_(is_waiting, is_expired)).order_by(Job.id)))
