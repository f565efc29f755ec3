"""The staffing check: class by class and step by step who can still act, before somebody's leave stops a change.

What must not live here: who counts (``acts.staffing``).
"""

from __future__ import annotations

from dataclasses import dataclass

from webapp.acts.staffing import StaffLine, staffing
from webapp.adapters.outside import Outside
from webapp.domain.workflow import Actor
from webapp.domain.workflow.grants import Right, may
from webapp.errors import Refused


@dataclass(frozen=True)
class StaffingView:
    """All steps by class, and how many of them nobody can do or nobody may be away from."""

    lines: tuple[StaffLine, ...]
    none: int
    scarce: int


def show_staffing(outside: Outside, actor: Actor) -> StaffingView:
    """Who can still act now."""
    if not may(actor.roles, Right.READ_PEOPLE):
        raise Refused("Your roles do not let you read people; ask an administrator.", code="role")
    with outside.database.reading() as session:
        lines = staffing(outside, session)
    states = [line.state for line in lines]
    return StaffingView(lines, states.count("none"), states.count("scarce"))
