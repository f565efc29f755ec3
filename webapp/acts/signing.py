"""Signing an act: Statement, envelope, signature row (21 CFR 11.50, 11.70), at the level of what was given again just now.

What must not live here: whether the act is allowed (``perform``), and what was shown (``display``).
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.acts.recording import store_document, store_envelope
from webapp.acts.situation import APPROVALS, Case
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import LogState, Person, Reauthentication, Signature
from webapp.domain.record.attestations import ATTESTATIONS, VERSION
from webapp.domain.record.canonical import normalised
from webapp.domain.record.dsse import envelope, statement
from webapp.domain.record.leaf import timestamp
from webapp.domain.record.levels import level_of
from webapp.domain.workflow import Actor, Move, Situation

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
) -> Signature:
    """The act is signed over the change's present digest; the signature row and its envelope are stored."""
    actor, signer = situation.actor, session.get_one(Person, situation.actor.id)
    display_sha256, _, _ = store_document(outside, session, display, salted=False)
    predicate = _predicate(outside, session, case, move, situation, proof, signer, display_sha256)
    subject = f"prompt/{case.prompt.name}/change/{case.change.id}"
    payload = statement(subject, case.change.digest, SIGNATURE_TYPE, predicate)
    envelope_sha256 = store_envelope(
        session, envelope(payload, outside.keyring.service.keyid, outside.keyring.service.sign)
    )
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
        signed_at=outside.now(),
    )
    session.add(row)
    return row


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
                "signed_at": timestamp(outside.now()),
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
