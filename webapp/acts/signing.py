"""Signing an act: Statement, envelope, signature row (21 CFR 11.50, 11.70), at the level of what was given again just now.

What must not live here: whether the act is allowed (``perform``), and what was shown (``display``).
"""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.acts.recording import store_document, store_envelope
from webapp.acts.second_factors import PASSKEY
from webapp.acts.situation import APPROVALS, Case
from webapp.adapters.outside import Outside
from webapp.adapters.passkeys import Asserted
from webapp.adapters.store.schema import Assertion, LogState, Person, Reauthentication, Signature
from webapp.domain.record.attestations import ATTESTATIONS, VERSION
from webapp.domain.record.canonical import canonical, normalised, sha256_hex
from webapp.domain.record.dsse import STATEMENT_MEDIA, envelope, pre_authentication_encoding, statement
from webapp.domain.record.leaf import timestamp
from webapp.domain.record.levels import level_of
from webapp.domain.workflow import Actor, Move, Situation
from webapp.errors import Stale

SIGNATURE_TYPE = "https://prompt-formulary.example/signature/v1"


def sign_act(
    outside: Outside,
    session: Session,
    case: Case,
    move: Move,
    situation: Situation,
    proof: Reauthentication,
    display: dict[str, Any],
    sentence: str,
    asserted: Asserted | None = None,
) -> Signature:
    """The act is signed over the change's present digest; the signature row and its envelope are stored.

    With a passkey its own signature stands in the envelope; Stale when it was made for a statement that is no longer true.
    """
    actor, signer = situation.actor, session.get_one(Person, situation.actor.id)
    display_sha256, _, _ = store_document(outside, session, display, salted=False)
    payload = statement_of(outside, session, case, move, situation, proof, display_sha256)
    envelope_sha256 = _store_signed(outside, session, payload, proof, asserted)
    row = Signature(
        id=outside.new_id("sig"),
        change_id=case.change.id,
        revision=case.change.revision,
        move=move.name,
        meaning=move.meaning or "",
        signer_id=signer.id,
        signer_name=signer.name,
        signer_title=signer.title,
        signer_credentials=signer.credentials,
        signer_role=_role(move, actor),
        subject_sha256=case.change.digest,
        display_sha256=display_sha256,
        envelope_sha256=envelope_sha256,
        level=level_of(proof.method),
        nonce=proof.nonce,
        sentence=sentence,
        signed_at=_signed_at(outside, proof),
    )
    session.add(row)
    return row


def statement_of(
    outside: Outside,
    session: Session,
    case: Case,
    move: Move,
    situation: Situation,
    proof: Reauthentication,
    display_sha256: str,
) -> bytes:
    """The statement of this act, byte for byte the same whenever nothing of it has changed."""
    signer = session.get_one(Person, situation.actor.id)
    predicate = _predicate(outside, session, case, move, situation, proof, signer, display_sha256)
    subject = f"prompt/{case.prompt.name}/change/{case.change.id}"
    return statement(subject, case.change.digest, SIGNATURE_TYPE, predicate)


def challenge_of(payload: bytes) -> bytes:
    """What a passkey signs: SHA-256 of the statement's pre-authentication encoding."""
    return hashlib.sha256(pre_authentication_encoding(STATEMENT_MEDIA, payload)).digest()


def _store_signed(
    outside: Outside, session: Session, payload: bytes, proof: Reauthentication, asserted: Asserted | None
) -> str:
    """The envelope is stored, signed by the passkey or else by the service key; returns its digest."""
    service = outside.keyring.service
    if proof.method != PASSKEY:
        return store_envelope(session, envelope(payload, service.keyid, service.sign))
    if asserted is None or challenge_of(payload).hex() != proof.challenge:
        raise Stale("Something on this page changed before your passkey was touched; read it again and sign anew.")
    key = base64.b64decode(asserted.document["public_key"])
    digest = store_envelope(session, envelope(payload, sha256_hex(key), lambda _: asserted.signature))
    session.add(Assertion(envelope_sha256=digest, content=canonical(asserted.document)))
    return digest


def _signed_at(outside: Outside, proof: Reauthentication) -> datetime:
    """When it was signed: a passkey signs the moment at which it was asked, at most 120 seconds ago."""
    return proof.made_at if proof.method == PASSKEY else outside.now()


def void_signatures(
    outside: Outside, session: Session, change_id: str, reason: str, *, keep_review: bool = False
) -> list[Signature]:
    """Every valid approval of this change is voided (the reviewer's not, if kept); returns them, to be entered."""
    moves = ("sign",) if keep_review else (*APPROVALS, "sign")
    query = select(Signature).where(
        Signature.change_id == change_id,
        Signature.voided_at.is_(None),
        Signature.move.in_(moves),
    )
    rows = list(session.scalars(query.order_by(Signature.id)))
    for row in rows:
        row.voided_at, row.void_reason = outside.now(), reason
    return rows


def _predicate(
    outside: Outside,
    session: Session,
    case: Case,
    move: Move,
    situation: Situation,
    proof: Reauthentication,
    signer: Person,
    display_sha256: str,
) -> dict[str, Any]:
    return dict(
        normalised(
            {
                "signer": {
                    "id": signer.id,
                    "name": signer.name,
                    "title": signer.title,
                    "credentials": signer.credentials,
                    "organisation": outside.settings.organisation,
                },
                "role": _role(move, situation.actor),
                "meaning": move.meaning,
                "attestation": {"version": VERSION, "text": ATTESTATIONS[move.meaning or ""]},
                "signed_at": timestamp(_signed_at(outside, proof)),
                "zone": "UTC",
                "authentication": {"methods": proof.method.split("+"), "at": timestamp(proof.made_at)},
                "level": level_of(proof.method),
                "display_sha256": display_sha256,
                "workflow": {"move": move.name, "from": move.source.value, "to": move.target.value},
                "prior_signatures": _prior(session, case.change.id),
                "log_origin": session.get_one(LogState, 1).origin,
                "nonce": proof.nonce,
            }
        )
    )


def _prior(session: Session, change_id: str) -> list[str]:
    query = select(Signature.envelope_sha256).where(Signature.change_id == change_id, Signature.voided_at.is_(None))
    return list(session.scalars(query.order_by(Signature.signed_at, Signature.id)))


def _role(move: Move, actor: Actor) -> str:
    return min(role.value for role in move.roles & actor.roles)
