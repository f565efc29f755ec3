"""The policy as content: its versions, what differs between two of them, and how a new one comes into force."""

from __future__ import annotations

from webapp.services.policy.comparing import PolicyDifference, compare_versions
from webapp.services.policy.proposing import ask_passkey_to_propose, preview, propose
from webapp.services.policy.seconding import ask_passkey_to_second, second, withdraw_proposal
from webapp.services.policy.sending_back import keep_policy_in_time, send_back_open_changes
from webapp.services.policy.showing import PolicyView, VersionShown, announce, show_policy

__all__ = [
    "PolicyDifference",
    "PolicyView",
    "VersionShown",
    "announce",
    "ask_passkey_to_propose",
    "ask_passkey_to_second",
    "compare_versions",
    "keep_policy_in_time",
    "preview",
    "propose",
    "second",
    "send_back_open_changes",
    "show_policy",
    "withdraw_proposal",
]
