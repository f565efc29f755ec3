"""What the signatures of both administrators share: the deed, its level, and doing it once with a fresh proof."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.orm import Session

from webapp.acts.reauthentication import Again, Proof
from webapp.acts.sealing import seal_if_possible
from webapp.acts.signed_deeds import Deed, entering_refusals, prove_deed
from webapp.adapters.outside import Outside
from webapp.domain.workflow import Actor, Role
from webapp.errors import AlreadyDone, FormularyError, NotSignedIn
from webapp.services.policy.rights import require_proposer

ADMINISTRATOR = frozenset({Role.ADMINISTRATOR})
PROPOSAL, ADOPTION = "proposal of a policy", "adoption of a policy"
LEVEL = "L1"
Done = TypeVar("Done")


def do_deed(
    outside: Outside, actor: Actor, deed: Deed, given: Again, act: Callable[[Session, Proof | None], Done]
) -> Done:
    """``act`` is done with a fresh proof and sealed; refusals are entered. A second click is told that it is done already."""
    wrong_code: NotSignedIn | None = None
    done: Done | None = None
    twice: AlreadyDone | None = None
    with entering_refusals(outside, actor, deed):
        require_proposer(actor)
        try:
            proof = prove_deed(outside, actor, deed, given)
        except NotSignedIn as error:
            if error.code not in ("wrong_code", "wrong_passkey"):
                raise
            proof, wrong_code = None, error
        try:
            with outside.database.writing() as session:
                done = act(session, proof)
        except AlreadyDone as error:
            twice = error
        except FormularyError as error:
            raise wrong_code or error from None
    if twice is not None:
        raise twice
    seal_if_possible(outside)
    assert done is not None
    return done


def policy_deed(meaning: str, sha256: str, name: str) -> Deed:
    word = "policy.propose" if meaning == PROPOSAL else "policy.adopt"
    return Deed(word, f"policy/{name}", sha256, meaning, ADMINISTRATOR, LEVEL)
