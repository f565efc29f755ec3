"""Who may see and do what in this room, and the locks that its acts share."""

from __future__ import annotations

from sqlalchemy.orm import Session

from webapp.adapters.store import turns
from webapp.domain.workflow import Actor
from webapp.domain.workflow.grants import Right, may
from webapp.domain.workflow.stages import Role
from webapp.errors import InvalidInput, Refused

LONGEST_REASON = 1000
ERASERS = frozenset({Role.ADMINISTRATOR, Role.AUDITOR})


def require_right(actor: Actor, right: Right) -> None:
    """This person holds the right; Refused otherwise. The console reads as well."""
    if actor.via == "console" and right is Right.READ_RETENTION:
        return
    if not may(actor.roles, right):
        raise Refused("Retention is for administrators and auditors; ask one of them.", code="role")


def read_reason(typed: str) -> str:
    """The reason as it is kept; InvalidInput where there is none or it is too long."""
    reason = typed.strip()
    if not reason:
        raise InvalidInput("Write the reason; it is kept in the audit log.", code="text_missing")
    if len(reason) > LONGEST_REASON:
        raise InvalidInput(
            f"At most {LONGEST_REASON} characters, please; this has {len(reason)}.", code="text_too_long"
        )
    return reason


def take_turn(session: Session) -> None:
    """Nobody else places a hold or erases in this moment, so that a hold is never overtaken."""
    turns.take_turn(session, "retention")
