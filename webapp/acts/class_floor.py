"""The class below which no change of a prompt goes: what somebody confirmed, or raised it to, by a signature.

A physician's raise leaves the confirmation to an informaticist; until then it is no less a floor. What must not live here: confirming
and raising (``services.review``).
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.adapters.store.schema import Change, Prompt, Signature
from webapp.domain.workflow import RiskClass

DECIDING_THE_CLASS = ("confirm_class", "raise_class")


def class_floor(session: Session, prompt: Prompt, *, but: Signature | None = None) -> RiskClass | None:
    """The prompt's class where it was confirmed, or decided by a signature (other than ``but``, which is being made); else None."""
    query = (
        select(Signature.id)
        .join(Change, Change.id == Signature.change_id)
        .where(Change.prompt_id == prompt.id, Signature.move.in_(DECIDING_THE_CLASS))
    )
    if but is not None:
        query = query.where(Signature.id != but.id)
    if prompt.class_confirmed_at is None and session.scalar(query.limit(1)) is None:
        return None
    return RiskClass(prompt.risk_class)
