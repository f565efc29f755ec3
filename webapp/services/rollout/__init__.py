"""Rollout: a signed release is delivered in steps, watched, stopped, rolled back. Stage ``rollout`` and its moves."""

from webapp.services.rollout.confirmations import ConfirmationsView, show_confirmations
from webapp.services.rollout.forecast import forecast
from webapp.services.rollout.moves import (
    advance,
    complete,
    hold,
    resume,
    roll_back,
    start,
)
from webapp.services.rollout.views import RolloutView, show_rollout
from webapp.services.rollout.watching import lapse_old_signatures, watch

__all__ = [
    "ConfirmationsView",
    "RolloutView",
    "advance",
    "complete",
    "forecast",
    "hold",
    "lapse_old_signatures",
    "resume",
    "roll_back",
    "show_confirmations",
    "show_rollout",
    "start",
    "watch",
]
