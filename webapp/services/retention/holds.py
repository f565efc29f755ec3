"""Legal holds: placed and lifted by administrators as signed acts with a reason. A hold keeps everything that it covers."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from webapp.acts.reauthentication import Again
from webapp.acts.recording import enter
from webapp.acts.retention import ALL, PERSON, PROMPT, hold_words
from webapp.acts.signed_deeds import Deed, ask_passkey_for, entering_refusals, prove_deed, sign_deed
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import LegalHold, Person, Prompt
from webapp.domain.record.canonical import digest_of
from webapp.domain.workflow import Actor
from webapp.domain.workflow.grants import Right
from webapp.domain.workflow.stages import Role
from webapp.errors import AlreadyDone, InvalidInput, NotFound
from webapp.services.retention.rules import read_reason, require_right, take_turn

KIND = "prompt-formulary/legal-hold/v1"
PLACE, LIFT = "placing of a legal hold", "lifting of a legal hold"
ADMINISTRATORS = frozenset({Role.ADMINISTRATOR})


def place_hold(outside: Outside, actor: Actor, scope: str, subject: str, reason: str, given: Again) -> str:
    """The hold stands from now on; returns its id. Stopping an erasure takes no more than a password (L0)."""
    require_right(actor, Right.PLACE_HOLD)
    reason = read_reason(reason)
    subject = "" if scope == ALL else subject
    with outside.database.reading() as session:
        _require_subject(session, scope, subject)
    document = _document(outside, "place", scope, subject, reason)
    deed = Deed("place_hold", f"hold/{scope}", digest_of(document), PLACE, ADMINISTRATORS)
    with entering_refusals(outside, actor, deed):
        proof = prove_deed(outside, actor, deed, given)
        with outside.database.writing() as session:
            take_turn(session)
            row = LegalHold(
                id=outside.new_id("hld"),
                scope=scope,
                subject=subject,
                reason=reason,
                placed_by=actor.id,
                placed_at=outside.now(),
            )
            signature = sign_deed(outside, session, actor, deed, proof, document, reason)
            session.add(row)
            _enter(
                outside, session, actor, "hold.placed", row, {**document, "reason": reason}, signature.envelope_sha256
            )
            return row.id


def lift_hold(outside: Outside, actor: Actor, hold_id: str, reason: str, given: Again) -> None:
    """The hold covers nothing any more. Password and code, or a passkey (L1): what it kept may be erased from then on."""
    require_right(actor, Right.PLACE_HOLD)
    reason = read_reason(reason)
    with outside.database.reading() as session:
        row = _hold(session, hold_id)
    document, deed = _lifting(outside, row, reason)
    with entering_refusals(outside, actor, deed):
        proof = prove_deed(outside, actor, deed, given)
        with outside.database.writing() as session:
            take_turn(session)
            row = _hold(session, hold_id, is_locked=True)
            if row.lifted_at is not None:
                raise AlreadyDone("This hold was lifted already.")
            signature = sign_deed(outside, session, actor, deed, proof, document, reason)
            row.lifted_at, row.lifted_by, row.lift_reason = outside.now(), actor.id, reason
            _enter(
                outside, session, actor, "hold.lifted", row, {**document, "reason": reason}, signature.envelope_sha256
            )


def ask_passkey_to_lift(outside: Outside, actor: Actor, hold_id: str, reason: str) -> dict[str, Any]:
    """What the browser is told to have this person's passkey sign the lifting of the hold, with this reason."""
    require_right(actor, Right.PLACE_HOLD)
    reason = read_reason(reason)
    with outside.database.writing() as session:
        document, deed = _lifting(outside, _hold(session, hold_id), reason)
        return ask_passkey_for(outside, session, actor, deed, document)


def _lifting(outside: Outside, row: LegalHold, reason: str) -> tuple[dict[str, Any], Deed]:
    """What is signed to lift the hold."""
    document = _document(outside, "lift", row.scope, row.subject, reason) | {"hold": row.id}
    return document, Deed("lift_hold", f"hold/{row.id}", digest_of(document), LIFT, ADMINISTRATORS, "L1")


def _require_subject(session: Session, scope: str, subject: str) -> None:
    if scope not in (PROMPT, PERSON, ALL):
        raise InvalidInput("A hold is on one prompt, on one person, or on everything.")
    if scope != ALL and session.get(Prompt if scope == PROMPT else Person, subject) is None:
        raise InvalidInput(f"Choose the {scope} that the hold is on.")


def _document(outside: Outside, act: str, scope: str, subject: str, reason: str) -> dict[str, Any]:
    """What is signed. The reason is bound by a keyed digest: a leaf names this document's, from which a short text could be guessed."""
    keyed = outside.keyring.mac(b"hold:" + reason.encode("utf-8", "replace"))
    return {"kind": KIND, "act": act, "scope": scope, "subject": subject, "reason_keyed": keyed}


def _hold(session: Session, hold_id: str, *, is_locked: bool = False) -> LegalHold:
    row = session.get(LegalHold, hold_id, with_for_update=is_locked or None)
    if row is None:
        raise NotFound("There is no such hold; look at the page Retention.")
    return row


def _enter(
    outside: Outside, session: Session, actor: Actor, kind: str, row: LegalHold, document: dict[str, Any], envelope: str
) -> None:
    payload = {**document, "words": hold_words(session, row.scope, row.subject)}
    enter(outside, session, actor, kind, ("hold", row.id, None), reason=row.scope, payload=payload, attest=(envelope,))
