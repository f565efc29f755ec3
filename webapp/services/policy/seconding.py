"""Putting a proposed version of the policy into force by a second administrator's signature, or withdrawing it."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.acts.mailing import mail_everybody
from webapp.acts.policies import (
    ADOPTED,
    OPEN,
    adopt,
    enter_due_policy,
    lock_policies,
    withdraw,
)
from webapp.acts.reauthentication import Again, Proof
from webapp.acts.sealing import seal_if_possible
from webapp.acts.signed_deeds import ask_passkey_for, sign_deed
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import PolicyProposal, RoleGrant
from webapp.domain.workflow import Actor, Role
from webapp.errors import AlreadyDone, Conflict, NotFound, Refused, Stale
from webapp.services.policy.reading import Proposed, proposed_of
from webapp.services.policy.rights import require_proposer
from webapp.services.policy.sending_back import send_back_open_changes
from webapp.services.policy.signing import ADOPTION, do_deed, policy_deed


def second(outside: Outside, actor: Actor, proposal_id: str, sha256: str, given: Again) -> None:
    """The proposed version is in force, by this other administrator's signature."""

    def act(session: Session, proof: Proof | None) -> bool:
        """Under the lock of the policies."""
        row, proposed = _to_second(outside, session, actor, proposal_id, sha256)
        deed = policy_deed(ADOPTION, row.sha256, str(row.version))
        signature = sign_deed(outside, session, actor, deed, proof, proposed.display(is_urgent=row.is_urgent))
        session.flush()
        adopt(outside, session, actor, row, signature)
        return row.is_urgent

    is_urgent = do_deed(outside, actor, policy_deed(ADOPTION, sha256, "policy"), given, act)
    if is_urgent:
        send_back_open_changes(outside)


def ask_passkey_to_second(outside: Outside, actor: Actor, proposal_id: str, sha256: str) -> dict[str, Any]:
    """What the browser is told to have the second administrator's passkey sign."""
    require_proposer(actor)
    with outside.database.writing() as session:
        row, proposed = _to_second(outside, session, actor, proposal_id, sha256)
        deed = policy_deed(ADOPTION, row.sha256, str(row.version))
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
