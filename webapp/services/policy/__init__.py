"""The policy as content: its versions, what differs between two of them, and how a new one comes into force."""

from __future__ import annotations

from webapp.services.policy.comparing import PolicyDifference, compare_versions
from webapp.services.policy.showing import PolicyView, VersionShown, show_policy

__all__ = ["PolicyDifference", "PolicyView", "VersionShown", "compare_versions", "show_policy"]
