"""What a run stands on: test set, policy, checks. Numbers on another footing are never set side by side."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Footing:
    """The digests of test set, policy and checks."""

    suite: str
    policy: str
    checks: str


def changed_sentence(queued: Footing, present: Footing) -> str | None:
    """Why a run may not go on, when what it was queued with is not what stands now; None when it is."""
    changed = {
        "test set": queued.suite != present.suite,
        "policy": queued.policy != present.policy,
        "checks": queued.checks != present.checks,
    }
    names = [name for name, is_changed in changed.items() if is_changed]
    if not names:
        return None
    return f"The {' and the '.join(names)} changed while this run waited, so its marks could not be compared; run it again."
