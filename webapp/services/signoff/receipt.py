"""The receipt of a signature, and the two documents it stands for: envelope and what was displayed."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.acts.showing import signed_so_far
from webapp.acts.signatures_shown import SignatureShown, signature_shown
from webapp.acts.situation import load_change
from webapp.adapters.outside import Outside
from webapp.adapters.store.checkpoints import first_checkpoint_over
from webapp.adapters.store.schema import Assertion, Change, Envelope, Payload, Signature
from webapp.domain.workflow import Actor
from webapp.errors import NotFound

NOT_SEALED = "recorded, not sealed yet"
SEALED = "sealed: the notary signed a checkpoint over its entry"


@dataclass(frozen=True)
class ReceiptView:
    """What the signer keeps. ``state``: whether a checkpoint seals the entry; ``signed_so_far``: that a second physician is missing."""

    signature: SignatureShown
    change: Change
    prompt_name: str
    state: str
    signed_so_far: str | None = None

    @property
    def is_sealed(self) -> bool:
        """Does a checkpoint cover its entry?"""
        return self.state == SEALED


def show_receipt(outside: Outside, actor: Actor, signature_id: str) -> ReceiptView:
    """The receipt of one signature; NotFound where there is none."""
    del actor
    with outside.database.reading() as session:
        row = _signature(session, signature_id)
        case = load_change(session, row.change_id or "")
        is_sealed = row.entry_seq is not None and first_checkpoint_over(session, row.entry_seq) is not None
        state = SEALED if is_sealed else NOT_SEALED
        so_far = signed_so_far(session, case.change) if row.move == "sign" and row.voided_at is None else None
        return ReceiptView(signature_shown(outside, session, row), case.change, case.prompt.name, state, so_far)


def find_signature(outside: Outside, actor: Actor, change_id: str, move: str) -> str:
    """The id of this person's newest signature of ``move`` on the change; NotFound where there is none."""
    query = select(Signature.id).where(
        Signature.change_id == change_id, Signature.move == move, Signature.signer_id == actor.id
    )
    with outside.database.reading() as session:
        found = session.scalars(query.order_by(Signature.signed_at.desc(), Signature.id.desc())).first()
    if found is None:
        raise NotFound("There is no such signature of yours.")
    return found


def read_envelope(outside: Outside, actor: Actor, signature_id: str) -> bytes:
    """The DSSE envelope, byte for byte."""
    del actor
    with outside.database.reading() as session:
        return session.get_one(Envelope, _signature(session, signature_id).envelope_sha256).content


def read_assertion(outside: Outside, actor: Actor, signature_id: str) -> bytes:
    """What the passkey answered, as JSON of base64 parts; NotFound where the signature was made without one."""
    del actor
    with outside.database.reading() as session:
        row = session.get(Assertion, _signature(session, signature_id).envelope_sha256)
        if row is None:
            raise NotFound("This signature was made without a passkey.")
        return row.content


def read_display(outside: Outside, actor: Actor, signature_id: str) -> bytes:
    """The display document that the signature names, byte for byte; NotFound where it was erased."""
    del actor
    with outside.database.reading() as session:
        payload = session.get(Payload, _signature(session, signature_id).display_sha256)
        if payload is None or not payload.content:
            raise NotFound("What was displayed is not stored any more; the signature still carries its digest.")
        return payload.content


def _signature(session: Session, signature_id: str) -> Signature:
    row = session.get(Signature, signature_id)
    if row is None:
        raise NotFound("There is no such signature.")
    return row
