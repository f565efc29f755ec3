"""Rollout: a signed release is delivered in steps, watched, stopped, rolled back. Stage ``rollout`` and its moves."""

from webapp.services.rollout.confirmations import ConfirmationsView, show_confirmations
from webapp.services.rollout.forecast import forecast
from webapp.services.rollout.host_stops import HostStopsView, show_host_stops
from webapp.services.rollout.moves import (
    advance,
    complete,
    hold,
    narrow,
    resume,
    roll_back,
    start,
)
from webapp.services.rollout.probing import PROBE_JOB, ask_for_probe, execute_probe, fail_probe
from webapp.services.rollout.views import RolloutView, show_rollout
from webapp.services.rollout.watching import lapse_old_signatures, watch

__all__ = [
    "PROBE_JOB",
    "ConfirmationsView",
    "HostStopsView",
    "RolloutView",
    "advance",
    "ask_for_probe",
    "complete",
    "execute_probe",
    "fail_probe",
    "forecast",
    "hold",
    "lapse_old_signatures",
    "narrow",
    "resume",
    "roll_back",
    "show_confirmations",
    "show_host_stops",
    "show_rollout",
    "start",
    "watch",
]
