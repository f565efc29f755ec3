"""The policy in force, what is proposed, and the history, for reading. What must not live here: signing (``proposing``)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.acts.policies import WITHDRAWN, count_administrators, open_proposal, policy_in_force
from webapp.acts.second_factors import level_within_reach
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Person, PolicyProposal, PolicyRow, Signature
from webapp.adapters.yaml_source import write_yaml
from webapp.domain.policy import Policy, read_policy
from webapp.domain.policy_check import in_reading_order
from webapp.domain.policy_difference import Difference, differences
from webapp.domain.record.attestations import ATTESTATIONS
from webapp.domain.workflow import Actor
from webapp.domain.workflow.grants import Right, may
from webapp.services.policy.reading import Proposed, proposed_of
from webapp.services.policy.rights import require_reader


@dataclass(frozen=True)
class SignedBy:
    """A signature under a version: who, when, with which meaning, at which level, and its entry in the audit log."""

    name: str
    at: datetime
    meaning: str
    level: str
    entry_seq: int | None


@dataclass(frozen=True)
class VersionShown:
    """One version that is or was in force; the first was signed by nobody."""

    number: int
    digest: str
    adopted_at: datetime
    is_urgent: bool
    signed_by: tuple[SignedBy, ...]


@dataclass(frozen=True)
class ProposalShown:
    """The proposal that waits. ``why_not``: why the person who looks cannot put it into force, or None where it is open to them."""

    id: str
    version: int
    digest: str
    is_urgent: bool
    proposed_by: str
    proposed_at: datetime
    due_at: datetime | None
    signed_by: SignedBy
    does: Proposed
    why_not: str | None


@dataclass(frozen=True)
class Withdrawn:
    """A proposal that came to nothing."""

    version: int
    digest: str
    proposed_by: str
    concluded_at: datetime | None


@dataclass(frozen=True)
class PolicyView:
    """The policy in force with its source and signatures, what is proposed, every version and every withdrawn proposal, newest first."""

    policy: Policy
    document: dict[str, Any]
    source: str
    current: VersionShown
    versions: tuple[VersionShown, ...]
    proposal: ProposalShown | None
    withdrawn: tuple[Withdrawn, ...]
    may_propose: bool
    administrators: int
    attestation: str
    has_passkey: bool


def show_policy(outside: Outside, actor: Actor) -> PolicyView:
    """The policy as this person meets it now."""
    require_reader(actor)
    with outside.database.reading() as session:
        row, policy = policy_in_force(outside, session)
        rows = list(session.scalars(select(PolicyRow).order_by(PolicyRow.version.desc())))
        if rows[0].version != row.version:
            rows.insert(0, row)
        document = dict(json.loads(row.content))
        versions = tuple(_version(session, known) for known in rows)
        return PolicyView(
            policy=policy,
            document=document,
            source=write_yaml(in_reading_order(document)),
            current=versions[0],
            versions=versions,
            proposal=_proposal(session, actor, row),
            withdrawn=_withdrawn(session),
            may_propose=actor.is_in_person and may(actor.roles, Right.PROPOSE_POLICY),
            administrators=count_administrators(session),
            attestation=ATTESTATIONS["adoption of a policy"],
            has_passkey=level_within_reach(session, actor.id) == "L2",
        )


@dataclass(frozen=True)
class Announcement:
    """What every page says while a version is on its way; ``label`` of the link to it. ``is_grave``: it comes by itself."""

    sentence: str
    label: str
    is_grave: bool


def announce(outside: Outside, actor: Actor) -> Announcement | None:
    """What comes into force by itself and when, for everybody; what waits for a signature, for those who may give it."""
    with outside.database.reading() as session:
        row = open_proposal(session)
        if row is None:
            return None
        base, policy = policy_in_force(outside, session)
        if row.base_sha256 != base.sha256:
            return None
        changes = differences(policy, read_policy(json.loads(row.content)))
        who = session.get_one(Person, row.proposed_by).name
    may_act = may(actor.roles, Right.PROPOSE_POLICY)
    if row.due_at is not None:
        start = f"Version {row.version} of the policy comes into force on {row.due_at:%-d %B %Y at %H:%M} UTC by one signature"
        label = "See it, or withdraw it" if may_act else "See what it changes"
        return Announcement(f"{start} ({who}). {_in_short(changes)}", label, is_grave=True)
    if may_act and row.proposed_by != actor.id:
        sentence = (
            f"{who} proposed version {row.version} of the policy; it waits for a second administrator's signature."
        )
        return Announcement(sentence, "See it, then sign or withdraw it", is_grave=False)
    return None


def _in_short(changes: tuple[Difference, ...]) -> str:
    """The first two differences in words, what is weaker first, and how many there are."""
    weaker = [change for change in changes if change.is_weaker]
    in_order = (*weaker, *(change for change in changes if not change.is_weaker))
    shown = " ".join(f"{change.place}: {change.sentence}" for change in in_order[:2])
    more = f" And {len(changes) - 2} more." if len(changes) > 2 else ""
    return f"{shown}{more}" + (f" Weaker than before: {len(weaker)} of {len(changes)}." if weaker else "")


def _version(session: Session, row: PolicyRow) -> VersionShown:
    query = select(PolicyProposal).where(
        PolicyProposal.version == row.version,
        PolicyProposal.sha256 == row.sha256,
        PolicyProposal.state != WITHDRAWN,
    )
    proposal = session.scalars(query).first()
    ids = [] if proposal is None else [proposal.signature_id, proposal.second_signature_id]
    signed = tuple(_signed_by(session, signature_id) for signature_id in ids if signature_id is not None)
    return VersionShown(row.version, row.sha256, row.adopted_at, bool(row.is_urgent), signed)


def _signed_by(session: Session, signature_id: str) -> SignedBy:
    row = session.get_one(Signature, signature_id)
    return SignedBy(row.signer_name, row.signed_at, row.meaning, row.level, row.entry_seq)


def _proposal(session: Session, actor: Actor, base: PolicyRow) -> ProposalShown | None:
    row = open_proposal(session)
    if row is None or row.sha256 == base.sha256:
        return None
    return ProposalShown(
        id=row.id,
        version=row.version,
        digest=row.sha256,
        is_urgent=row.is_urgent,
        proposed_by=session.get_one(Person, row.proposed_by).name,
        proposed_at=row.proposed_at,
        due_at=row.due_at,
        signed_by=_signed_by(session, row.signature_id),
        does=proposed_of(session, row.version, row.sha256, dict(json.loads(row.content)), base),
        why_not=_why_not(actor, row, base),
    )


def _why_not(actor: Actor, row: PolicyProposal, base: PolicyRow) -> str | None:
    if not may(actor.roles, Right.PROPOSE_POLICY):
        return "A second administrator puts it into force."
    if row.base_sha256 != base.sha256:
        return "Another version came into force since it was proposed; withdraw it and propose it again."
    if row.proposed_by == actor.id:
        return "You proposed it; another administrator puts it into force."
    return None


def _withdrawn(session: Session) -> tuple[Withdrawn, ...]:
    query = select(PolicyProposal).where(PolicyProposal.state == WITHDRAWN).order_by(PolicyProposal.id.desc())
    return tuple(
        Withdrawn(row.version, row.sha256, session.get_one(Person, row.proposed_by).name, row.concluded_at)
        for row in session.scalars(query)
    )
