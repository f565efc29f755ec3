"""The policy in force, read from its stored content."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.acts.actors import SYSTEM
from webapp.acts.recording import enter
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import PolicyRow
from webapp.domain.policy import Policy, read_policy
from webapp.domain.record.canonical import canonical, sha256_hex
from webapp.errors import Unavailable


def policy_in_force(session: Session) -> tuple[PolicyRow, Policy]:
    """The newest adopted policy, as row and as read."""
    row = session.scalar(select(PolicyRow).order_by(PolicyRow.version.desc()).limit(1))
    if row is None:
        raise Unavailable("No policy is in force; run `formulary db upgrade` once.")
    return row, read_policy(json.loads(row.content))


def policy_of(session: Session, sha256: str) -> Policy:
    """The policy with this digest: an open change keeps the one of its revision."""
    row = session.scalars(select(PolicyRow).where(PolicyRow.sha256 == sha256)).one()
    return read_policy(json.loads(row.content))


def adopt_first_policy(outside: Outside, session: Session, document: dict[str, Any]) -> bool:
    """The shipped or configured policy is version 1; nothing happens when one is already in force."""
    if session.scalar(select(PolicyRow.version).limit(1)) is not None:
        return False
    read_policy(document)
    content = canonical(document)
    row = PolicyRow(version=1, sha256=sha256_hex(content), content=content, adopted_at=outside.now(), adopted_by=None)
    session.add(row)
    enter(outside, session, SYSTEM, "policy.adopted", ("policy", "policy", 1), after=("in_force", row.sha256))
    return True
