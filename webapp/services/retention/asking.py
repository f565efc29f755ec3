"""Asking for an erasure and confirming it: two signatures of two people over the same plan, one administrator and one auditor.

An administrator runs the place and an auditor guards its record; neither has a reason to help the other hide something, and none
of them decides on prompts. What must not live here: erasing (``erasing``).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.acts.jobs import ask_for
from webapp.acts.reauthentication import Again
from webapp.acts.recording import enter
from webapp.acts.retention import verdict_on
from webapp.acts.role_age import Moment
from webapp.acts.signed_deeds import Deed, ask_passkey_for, entering_refusals, prove_deed, sign_deed
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Erasure, Leaf
from webapp.domain.workflow import Actor
from webapp.domain.workflow.grants import Right
from webapp.domain.workflow.stages import ROLE_WORDS
from webapp.errors import AlreadyDone, Conflict, InvalidInput, NotFound, Refused, Stale
from webapp.services.retention.planning import is_empty, plan_digest, plan_of, plan_words, size_of
from webapp.services.retention.rules import ERASERS, read_reason, require_right, take_turn
from webapp.services.retention.showing import OPEN_STATES, other_role, require_subject

ERASURE_JOB = "erasure"
REQUEST, CONFIRM = "request of an erasure", "confirmation of an erasure"
LEVEL = "L1"
CHANGED = "What would go changed since you opened this page; read it again."


def request_erasure(
    outside: Outside, actor: Actor, kind: str, subject: str, expected_digest: str, reason: str, given: Again
) -> str:
    """The erasure is asked for and signed; returns its id. Refused with the sentence and the day where it may not be."""
    require_right(actor, Right.ERASE_TEXTS)
    reason = read_reason(reason)
    with outside.database.reading() as session:
        require_subject(session, kind, subject)  # a refusal's entry names it, and may name nothing that was typed
    deed = _deed(kind, subject, expected_digest, REQUEST)
    with entering_refusals(outside, actor, deed):
        proof = prove_deed(outside, actor, deed, given)
        with outside.database.writing() as session:
            take_turn(session)
            plan = _require_erasable(outside, session, kind, subject, expected_digest)
            _require_none_open(session, kind, subject)
            signature = sign_deed(outside, session, actor, deed, proof, _display(plan), reason)
            row = Erasure(
                id=outside.new_id("ers"),
                kind=kind,
                subject=subject,
                reason=reason,
                plan=plan,
                plan_sha256=expected_digest,
                state="requested",
                requested_by=actor.id,
                requested_role=signature.signer_role,
                requested_at=outside.now(),
                request_envelope=signature.envelope_sha256,
                planned=size_of(plan),
            )
            session.add(row)
            session.flush()
            _enter(outside, session, actor, "erasure.requested", row, (signature.envelope_sha256,), reason)
            return row.id


def confirm_erasure(outside: Outside, actor: Actor, erasure_id: str, expected_digest: str, given: Again) -> None:
    """A second person signed the same plan; workers erase from now on, and nobody can bring it back."""
    require_right(actor, Right.ERASE_TEXTS)
    with outside.database.reading() as session:
        row = _erasure(session, erasure_id)
        asked = _asked(session, row)
    deed = _deed(row.kind, row.subject, expected_digest, CONFIRM)
    deed = replace(deed, roles=frozenset({other_role(row.requested_role)}), asked=asked)
    with entering_refusals(outside, actor, deed):
        proof = prove_deed(outside, actor, deed, given)
        with outside.database.writing() as session:
            take_turn(session)
            row = _erasure(session, erasure_id, is_locked=True)
            _require_second(actor, row)
            if row.plan_sha256 != expected_digest:
                raise Stale(CHANGED)
            plan = _require_erasable(outside, session, row.kind, row.subject, expected_digest)
            signature = sign_deed(outside, session, actor, deed, proof, _display(plan))
            row.state, row.confirmed_by, row.confirmed_at = "working", actor.id, outside.now()
            row.confirm_envelope = signature.envelope_sha256
            _enter(outside, session, actor, "erasure.confirmed", row, (signature.envelope_sha256,))
            ask_for(outside, session, ERASURE_JOB, row.id)


def withdraw_erasure(outside: Outside, actor: Actor, erasure_id: str) -> None:
    """The erasure is no longer asked for; who stops something is not held up."""
    require_right(actor, Right.ERASE_TEXTS)
    with outside.database.writing() as session:
        take_turn(session)
        row = _erasure(session, erasure_id, is_locked=True)
        if row.state != "requested":
            raise Conflict("This erasure was confirmed or withdrawn already; nothing was changed.")
        row.state, row.concluded_at = "withdrawn", outside.now()
        _enter(outside, session, actor, "erasure.withdrawn", row, ())


def ask_passkey(
    outside: Outside, actor: Actor, kind: str, subject: str, expected_digest: str, *, erasure_id: str = ""
) -> dict[str, Any]:
    """What the browser is told to have this person's passkey sign the request, or with ``erasure_id`` the confirmation."""
    require_right(actor, Right.ERASE_TEXTS)
    deed = _deed(kind, subject, expected_digest, CONFIRM if erasure_id else REQUEST)
    with outside.database.writing() as session:
        if erasure_id:
            row = _erasure(session, erasure_id)
            deed = replace(deed, roles=frozenset({other_role(row.requested_role)}), asked=_asked(session, row))
        plan = _require_erasable(outside, session, kind, subject, expected_digest)
        return ask_passkey_for(outside, session, actor, deed, _display(plan))


