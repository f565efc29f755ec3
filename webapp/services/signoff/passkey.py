"""Asking a physician's passkey: the statement is made and its digest is the challenge. Nothing is signed here."""

from __future__ import annotations

from typing import Any

from webapp.acts.display import display_document
from webapp.acts.passkey_proofs import ask_passkey, open_challenge
from webapp.acts.recording import store_document
from webapp.acts.second_factors import PASSKEY
from webapp.acts.signing import challenge_of, statement_of
from webapp.acts.situation import load_change, read_situation
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Reauthentication
from webapp.domain.workflow import Actor, find_move, refusals_of
from webapp.errors import Refused, Stale


def ask_to_sign(outside: Outside, actor: Actor, change_id: str, digest: str) -> dict[str, Any]:
    """What the browser is told to have the passkey sign this release; Stale or Refused where it could not be signed now.

    The challenge is the SHA-256 of the pre-authentication encoding of the statement, so that the passkey signs the statement.
    """
    with outside.database.writing() as session:
        case = load_change(session, change_id)
        if case.change.digest != digest:
            raise Stale("This page is older than the change; look at what is new before you decide.")
        situation = read_situation(outside, session, case, actor)
        rows = find_move("sign", situation.stage)
        refusals = refusals_of(rows[0], situation) if rows else ()
        if not rows or refusals:
            words = " ".join(refusal.sentence for refusal in refusals)
            raise Refused(words or "There is nothing to sign here now.", code="not_open")
        move, nonce = rows[0], outside.chance(24).hex()
        proof = Reauthentication(nonce=nonce, method=PASSKEY, made_at=outside.now())
        display_sha256, _, _ = store_document(outside, session, display_document(session, case), salted=False)
        payload = statement_of(outside, session, case, move, situation, proof, display_sha256)
        challenge = open_challenge(
            outside,
            session,
            actor.id,
            move.meaning or "",
            subject=digest,
            challenge=challenge_of(payload),
            nonce=nonce,
        )
        return ask_passkey(outside, session, actor.id, challenge)
