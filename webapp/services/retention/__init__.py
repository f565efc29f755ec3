"""Retention: how long evidence is kept, legal holds, and texts erased by two people (45 CFR 164.316(b)(2), 21 CFR 11.10(c))."""

from webapp.services.retention.asking import ask_passkey, confirm_erasure, request_erasure, withdraw_erasure
from webapp.services.retention.erasing import ERASURE_JOB, execute_erasure, fail_erasure
from webapp.services.retention.holds import ask_passkey_to_lift, lift_hold, place_hold
from webapp.services.retention.report import RetentionView, retention_report
from webapp.services.retention.showing import ErasureView, PreviewView, show_erasure, show_preview

__all__ = [
    "ERASURE_JOB",
    "ErasureView",
    "PreviewView",
    "RetentionView",
    "ask_passkey",
    "ask_passkey_to_lift",
    "confirm_erasure",
    "execute_erasure",
    "fail_erasure",
    "lift_hold",
    "place_hold",
    "request_erasure",
    "retention_report",
    "show_erasure",
    "show_preview",
    "withdraw_erasure",
]
