"""The receipt of a signature, and the two documents it stands for: envelope and what was displayed."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.acts.seal_shown import Seal, seal_of
from webapp.acts.showing import signed_so_far
from webapp.acts.signatures_shown import SignatureShown, signature_shown
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Assertion, Change, Envelope, Leaf, Payload, Prompt, Signature
from webapp.domain.workflow import Actor
from webapp.domain.workflow.stages import ENDED
from webapp.errors import NotFound


@dataclass(frozen=True)
class ReceiptView:
    """What the signer keeps. ``subject`` names what was signed, ``change`` is its change if it has one; ``entry_seq`` its entry in the log.

    ``signed_so_far``: that a second physician is missing; ``is_mine``: the person who looks is the signer.
    """

    signature: SignatureShown
    subject: str
    change: Change | None
    entry_seq: int | None
    seal: Seal
    is_mine: bool
    signed_so_far: str | None = None

    @property
    def is_over(self) -> bool:
        """Is the change at its end, so that nobody acts next?"""
        return self.change is not None and self.change.stage in ENDED


def show_receipt(outside: Outside, actor: Actor, signature_id: str) -> ReceiptView:
    """The receipt of one signature; NotFound where there is none."""
    with outside.database.reading() as session:
        row = _signature(session, signature_id)
        change = session.get(Change, row.change_id or "")
        seq = row.entry_seq if row.entry_seq is not None else _own_entry(session, row)
        is_first = change is not None and row.move == "sign" and row.voided_at is None
        return ReceiptView(
            signature=signature_shown(outside, session, row),
            subject=_subject(session, row, change),
            change=change,
            entry_seq=seq,
            seal=seal_of(outside, session, seq),
            is_mine=actor.id == row.signer_id,
            signed_so_far=signed_so_far(session, change) if change is not None and is_first else None,
        )


def find_entry(outside: Outside, signature_id: str) -> int:
    """The number of the signature's entry in the audit log; NotFound where there is none."""
    with outside.database.reading() as session:
        row = _signature(session, signature_id)
        seq = row.entry_seq if row.entry_seq is not None else _own_entry(session, row)
    if seq is None:
        raise NotFound("This signature has no entry in the audit log.")
    return seq


def _own_entry(session: Session, row: Signature) -> int | None:
    """The entry that applied the signature: what an act that is no move of a change has."""
    query = select(Leaf.seq).where(Leaf.entity_id == row.id, Leaf.type == "signature.applied")
    return session.scalars(query).first()


def _subject(session: Session, row: Signature, change: Change | None) -> str:
    """What was signed, for people: prompt and title of a change, else the subject's own name in the statement."""
    if change is not None:
        name = session.get_one(Prompt, change.prompt_id).name
        return change.title if change.title.startswith(name) else f"{name}: {change.title}"
    envelope = json.loads(session.get_one(Envelope, row.envelope_sha256).content)
    return str(json.loads(base64.b64decode(envelope["payload"]))["subject"][0]["name"])


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
