"""Rollout: a signed release is delivered in steps, watched, stopped, rolled back. Stage ``rollout`` and its moves."""

from webapp.services.rollout.moves import (
    advance,
    complete,
    hold,
    lapse_old_signatures,
    resume,
    roll_back,
    start,
    watch,
)
from webapp.services.rollout.views import RolloutView, show_rollout

__all__ = [
    "RolloutView",
    "advance",
    "complete",
    "hold",
    "lapse_old_signatures",
    "resume",
    "roll_back",
    "show_rollout",
    "start",
    "watch",
]
