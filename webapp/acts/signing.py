"""Signing an act: Statement, envelope, signature row (21 CFR 11.50, 11.70), at the level of what was given again just now.

What must not live here: whether the act is allowed (``perform``), and what was shown (``display``).
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.acts.passkey_proofs import ask_passkey, open_challenge
from webapp.acts.record_keys import service_key
from webapp.acts.recording import enter, store_document, store_envelope
from webapp.acts.role_age import roles_held
from webapp.acts.second_factors import PASSKEY
from webapp.adapters.outside import Outside
from webapp.adapters.passkeys import Asserted
from webapp.adapters.store.schema import Assertion, LogState, Person, Reauthentication, Signature
from webapp.domain.record.attestations import ATTESTATIONS, VERSION
from webapp.domain.record.canonical import canonical, normalised, sha256_hex
from webapp.domain.record.dsse import STATEMENT_MEDIA, envelope, pre_authentication_encoding, statement
from webapp.domain.record.leaf import timestamp
from webapp.domain.record.levels import level_of
from webapp.domain.workflow import Actor, Move
from webapp.domain.workflow.evidence import Evidence
from webapp.domain.workflow.moves import APPROVALS
from webapp.domain.workflow.stages import Role
from webapp.errors import Stale

if TYPE_CHECKING:  # delivery verifies releases with this, and has no use for what a case needs
    from webapp.acts.situation import Case

SIGNATURE_TYPE = "https://prompt-formulary.example/signature/v1"


@dataclass(frozen=True)
class ToSign:
    """What is signed: the act's word, its subject and digest, meaning and role; for a move of a change also its place in the workflow.

    ``decision``: what was decided in names and codes, such as the exceptions granted.
    """

    name: str
    subject: str
    sha256: str
    meaning: str
    role: str
    change_id: str | None = None
    revision: int | None = None
    workflow: Mapping[str, Any] = field(default_factory=dict)
    decision: Mapping[str, Any] = field(default_factory=dict)


def to_sign_of(case: Case, move: Move, actor: Actor, evidence: Evidence) -> ToSign:
    """The move of this change as something to sign, over the change's present digest."""
    return ToSign(
        name=move.name,
        subject=f"prompt/{case.prompt.name}/change/{case.change.id}",
        sha256=case.change.digest,
        meaning=move.meaning or "",
        role=role_of(move.roles, actor),
        change_id=case.change.id,
        revision=case.change.revision,
        workflow={"move": move.name, "from": move.source.value, "to": move.target.value},
        decision=evidence.claims(),
    )


def sign_act(
    outside: Outside,
    session: Session,
    actor: Actor,
    to_sign: ToSign,
    proof: Reauthentication,
    display: Mapping[str, Any],
    sentence: str,
    asserted: Asserted | None = None,
) -> Signature:
    """The act is signed; row and envelope are stored, and the signature is entered.

    With a passkey its own signature stands in the envelope; Stale when it was made for a statement that is no longer true.
    """
    signer = session.get_one(Person, actor.id)
    display_sha256, _, _ = store_document(outside, session, display, salted=False)
    payload = statement_of(outside, session, actor, to_sign, proof, display_sha256)
    row = Signature(
        id=outside.new_id("sig"),
        change_id=to_sign.change_id,
        revision=to_sign.revision,
        move=to_sign.name,
        meaning=to_sign.meaning,
        signer_id=signer.id,
        signer_name=signer.name,
        signer_title=signer.title,
        signer_credentials=signer.credentials,
        signer_role=to_sign.role,
        subject_sha256=to_sign.sha256,
        display_sha256=display_sha256,
        envelope_sha256=_store_signed(outside, session, payload, proof, asserted),
        level=level_of(proof.method),
        nonce=proof.nonce,
        sentence=sentence,
        signed_at=_signed_at(outside, proof),
        role_since=roles_held(session, signer.id)[Role(to_sign.role)].since.at,
    )
    session.add(row)
    entity, after, attest = ("signature", row.id, None), ("valid", row.subject_sha256), (row.envelope_sha256,)
    enter(outside, session, actor, "signature.applied", entity, after=after, attest=attest)
    return row


