"""Asking a physician's passkey: the statement is made and its digest is the challenge. Nothing is signed here."""

from __future__ import annotations

from typing import Any

from webapp.acts import signing
from webapp.acts.display import display_document
from webapp.acts.signing import to_sign_of
from webapp.acts.situation import load_change, read_situation
from webapp.adapters.outside import Outside
from webapp.domain.workflow import Actor, find_move, fitting_row, refusals_of
from webapp.errors import Refused, Stale


def ask_to_sign(outside: Outside, actor: Actor, change_id: str, digest: str) -> dict[str, Any]:
    """What the browser is told to have the passkey sign this release; Stale or Refused where it could not be signed now."""
    with outside.database.writing() as session:
        case = load_change(session, change_id)
        if case.change.digest != digest:
            raise Stale("This page is older than the change; look at what is new before you decide.")
        situation = read_situation(outside, session, case, actor)
        rows = find_move("sign", situation.stage)
        if not rows:
            raise Refused("There is nothing to sign here now.", code="not_open")
        move = fitting_row(rows, situation)
        if refusals := refusals_of(move, situation):
            raise Refused(" ".join(refusal.sentence for refusal in refusals), code="not_open")
        to_sign = to_sign_of(case, move, situation.actor)
        return signing.ask_to_sign(outside, session, actor, to_sign, display_document(session, case))
