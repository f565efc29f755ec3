"""Reading a policy that is proposed as text, and saying what it would do: nothing is stored here."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.acts.open_changes import count_open_changes
from webapp.acts.policies import DELAY, count_administrators, policy_in_force
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import PolicyRow
from webapp.adapters.yaml_source import read_yaml
from webapp.domain.policy_check import check_policy
from webapp.domain.record.canonical import canonical, normalised, sha256_hex
from webapp.errors import Conflict
from webapp.services.policy.comparing import PolicyDifference, compare_documents

NAME = "the policy"
ADMINISTRATORS_NEEDED = 2


@dataclass(frozen=True)
class Draft:
    """A policy as it was typed, and as it would be stored."""

    source: str
    document: dict[str, Any]
    content: bytes
    sha256: str


@dataclass(frozen=True)
class Proposed:
    """What a proposal would do: to which version it leads from which, what differs, how many changes an urgent one sends back.

    ``delay``: how long one signature waits where fewer than two administrators are active; None where a second one signs.
    """

    version: int
    sha256: str
    base: PolicyRow
    difference: PolicyDifference
    open_changes: int
    delay: timedelta | None

    def display(self, *, is_urgent: bool) -> dict[str, Any]:
        """What a signer sees, as the statement names it by digest."""
        return {
            "kind": "prompt-formulary/policy-proposal/v1",
            "version": self.version,
            "policy_sha256": self.sha256,
            "in_force": {"version": self.base.version, "sha256": self.base.sha256},
            "is_urgent": is_urgent,
            "open_changes": self.open_changes if is_urgent else 0,
            "delay_hours": 0 if self.delay is None else self.delay // timedelta(hours=1),
            "differences": [
                {"place": row.place, "sentence": row.sentence, "direction": row.direction.value}
                for row in self.difference.words
            ],
        }


def read_draft(source: str) -> Draft:
    """The policy that this YAML describes; InvalidInput lists every fault with its field."""
    document = normalised(read_yaml(source.encode("utf-8", "surrogatepass"), NAME))
    check_policy(document)
    content = canonical(document)
    return Draft(source, document, content, sha256_hex(content))


def look_ahead(outside: Outside, session: Session, draft: Draft) -> Proposed:
    """What this draft would do if it were proposed now; Conflict where the same text was a version already."""
    base, _ = policy_in_force(outside, session)
    known = session.scalar(select(PolicyRow.version).where(PolicyRow.sha256 == draft.sha256))
    if draft.sha256 == base.sha256:
        raise Conflict("This is word for word the policy in force; change something before you propose it.")
    if known is not None:
        raise Conflict(
            f"This is word for word version {known}, and a record that names it could not say which time was meant; "
            "give it another name and propose it again.",
            code="known_version",
        )
    return proposed_of(session, base.version + 1, draft.sha256, draft.document, base)


def proposed_of(session: Session, version: int, sha256: str, document: dict[str, Any], base: PolicyRow) -> Proposed:
    """What this document would do in place of ``base``."""
    few = count_administrators(session) < ADMINISTRATORS_NEEDED
    return Proposed(
        version=version,
        sha256=sha256,
        base=base,
        difference=compare_documents(dict(json.loads(base.content)), document),
        open_changes=count_open_changes(session),
        delay=DELAY if few else None,
    )
