"""The policy in force and its history, for reading. What must not live here: adopting one (``webapp.acts.policies``)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from webapp.acts.policies import policy_in_force
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Person, PolicyRow
from webapp.adapters.yaml_source import write_yaml
from webapp.domain.policy import Policy
from webapp.domain.workflow import Actor
from webapp.domain.workflow.grants import Right, may
from webapp.errors import Refused


@dataclass(frozen=True)
class VersionShown:
    """One version that is or was in force."""

    number: int
    digest: str
    adopted_at: datetime


@dataclass(frozen=True)
class PolicyView:
    """The policy, where it comes from, its source, and all versions that ever were in force, the newest first."""

    policy: Policy
    document: dict[str, Any]
    source: str
    version: int
    digest: str
    adopted_at: datetime
    adopted_by: str | None
    versions: tuple[VersionShown, ...]


def show_policy(outside: Outside, actor: Actor) -> PolicyView:
    """The policy in force now."""
    require_reader(actor)
    with outside.database.reading() as session:
        row, policy = policy_in_force(session)
        adopter = session.get(Person, row.adopted_by or "")
        rows = session.scalars(select(PolicyRow).order_by(PolicyRow.version.desc()))
        document = dict(json.loads(row.content))
        return PolicyView(
            policy=policy,
            document=document,
            source=write_yaml(document),
            version=row.version,
            digest=row.sha256,
            adopted_at=row.adopted_at,
            adopted_by=adopter.name if adopter else None,
            versions=tuple(VersionShown(known.version, known.sha256, known.adopted_at) for known in rows),
        )


def require_reader(actor: Actor) -> None:
    """This person may read the policy."""
    if not may(actor.roles, Right.READ_POLICY):
        raise Refused("Your roles do not let you read the policy; ask an administrator.", code="role")
