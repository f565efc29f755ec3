"""Erasures for tests: a change that ended six years ago on a test set that has a newer version, and two people with apps."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from tests.conftest import Clock, Staff
from tests.people import add_app, again
from tests.services.submissions import prompt_bytes, suite_bytes
from tests.stages import change_in, digests
from webapp.acts import jobs
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Comment, Job, Leaf
from webapp.services import retention, review
from webapp.services.suites import SuiteGiven, import_suite

REASON = "Asked for by the data protection officer, ticket 11."
SECRET = "Ms Quarrington-Ibbotson, room 9"


@dataclass
class Old:
    """A rejected change and the version of a test set that it ran on."""

    change: str
    suite: str


def enough_apps(outside: Outside, staff: Staff) -> None:
    """Administrators and the auditor can sign with a code."""
    for name in ("ruth", "sam", "quinn"):
        add_app(outside, staff.ids[name])


def ended(outside: Outside, staff: Staff, name: str = "old-notes", cases: int = 4) -> Old:
    """A change that Kim rejected just now, with a comment; its test set has a newer version."""
    suite = import_suite(outside, staff.act_as("ada"), SuiteGiven(suite_bytes(cases), name)).digest
    change_id = change_in(
        outside,
        staff,
        "review",
        prompt=prompt_bytes(version="0.9"),
        suite=None,
        suite_digest=suite,
        title=f"Title {name}",
    )
    with outside.database.writing() as session:
        session.add(
            Comment(
                id=outside.new_id("com"), change_id=change_id, revision=1, author_id=staff.ids["kim"], kind="note",
                body=f"Seen with {SECRET}.", anchor={}, written_at=outside.now(),
            )
        )  # fmt: skip
    digest = digests(outside, change_id)[0]
    kim = staff.act_as("kim")
    review.reject(outside, kim, change_id, digest, f"Not for {SECRET}.", again(outside, kim.id))
    import_suite(outside, staff.act_as("ada"), SuiteGiven(suite_bytes(cases + 1), name))
    return Old(change_id, suite)


def six_years_later(outside: Outside) -> None:
    assert isinstance(outside.now, Clock)
    outside.now.forward(days=6 * 365.25 + 2)


def ask(outside: Outside, staff: Staff, kind: str, subject: str, by: str = "ruth") -> str:
    """The erasure is asked for by this person; returns its id."""
    actor = staff.act_as(by)
    digest = retention.show_preview(outside, actor, kind, subject).digest
    return retention.request_erasure(outside, actor, kind, subject, digest, REASON, again(outside, actor.id))


def confirm(outside: Outside, staff: Staff, erasure_id: str, by: str = "quinn") -> None:
    """The erasure is confirmed by this person."""
    actor = staff.act_as(by)
    digest = retention.show_erasure(outside, actor, erasure_id).digest
    retention.confirm_erasure(outside, actor, erasure_id, digest, again(outside, actor.id))


def lease(outside: Outside, erasure_id: str) -> Job:
    """The erasure's job as a worker takes it."""
    with outside.database.reading() as session:
        job_id = session.scalars(select(Job.id).where(Job.subject_id == erasure_id)).one()
    job = jobs.lease(outside, job_id)
    assert job is not None
    return job


def erase(outside: Outside, staff: Staff, kind: str, subject: str) -> str:
    """Asked for, confirmed and carried out; returns the erasure's id."""
    erasure_id = ask(outside, staff, kind, subject)
    confirm(outside, staff, erasure_id)
    retention.execute_erasure(outside, lease(outside, erasure_id))
    return erasure_id


def entries(outside: Outside, *kinds: str) -> list[dict[str, Any]]:
    """The entries of these types, in order."""
    with outside.database.reading() as session:
        found = session.scalars(select(Leaf.content).where(Leaf.type.in_(kinds)).order_by(Leaf.seq))
        return [json.loads(content) for content in found]