def ask_to_sign(
    outside: Outside, session: Session, actor: Actor, to_sign: ToSign, display: Mapping[str, Any]
) -> dict[str, Any]:
    """What the browser is told to have this person's passkey sign the act; Refused without a passkey.

    The challenge is the SHA-256 of the pre-authentication encoding of the statement, so that the passkey signs the statement.
    """
    nonce = outside.chance(24).hex()
    proof = Reauthentication(nonce=nonce, method=PASSKEY, made_at=outside.now())
    display_sha256, _, _ = store_document(outside, session, display, salted=False)
    challenge = challenge_of(statement_of(outside, session, actor, to_sign, proof, display_sha256))
    open_challenge(
        outside, session, actor.id, to_sign.meaning, subject=to_sign.sha256, challenge=challenge, nonce=nonce
    )
    return ask_passkey(outside, session, actor.id, challenge)


def statement_of(
    outside: Outside,
    session: Session,
    actor: Actor,
    to_sign: ToSign,
    proof: Reauthentication,
    display_sha256: str,
) -> bytes:
    """The statement of this act, byte for byte the same whenever nothing of it has changed."""
    signer = session.get_one(Person, actor.id)
    predicate = _predicate(outside, session, to_sign, proof, signer, display_sha256)
    return statement(to_sign.subject, to_sign.sha256, SIGNATURE_TYPE, predicate)


def challenge_of(payload: bytes) -> bytes:
    """What a passkey signs: SHA-256 of the statement's pre-authentication encoding."""
    return hashlib.sha256(pre_authentication_encoding(STATEMENT_MEDIA, payload)).digest()


def _store_signed(
    outside: Outside, session: Session, payload: bytes, proof: Reauthentication, asserted: Asserted | None
) -> str:
    """The envelope is stored, signed by the passkey or else by the service key; returns its digest."""
    if proof.method != PASSKEY:
        service = service_key(outside, session)
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


def role_of(allowed: frozenset[Role], actor: Actor) -> str:
    """The role in which the actor signs an act that these roles may do."""
    return min(role.value for role in allowed & actor.roles)


def _predicate(
    outside: Outside,
    session: Session,
    to_sign: ToSign,
    proof: Reauthentication,
    signer: Person,
    display_sha256: str,
) -> dict[str, Any]:
    predicate = {
        "signer": {
            "id": signer.id,
            "name": signer.name,
            "title": signer.title,
            "credentials": signer.credentials,
            "organisation": outside.settings.organisation,
        },
        "role": to_sign.role,
        "role_held": roles_held(session, signer.id)[Role(to_sign.role)].claims(),
        "meaning": to_sign.meaning,
        "attestation": {"version": VERSION, "text": ATTESTATIONS[to_sign.meaning]},
        "signed_at": timestamp(_signed_at(outside, proof)),
        "zone": "UTC",
        "authentication": {"methods": proof.method.split("+"), "at": timestamp(proof.made_at)},
        "level": level_of(proof.method),
        "display_sha256": display_sha256,
        "log_origin": session.get_one(LogState, 1).origin,
        "nonce": proof.nonce,
    }
    if to_sign.decision:
        predicate["decision"] = to_sign.decision
    if to_sign.change_id is not None:
        predicate |= {"workflow": to_sign.workflow, "prior_signatures": _prior(session, to_sign.change_id)}
    return dict(normalised(predicate))


def _prior(session: Session, change_id: str) -> list[str]:
    query = select(Signature.envelope_sha256).where(Signature.change_id == change_id, Signature.voided_at.is_(None))
    return list(session.scalars(query.order_by(Signature.signed_at, Signature.id)))
