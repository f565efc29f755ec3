"""Asking a person's passkey to sign a move of a change: the statement is made and its digest is the challenge. Nothing is signed here.

What must not live here: signed acts that are no moves (``signed_deeds``).
"""

from __future__ import annotations

from typing import Any

from webapp.acts.actors import as_held_now
from webapp.acts.display import shown_for
from webapp.acts.signing import ask_to_sign, to_sign_of
from webapp.acts.situation import load_change, read_situation
from webapp.adapters.outside import Outside
from webapp.domain.workflow import Actor, Move, RiskClass, Situation, find_move, fitting_row, refusals_of, signing_actor
from webapp.domain.workflow.evidence import ClassConfirmed, Evidence
from webapp.errors import Refused, Stale


def ask_for_move(
    outside: Outside, actor: Actor, change_id: str, name: str, digest: str, evidence: Evidence | None
) -> dict[str, Any]:
    """What the browser is told to have the passkey sign this move; Stale or Refused where it could not be signed now.

    ``evidence``: what the person hands in with the move; None where a class is confirmed, which is the one proposed.
    """
    with outside.database.writing() as session:
        case, actor = load_change(session, change_id), as_held_now(session, actor)
        if case.change.digest != digest:
            raise Stale("This page is older than the change; look at what is new before you decide.")
        given = evidence or ClassConfirmed(RiskClass(case.change.risk_class))
        situation = read_situation(outside, session, case, actor)
        move = _open_move(situation, name, given)
        to_sign = to_sign_of(case, move, signing_actor(move, situation), given)
        return ask_to_sign(outside, session, actor, to_sign, shown_for(session, case, move))


def _open_move(situation: Situation, name: str, evidence: Evidence) -> Move:
    """The signed move of this name that is open to this person now."""
    rows = [move for move in find_move(name, situation.stage) if move.meaning]
    if not rows:
        raise Refused("There is nothing to sign here now.", code="not_open")
    move = fitting_row(rows, situation)
    if refusals := refusals_of(move, situation, evidence):
        raise Refused(" ".join(refusal.sentence for refusal in refusals), code="not_open")
    return move
