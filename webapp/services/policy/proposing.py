"""Proposing a version of the policy: a signed act of an administrator, who approves nothing else.

Two different administrators sign; where fewer than two are active, one signature waits a day in which everybody is told. What must
not live here: what counts at a moment (``acts.policies``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from webapp.acts.mailing import mail_everybody
from webapp.acts.policies import (
    OPEN,
    enter_due_policy,
    lock_policies,
    open_proposal,
)
from webapp.acts.reauthentication import Again, Proof
from webapp.acts.recording import enter
from webapp.acts.second_factors import level_within_reach
from webapp.acts.signed_deeds import ask_passkey_for, sign_deed
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import PolicyProposal
from webapp.domain.record.attestations import ATTESTATIONS
from webapp.domain.workflow import Actor
from webapp.errors import AlreadyDone, Conflict, Stale
from webapp.services.policy.reading import Draft, Proposed, look_ahead, read_draft
from webapp.services.policy.rights import require_proposer
from webapp.services.policy.signing import PROPOSAL, do_deed, policy_deed


@dataclass(frozen=True)
class Preview:
    """A text before it is proposed: what it would do, what its signature attests, and whether this person may sign with a passkey."""

    draft: Draft
    proposed: Proposed
    attestation: str
    has_passkey: bool


def preview(outside: Outside, actor: Actor, source: str) -> Preview:
    """What this text would do if it were proposed now; nothing is stored."""
    require_proposer(actor)
    draft = read_draft(source)
    with outside.database.reading() as session:
        return Preview(
            draft,
            look_ahead(outside, session, draft),
            ATTESTATIONS[PROPOSAL],
            level_within_reach(session, actor.id) == "L2",
        )


def propose(outside: Outside, actor: Actor, source: str, base_sha256: str, given: Again, *, is_urgent: bool) -> str:
    """The version is proposed, signed and entered; returns the proposal's id. It waits for a second administrator, or a day.

    ``base_sha256``: the version in force that the page compared it with.
    """
    draft = read_draft(source)

    def act(session: Session, proof: Proof | None) -> str:
        """Under the lock of the policies."""
        proposed = _ready(outside, session, actor, draft, base_sha256)
        row = _store(outside, session, actor, draft, proposed, proof, is_urgent=is_urgent)
        return row.id

    return do_deed(outside, actor, policy_deed(PROPOSAL, draft.sha256, "policy"), given, act)


def ask_passkey_to_propose(
    outside: Outside, actor: Actor, source: str, base_sha256: str, *, is_urgent: bool
) -> dict[str, Any]:
    """What the browser is told to have the proposer's passkey sign."""
    require_proposer(actor)
    draft = read_draft(source)
    with outside.database.writing() as session:
        proposed = _ready(outside, session, actor, draft, base_sha256)
        deed = policy_deed(PROPOSAL, draft.sha256, str(proposed.version))
        return ask_passkey_for(outside, session, actor, deed, proposed.display(is_urgent=is_urgent))


def _ready(outside: Outside, session: Session, actor: Actor, draft: Draft, base_sha256: str) -> Proposed:
    """What the proposal does now, under the lock of the policies; says why it cannot be made."""
    lock_policies(session)
    enter_due_policy(outside, session)
    waiting = open_proposal(session)
    if waiting is not None and (waiting.proposed_by, waiting.sha256) == (actor.id, draft.sha256):
        raise AlreadyDone("You proposed this already; it is recorded once.", details={"proposal": waiting.id})
    if waiting is not None:
        raise Conflict(
            f"Version {waiting.version} is proposed already; it comes into force or is withdrawn before another is proposed.",
            code="proposal_open",
        )
    proposed = look_ahead(outside, session, draft)
    if proposed.base.sha256 != base_sha256:
        raise Stale(
            f"Version {proposed.base.version} is in force by now; look at what your text changes there, then sign."
        )
    return proposed


def _store(
    outside: Outside,
    session: Session,
    actor: Actor,
    draft: Draft,
    proposed: Proposed,
    proof: Proof | None,
    *,
    is_urgent: bool,
) -> PolicyProposal:
    deed = policy_deed(PROPOSAL, draft.sha256, str(proposed.version))
    signature = sign_deed(outside, session, actor, deed, proof, proposed.display(is_urgent=is_urgent))
    session.flush()
    row = PolicyProposal(
        id=outside.new_id("pol"),
        version=proposed.version,
        sha256=draft.sha256,
        content=draft.content,
        base_sha256=proposed.base.sha256,
        is_urgent=is_urgent,
        state=OPEN,
        proposed_by=actor.id,
        proposed_at=outside.now(),
        signature_id=signature.id,
    )
    session.add(row)
    enter(
        outside,
        session,
        actor,
        "policy.proposed",
        ("policy", "policy", row.version),
        before=("in_force", row.base_sha256),
        after=("proposed", row.sha256),
        reason="urgent" if is_urgent else "ordinary",
        payload={"policy": draft.document},
        attest=(signature.envelope_sha256,),
        numbered=signature,
    )
    if proposed.delay is not None:  # counted from after the entry's own time, so that the log shows the whole delay
        row.due_at = outside.now() + proposed.delay
    _tell(outside, session, actor, row, proposed)
    session.flush()
    return row


def _tell(outside: Outside, session: Session, actor: Actor, row: PolicyProposal, proposed: Proposed) -> None:
    weaker = len(proposed.difference.weaker)
    when = (
        "It comes into force when a second administrator signs it."
        if row.due_at is None
        else f"It comes into force by itself on {row.due_at:%-d %B %Y at %H:%M} UTC unless an administrator withdraws it."
    )
    text = f"{actor.name} proposed version {row.version} of the policy. {when} Rules that ask for less than before: {weaker}."
    mail_everybody(outside, session, f"Version {row.version} of the policy is proposed", text, "/policy")
