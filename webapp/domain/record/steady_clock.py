"""How far a clock may be moved before entries that it dates are not believed any more."""

from __future__ import annotations

from datetime import timedelta

from webapp.errors import Unavailable

LARGEST_STEP = timedelta(minutes=10)
CLOCK_STEPPED = "clock_stepped"


def is_steady(step: timedelta) -> bool:
    """Was the clock moved by no more than ten minutes, forward or back?"""
    return abs(step) <= LARGEST_STEP


def step_sentence(step: timedelta) -> str:
    """What happened, and what to do, for whoever meets it first."""
    minutes = round(abs(step).total_seconds() / 60)
    hours, rest = divmod(minutes, 60)
    length = f"{hours} h {rest} min" if hours else f"{rest} min"
    return (
        f"This server's clock was moved {'forward' if step > timedelta(0) else 'back'} by {length} while the program ran, so nothing is entered "
        "in the audit log: its times would be false. Tell an administrator to look at the clock; nothing was stored."
    )


def require_steady(step: timedelta) -> None:
    """Entries may be dated with this clock; Unavailable (``clock_stepped``) when it was moved."""
    if not is_steady(step):
        raise Unavailable(step_sentence(step), code=CLOCK_STEPPED)
