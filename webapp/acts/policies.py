"""Policies in force and on their way there: the one place that says which version counts at a moment, and that enters a new one.

A version comes into force by two administrators' signatures, or where there are fewer than two by one and a delay. What must not
live here: who may propose and sign (``webapp.services.policy``).
"""

from __future__ import annotations

import json
from datetime import timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.acts.actors import SYSTEM
from webapp.acts.mailing import mail_everybody
from webapp.acts.recording import enter
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Person, PolicyProposal, PolicyRow, Prompt, RoleGrant, Signature
from webapp.domain.policy import Policy, read_policy
from webapp.domain.record.canonical import canonical, sha256_hex
from webapp.domain.workflow import Actor, Role
from webapp.errors import InvalidInput, Unavailable

DELAY = timedelta(hours=24)
OPEN, ADOPTED, WITHDRAWN = "open", "adopted", "withdrawn"


def policy_in_force(outside: Outside, session: Session) -> tuple[PolicyRow, Policy]:
    """The version that counts at this moment, as row and as read.

    One whose delay is over counts from its moment on, also before anybody entered it.
    """
    due = _due(outside, session)
    row = _newest(session) if due is None else _row_of(due, due.due_at or outside.now(), None)
    return row, policy_in(row.content)


def has_due_policy(outside: Outside, session: Session) -> bool:
    """Is a version in force that nobody has entered yet?"""
    return _due(outside, session) is not None


def policy_of(session: Session, sha256: str) -> Policy:
    """The policy with this digest: an open change keeps the one of its revision."""
    row = session.scalars(select(PolicyRow).where(PolicyRow.sha256 == sha256)).one()
    return policy_in(row.content)


@lru_cache(maxsize=16)
def policy_in(content: bytes) -> Policy:
    """The policy that these bytes hold; they are read once, since a policy in use is looked at in every act."""
    return read_policy(json.loads(content))


def readable_policy(content: bytes) -> Policy | None:
    """The same, or None for damaged bytes: they must keep nobody from stopping something."""
    try:
        return policy_in(content)
    except (ValueError, InvalidInput):
        return None


def is_sent_back(outside: Outside, session: Session, sha256: str) -> bool:
    """Is a newer version in force than the one with this digest that is marked urgent? Then open changes are evaluated again."""
    due = _due(outside, session)
    if due is not None and due.is_urgent:
        return True
    own = session.scalar(select(PolicyRow.version).where(PolicyRow.sha256 == sha256)) or 0
    query = select(PolicyRow.version).where(PolicyRow.version > own, PolicyRow.is_urgent)
    return session.scalar(query.limit(1)) is not None


def policy_words(outside: Outside, session: Session, sha256: str, *, is_over: bool) -> str:
    """Which version counts for a revision that was made under this digest, in words."""
    own = session.scalar(select(PolicyRow.version).where(PolicyRow.sha256 == sha256))
    now = policy_in_force(outside, session)[0].version
    if is_over or own == now:
        return f"Version {own}"
    return f"Version {own} until the next revision, which takes version {now}"


def has_urgent_policy(session: Session) -> bool:
    """Was any version that was entered marked urgent?"""
    return session.scalar(select(PolicyRow.version).where(PolicyRow.is_urgent).limit(1)) is not None


def default_plan(outside: Outside, session: Session, prompt: Prompt, risk_class: str) -> dict[str, Any]:
    """The plan of the policy in force for the class, without silent runs while nothing of the prompt is live to compare with."""
    plan = policy_in_force(outside, session)[1].of(risk_class).plan
    return (plan if prompt.live_release_id else plan.without_silent_runs()).document()


def plan_under(
    outside: Outside, session: Session, prompt: Prompt, sha256: str, risk_class: str, plan: dict[str, Any]
) -> dict[str, Any]:
    """The plan of a further revision: the author's own, or where it was the policy's, that of the policy in force.

    ``sha256``: the policy of the earlier revision.
    """
    usual = policy_of(session, sha256).of(risk_class).plan
    if plan not in (usual.document(), usual.without_silent_runs().document()):
        return plan
    return default_plan(outside, session, prompt, risk_class)


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


def lock_policies(session: Session) -> PolicyRow:
    """No other transaction proposes, adopts or withdraws until this one ends; returns the newest adopted version."""
    session.scalars(select(PolicyRow).where(PolicyRow.version == 1).with_for_update()).one()
    return _newest(session)


