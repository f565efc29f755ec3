"""Resets of second factors that wait for a second person. Until it is confirmed, the person signs nothing (21 CFR 11.100(b), 11.300).

What must not live here: taking factors away and confirming it (``services.people``).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.adapters.store.schema import FactorReset
from webapp.domain.workflow.guards import RESET_WAITS
from webapp.errors import Refused

ENROL_HOURS = 24
NOBODY_CONFIRMS = (
    "It takes an administrator or auditor who was that before the reset, and is neither the person nor whoever took the factors away. "
    "Invite one under People (or with formulary people add at the server) and let them join and add an authenticator app; then take the "
    "second factors away once more, so that the reset is younger than their role, and they confirm it."
)


def waiting_resets(session: Session, person_id: str) -> list[FactorReset]:
    """The resets of this person that nobody has confirmed, oldest first; the newest says how long a password alone signs in."""
    query = select(FactorReset).where(FactorReset.person_id == person_id, FactorReset.confirmed_at.is_(None))
    return list(session.scalars(query.order_by(FactorReset.reset_at, FactorReset.id)))


def require_no_reset(session: Session, person_id: str) -> None:
    """Nothing waits for this person; Refused with what to do otherwise."""
    if waiting_resets(session, person_id):
        raise Refused(RESET_WAITS.sentence, code=RESET_WAITS.code)


def enrol_until(resets: list[FactorReset]) -> datetime | None:
    """Until when the password alone signs the person in, to add a new factor; None where no reset waits."""
    return resets[-1].reset_at + timedelta(hours=ENROL_HOURS) if resets else None
