"""Review: the informaticist's page and decisions."""

from __future__ import annotations

from webapp.services.review.moves import (
    approve,
    approve_for_rollout,
    ask_for_changes,
    confirm_class,
    raise_class,
    reject,
    reword,
    tick_checklist,
)
from webapp.services.review.page import ChecklistRow, ReviewView, show_review

__all__ = [
    "ChecklistRow",
    "ReviewView",
    "approve",
    "approve_for_rollout",
    "ask_for_changes",
    "confirm_class",
    "raise_class",
    "reject",
    "reword",
    "show_review",
    "tick_checklist",
]