def open_proposal(session: Session) -> PolicyProposal | None:
    """The proposal that waits for a second signature or its moment; there is at most one."""
    return session.scalars(
        select(PolicyProposal).where(PolicyProposal.state == OPEN).execution_options(populate_existing=True)
    ).one_or_none()


def enter_due_policy(outside: Outside, session: Session) -> PolicyRow | None:
    """A proposal whose delay is over is in force and entered, once; returns its row, or None where there is none."""
    if _due(outside, session) is None:
        return None
    lock_policies(session)
    due = _due(outside, session)
    return None if due is None else adopt(outside, session, SYSTEM, due, None)


def adopt(
    outside: Outside, session: Session, actor: Actor, proposal: PolicyProposal, second: Signature | None
) -> PolicyRow:
    """The proposed version is in force, entered with its signatures: two, or one and the delay. The policies are locked."""
    before, at = _newest(session), outside.now() if second else proposal.due_at or outside.now()
    row = _row_of(proposal, at, actor.id if second else None)
    session.add(row)
    proposal.state, proposal.concluded_at = ADOPTED, outside.now()
    first = session.get_one(Signature, proposal.signature_id)
    if second is not None:
        proposal.second_id, proposal.second_signature_id = actor.id, second.id
    enter(
        outside,
        session,
        actor,
        "policy.adopted",
        ("policy", "policy", row.version),
        before=("in_force", before.sha256),
        after=("in_force", row.sha256),
        reason="second_signature" if second else "delay_over",
        attest=(first.envelope_sha256, *((second.envelope_sha256,) if second else ())),
        numbered=second,
    )
    who = (
        f"{first.signer_name} and {actor.name} signed it" if second else f"24 hours after {first.signer_name} signed it"
    )
    text = (
        f"Version {row.version} of the policy is in force: {who}. The page says what it changes and whom it concerns."
    )
    mail_everybody(outside, session, f"Version {row.version} of the policy is in force", text, "/policy")
    session.flush()
    return row


def withdraw(outside: Outside, session: Session, actor: Actor, proposal: PolicyProposal, reason: str) -> None:
    """The proposal comes to nothing; what is in force stays. The policies are locked."""
    proposal.state, proposal.concluded_at, proposal.concluded_by = WITHDRAWN, outside.now(), actor.id
    enter(
        outside,
        session,
        actor,
        "policy.withdrawn",
        ("policy", "policy", proposal.version),
        before=("proposed", proposal.sha256),
        after=("withdrawn", proposal.sha256),
        reason=reason,
    )


def withdraw_of(outside: Outside, session: Session, actor: Actor, person_id: str) -> None:
    """Whoever is no administrator here any more proposes nothing: an open proposal of this person is withdrawn."""
    lock_policies(session)
    enter_due_policy(outside, session)
    proposal = open_proposal(session)
    if proposal is not None and proposal.proposed_by == person_id:
        withdraw(outside, session, actor, proposal, "proposer_left")


def count_administrators(session: Session) -> int:
    """How many people could put a policy into force: active administrators who have joined."""
    query = (
        select(func.count(func.distinct(Person.id)))
        .join(RoleGrant, RoleGrant.person_id == Person.id)
        .where(RoleGrant.role == Role.ADMINISTRATOR.value, RoleGrant.revoked_at.is_(None))
        .where(Person.is_active, Person.password_hash.is_not(None))
    )
    return session.scalar(query) or 0


def _newest(session: Session) -> PolicyRow:
    row = session.scalar(select(PolicyRow).order_by(PolicyRow.version.desc()).limit(1))
    if row is None:
        raise Unavailable("No policy is in force; run `formulary db upgrade` once.")
    return row


def _due(outside: Outside, session: Session) -> PolicyProposal | None:
    """The open proposal whose delay is over; one that was made on another version than the newest never comes due."""
    proposal = open_proposal(session)
    if proposal is None or proposal.due_at is None or proposal.due_at > outside.now():
        return None
    return proposal if proposal.base_sha256 == _newest(session).sha256 else None


def _row_of(proposal: PolicyProposal, at: Any, by: str | None) -> PolicyRow:
    if sha256_hex(proposal.content) != proposal.sha256:
        raise Unavailable("The proposed policy is not the text that was signed; withdraw it and tell an auditor.")
    return PolicyRow(
        version=proposal.version,
        sha256=proposal.sha256,
        content=proposal.content,
        adopted_at=at,
        adopted_by=by,
        is_urgent=proposal.is_urgent,
    )
