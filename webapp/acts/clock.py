"""The clock of a stage stands still while a question of somebody who decides there is open; settled, the due date moves by that time.

Whose question counts is read from the roles held when it was asked, so that no later change of roles moves a date.
What must not live here: writing and settling comments (``services.comments``).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, case, or_, select
from sqlalchemy.orm import Session

from webapp.adapters.store.schema import Change, Comment, Contributor, Person, RoleGrant, Signature
from webapp.domain.workflow.moves import APPROVALS
from webapp.domain.workflow.stages import Role, Stage

DECIDERS = {Stage.REVIEW: Role.INFORMATICIST, Stage.SIGNOFF: Role.PHYSICIAN}


@dataclass(frozen=True)
class Stopped:
    """A clock that stands: since when, by whose question, and how much time was left."""

    since: datetime
    by: str
    left: timedelta | None

    @property
    def words(self) -> str:
        """That it stands, why, and what happens when the question is settled."""
        stands = (
            f"The clock has been stopped since {self.since:%-d %B %Y, %H:%M} UTC while a question of {self.by} is open."
        )
        if self.left is None:
            return stands
        if self.left <= timedelta():
            return f"{stands} The date had passed before it was asked."
        return f"{stands} {time_words(self.left)} are left when it is settled."


def time_words(time: timedelta) -> str:
    """A length of time in whole days, or in hours below two days."""
    hours = int(time.total_seconds()) // 3_600
    if hours >= 48:
        return f"{hours // 24} days"
    return f"{hours} hours" if hours != 1 else "1 hour"


def stopped_clocks(session: Session, change_ids: Collection[str]) -> dict[str, Stopped]:
    """Those of these changes whose clock stands, by id; one query for all."""
    query = (
        select(Comment, Person.name, Change.due_at)
        .join(Change, Change.id == Comment.change_id)
        .join(Person, Person.id == Comment.author_id)
        .where(Change.id.in_(change_ids), *_counts())
        .order_by(Comment.written_at, Comment.id)
    )
    asked: dict[str, list[tuple[Comment, str, datetime | None]]] = {}
    for comment, name, due in session.execute(query):
        asked.setdefault(comment.change_id, []).append((comment, name, due))
    found = {}
    for change_id, rows in asked.items():
        still_open = [(comment, name) for comment, name, _ in rows if comment.resolved_at is None]
        if still_open:
            since, due = _since([row[0] for row in rows], still_open[0][0].written_at), rows[0][2]
            found[change_id] = Stopped(since, still_open[0][1], None if due is None else due - since)
    return found


def stopped_clock(session: Session, change_id: str) -> Stopped | None:
    """How the clock of this change stands, or None while it runs."""
    return stopped_clocks(session, [change_id]).get(change_id)


def start_again(session: Session, change: Change, settled: Comment, now: datetime) -> None:
    """With the last open question that counted the due date has moved by the time the clock stood."""
    query = select(Comment).join(Change, Change.id == Comment.change_id).where(Change.id == change.id, *_counts())
    asked = list(session.scalars(query))
    if change.due_at is not None and settled in asked and all(one.resolved_at is not None for one in asked):
        change.due_at += now - _since(asked, settled.written_at)


def _counts() -> Sequence[ColumnElement[bool]]:
    """A question asked in the present stage by somebody who held its deciding role then, did not contribute and did not review."""
    role = case(*((Change.stage == stage.value, role.value) for stage, role in DECIDERS.items()))
    held = select(RoleGrant.id).where(
        RoleGrant.person_id == Comment.author_id,
        RoleGrant.role == role,
        RoleGrant.granted_at <= Comment.written_at,
        or_(RoleGrant.revoked_at.is_(None), RoleGrant.revoked_at > Comment.written_at),
    )
    contributes = select(Contributor.id).where(
        Contributor.change_id == Comment.change_id, Contributor.person_id == Comment.author_id
    )
    reviewed = select(Signature.id).where(
        Signature.change_id == Comment.change_id,
        Signature.signer_id == Comment.author_id,
        and_(Signature.move.in_(APPROVALS), Signature.voided_at.is_(None)),
    )
    return (
        Comment.kind == "question",
        Comment.written_at >= Change.stage_since,
        held.exists(),
        ~contributes.exists(),
        ~reviewed.exists(),
    )


def _since(questions: Sequence[Comment], start: datetime) -> datetime:
    """The first moment of the unbroken time up to now in which at least one of these questions was open."""
    for question in sorted(questions, key=lambda q: q.written_at, reverse=True):
        if question.resolved_at is not None and question.written_at < start <= question.resolved_at:
            start = question.written_at
    return start
