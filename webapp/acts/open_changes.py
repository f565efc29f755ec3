"""Open changes: those that an urgent version of the policy sends back to evaluation."""

from __future__ import annotations

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from webapp.adapters.store.schema import Change, Rollout
from webapp.domain.workflow import Stage

BEFORE_ROLLOUT = (Stage.EVALUATION.value, Stage.REVIEW.value, Stage.SIGNOFF.value)


def open_changes() -> Select[str]:
    """The ids of changes that are evaluated, reviewed, signed, or signed and not started; drafts take the new policy anyway."""
    is_unstarted = (Change.stage == Stage.ROLLOUT.value) & Change.id.not_in(select(Rollout.change_id))
    return select(Change.id).where(or_(Change.stage.in_(BEFORE_ROLLOUT), is_unstarted)).order_by(Change.id)


def count_open_changes(session: Session) -> int:
    """How many changes an urgent version would send back now."""
    return session.scalar(select(func.count()).select_from(open_changes().subquery())) or 0