def _asked(session: Session, row: Erasure) -> Moment:
    """When the confirmation was asked for: whoever was given the role since is no second person for it."""
    query = select(Leaf.seq).where(
        Leaf.entity_type == "erasure", Leaf.entity_id == row.id, Leaf.type == "erasure.requested"
    )
    return Moment(row.requested_at, session.scalar(query))


def _deed(kind: str, subject: str, digest: str, meaning: str) -> Deed:
    name = "request_erasure" if meaning == REQUEST else "confirm_erasure"
    return Deed(name, f"erasure/{kind}/{subject}", digest, meaning, ERASERS, LEVEL)


def _require_erasable(
    outside: Outside, session: Session, kind: str, subject: str, expected_digest: str
) -> dict[str, Any]:
    """The plan as it is now, where its years are over, no hold keeps it, and it is what the person read."""
    calendar = require_subject(session, kind, subject)
    verdict = verdict_on(outside, session, calendar, kind, subject)
    if verdict.refusal is not None:
        on = verdict.on.isoformat() if verdict.on else None
        raise Refused(verdict.refusal, code=verdict.code, details={"erasable_from": on})
    plan = plan_of(session, calendar, kind, subject)
    if is_empty(plan):
        raise InvalidInput("Nothing is left to erase here.")
    if plan_digest(plan) != expected_digest:
        raise Stale(CHANGED)
    return plan


def _require_none_open(session: Session, kind: str, subject: str) -> None:
    query = select(Erasure.id).where(Erasure.kind == kind, Erasure.subject == subject, Erasure.state.in_(OPEN_STATES))
    if session.scalar(query.limit(1)) is not None:
        raise AlreadyDone("This erasure is asked for already; it waits on the page Retention.")


def _require_second(actor: Actor, row: Erasure) -> None:
    if row.state != "requested":
        raise Conflict("This erasure was confirmed or withdrawn already; nothing was changed.")
    if actor.id == row.requested_by:
        raise Refused("You asked for this; another person confirms it.", code="oneself")
    needed = other_role(row.requested_role)
    if needed not in actor.roles:
        raise Refused(f"This is confirmed by somebody with the role {ROLE_WORDS[needed]}.", code="role")


def _display(plan: dict[str, Any]) -> dict[str, Any]:
    """What was shown, and is signed by digest: the plan, and its counts in words."""
    return {
        "kind": "prompt-formulary/erasure-display/v1",
        "plan": plan,
        "goes": [list(row) for row in plan_words(plan)],
    }


def _erasure(session: Session, erasure_id: str, *, is_locked: bool = False) -> Erasure:
    row = session.get(Erasure, erasure_id, with_for_update=is_locked or None)
    if row is None:
        raise NotFound("There is no such erasure; look at the page Retention.")
    return row


def _enter(
    outside: Outside, session: Session, actor: Actor, kind: str, row: Erasure, attest: tuple[str, ...], reason: str = ""
) -> None:
    payload = {"plan_sha256": row.plan_sha256, "plan": row.plan, "reason": reason} if reason else None
    entity, after = ("erasure", row.id, None), (row.state, row.plan_sha256)
    enter(outside, session, actor, kind, entity, after=after, reason=row.kind, payload=payload, attest=attest)
