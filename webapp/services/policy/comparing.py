"""What differs between two policies, in words and as text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import PolicyRow
from webapp.adapters.yaml_source import write_yaml
from webapp.domain.policy import read_policy
from webapp.domain.policy_check import in_reading_order
from webapp.domain.policy_difference import Difference, differences
from webapp.domain.prompts.difference import Row, compare_texts
from webapp.domain.record.canonical import read_canonical
from webapp.domain.workflow import Actor
from webapp.errors import NotFound
from webapp.services.policy.rights import require_reader


@dataclass(frozen=True)
class PolicyDifference:
    """From one policy to another: ``words`` in sentences, ``rows`` line by line of their sources."""

    words: tuple[Difference, ...]
    rows: tuple[Row, ...]

    @property
    def weaker(self) -> tuple[Difference, ...]:
        """What the new one asks less of."""
        return tuple(row for row in self.words if row.is_weaker)

    @property
    def others(self) -> tuple[Difference, ...]:
        """Everything else that differs."""
        return tuple(row for row in self.words if not row.is_weaker)


def compare_documents(old: dict[str, Any], new: dict[str, Any]) -> PolicyDifference:
    """The difference between two policies that were read already."""
    words = differences(read_policy(old), read_policy(new))
    return PolicyDifference(words, compare_texts(*(write_yaml(in_reading_order(one)) for one in (old, new))))


def compare_versions(outside: Outside, actor: Actor, old: int, new: int) -> PolicyDifference:
    """The difference between two versions that are or were in force; NotFound where there is no such version."""
    require_reader(actor)
    with outside.database.reading() as session:
        return compare_documents(_document(session, old), _document(session, new))


def _document(session: Session, version: int) -> dict[str, Any]:
    row = session.get(PolicyRow, version)
    if row is None:
        raise NotFound("There is no such version of the policy; choose two of the list on the page Policy.")
    return dict(read_canonical(row.content))
