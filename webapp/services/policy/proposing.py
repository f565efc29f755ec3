"""Proposing a version of the policy, putting it into force, withdrawing it: signed acts of administrators, who approve nothing else.

Two different administrators sign; where fewer than two are active, one signature waits a day in which everybody is told. What must
not live here: what counts at a moment (``acts.policies``).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.acts.mailing import mail_everybody
from webapp.acts.policies import (
    ADOPTED,
    OPEN,
    adopt,
    enter_due_policy,
    lock_policies,
    open_proposal,
    withdraw,
)
from webapp.acts.reauthentication import Again, Proof
from webapp.acts.recording import enter
from webapp.acts.sealing import seal_if_possible
from webapp.acts.second_factors import level_within_reach
from webapp.acts.signed_deeds import Deed, ask_passkey_for, entering_refusals, prove_deed, sign_deed
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import PolicyProposal, RoleGrant
from webapp.domain.record.attestations import ATTESTATIONS
from webapp.domain.workflow import Actor, Role
from webapp.errors import AlreadyDone, Conflict, FormularyError, NotFound, NotSignedIn, Refused, Stale
from webapp.services.policy.reading import Draft, Proposed, look_ahead, proposed_of, read_draft
from webapp.services.policy.rights import require_proposer
from webapp.services.policy.sending_back import send_back_open_changes

ADMINISTRATOR = frozenset({Role.ADMINISTRATOR})
PROPOSAL, ADOPTION = "proposal of a policy", "adoption of a policy"
LEVEL = "L1"
Done = TypeVar("Done")


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

    return _signed(outside, actor, _deed(PROPOSAL, draft.sha256, "policy"), given, act)


def ask_passkey_to_propose(
    outside: Outside, actor: Actor, source: str, base_sha256: str, *, is_urgent: bool
) -> dict[str, Any]:
    """What the browser is told to have the proposer's passkey sign."""
    require_proposer(actor)
    draft = read_draft(source)
    with outside.database.writing() as session:
        proposed = _ready(outside, session, actor, draft, base_sha256)
        deed = _deed(PROPOSAL, draft.sha256, str(proposed.version))
        return ask_passkey_for(outside, session, actor, deed, proposed.display(is_urgent=is_urgent))


def second(outside: Outside, actor: Actor, proposal_id: str, sha256: str, given: Again) -> None:
    """The proposed version is in force, by this other administrator's signature."""

    def act(session: Session, proof: Proof | None) -> bool:
        """Under the lock of the policies."""
        row, proposed = _to_second(outside, session, actor, proposal_id, sha256)
        deed = _deed(ADOPTION, row.sha256, str(row.version))
        signature = sign_deed(outside, session, actor, deed, proof, proposed.display(is_urgent=row.is_urgent))
        session.flush()
        adopt(outside, session, actor, row, signature)
        return row.is_urgent

    is_urgent = _signed(outside, actor, _deed(ADOPTION, sha256, "policy"), given, act)
    if is_urgent:
        send_back_open_changes(outside)


def ask_passkey_to_second(outside: Outside, actor: Actor, proposal_id: str, sha256: str) -> dict[str, Any]:
    """What the browser is told to have the second administrator's passkey sign."""
    require_proposer(actor)
    with outside.database.writing() as session:
        row, proposed = _to_second(outside, session, actor, proposal_id, sha256)
        deed = _deed(ADOPTION, row.sha256, str(row.version))
        return ask_passkey_for(outside, session, actor, deed, proposed.display(is_urgent=row.is_urgent))


def withdraw_proposal(outside: Outside, actor: Actor, proposal_id: str) -> None:
    """The proposal comes to nothing; any administrator may say so until it is in force. Nothing is signed: what is in force stays."""
    require_proposer(actor)
    with outside.database.writing() as session:
        row = _locked(outside, session, proposal_id)
        if row.state == ADOPTED:
            raise Conflict("This version is in force already; propose another one to undo it.")
        if row.state != OPEN:
            raise AlreadyDone("This proposal is withdrawn already.")
        withdraw(outside, session, actor, row, "withdrawn")
        mail_everybody(
            outside,
            session,
            "A proposed policy was withdrawn",
            f"{actor.name} withdrew version {row.version} of the policy. What is in force stays in force.",
            "/policy",
        )
    seal_if_possible(outside)


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
    deed = _deed(PROPOSAL, draft.sha256, str(proposed.version))
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


def _to_second(
    outside: Outside, session: Session, actor: Actor, proposal_id: str, sha256: str
) -> tuple[PolicyProposal, Proposed]:
    """The proposal and what it does now, under the lock of the policies; says why this person cannot sign it."""
    row = _locked(outside, session, proposal_id)
    if row.state == ADOPTED and row.second_id == actor.id:
        raise AlreadyDone("You signed this already; it is recorded once.")
    if row.state != OPEN or row.sha256 != sha256:
        raise Stale(
            "This page is older than the policy: the proposal was withdrawn or is in force. Load the page again."
        )
    if row.proposed_by == actor.id:
        raise Refused("You proposed this version; another administrator puts it into force.", code="same_person")
    _refuse_young_role(session, actor, row)
    base = lock_policies(session)
    if base.sha256 != row.base_sha256:
        raise Conflict(
            "Another version came into force since this was proposed; withdraw it and propose it again.",
            code="base_moved",
        )
    return row, proposed_of(session, row.version, row.sha256, dict(json.loads(row.content)), base)


def _refuse_young_role(session: Session, actor: Actor, row: PolicyProposal) -> None:
    """The role administrator is older than the proposal, or its grant was confirmed by a second person."""
    grants = session.scalars(
        select(RoleGrant).where(
            RoleGrant.person_id == actor.id,
            RoleGrant.role == Role.ADMINISTRATOR.value,
            RoleGrant.revoked_at.is_(None),
        )
    ).all()
    if not any(grant.granted_at <= row.proposed_at or grant.confirmed_at is not None for grant in grants):
        raise Refused(
            "You became administrator after this was proposed, so you cannot sign it; it is withdrawn and proposed again.",
            code="role_too_young",
        )


def _locked(outside: Outside, session: Session, proposal_id: str) -> PolicyProposal:
    lock_policies(session)
    enter_due_policy(outside, session)
    row = session.get(PolicyProposal, proposal_id, populate_existing=True)
    if row is None:
        raise NotFound("There is no such proposal; look at the page Policy.")
    return row


def _signed(
    outside: Outside, actor: Actor, deed: Deed, given: Again, act: Callable[[Session, Proof | None], Done]
) -> Done:
    """``act`` is done with a fresh proof and sealed; refusals are entered. A second click is told that it is done already."""
    wrong_code: NotSignedIn | None = None
    done: Done | None = None
    twice: AlreadyDone | None = None
    with entering_refusals(outside, actor, deed):
        require_proposer(actor)
        try:
            proof = prove_deed(outside, actor, deed, given)
        except NotSignedIn as error:
            if error.code not in ("wrong_code", "wrong_passkey"):
                raise
            proof, wrong_code = None, error
        try:
            with outside.database.writing() as session:
                done = act(session, proof)
        except AlreadyDone as error:
            twice = error
        except FormularyError as error:
            raise wrong_code or error from None
    if twice is not None:
        raise twice
    seal_if_possible(outside)
    assert done is not None
    return done


def _deed(meaning: str, sha256: str, name: str) -> Deed:
    word = "policy.propose" if meaning == PROPOSAL else "policy.adopt"
    return Deed(word, f"policy/{name}", sha256, meaning, ADMINISTRATOR, LEVEL)
