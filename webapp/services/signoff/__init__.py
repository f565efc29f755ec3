"""Sign-off: the physician's page, the signature, its receipt and what can be downloaded of it."""

from __future__ import annotations

from webapp.services.signoff.moves import sign
from webapp.services.signoff.page import SignoffView, show_signoff
from webapp.services.signoff.passkey import ask_for_move, ask_to_sign
from webapp.services.signoff.receipt import (
    ReceiptView,
    find_entry,
    find_signature,
    read_assertion,
    read_display,
    read_envelope,
    show_receipt,
)

__all__ = [
    "ReceiptView",
    "SignoffView",
    "ask_for_move",
    "ask_to_sign",
    "find_entry",
    "find_signature",
    "read_assertion",
    "read_display",
    "read_envelope",
    "show_receipt",
    "show_signoff",
    "sign",
]
