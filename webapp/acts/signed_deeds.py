"""Signed acts that are no moves of a change: adopting a policy, reviewing the trail, erasing, restoring, confirming another's act.

What must not live here: what such an act does (its service), and the entry of its own that cites the signature.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from webapp.acts.actors import as_held_now
from webapp.acts.reauthentication import Again, Proof, consume, prove_any
from webapp.acts.recording import enter
from webapp.acts.resets import require_no_reset
from webapp.acts.role_age import Moment, roles_held
from webapp.acts.signing import ToSign, ask_to_sign, role_of, sign_act
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Signature
from webapp.domain.record.levels import NEEDED_WORDS, is_enough, level_of
from webapp.domain.workflow import Actor, role_too_new
from webapp.domain.workflow.stages import ROLE_WORDS, Role
from webapp.errors import Conflict, Refused, Stale


@dataclass(frozen=True)
class Deed:
    """An act to be signed: its word, what it is about and that thing's digest, the meaning, who may, at least at which level.

    ``asked``: when it was asked for; a role given later and confirmed by nobody does not sign it.
    ``subject`` names the thing as in ``policy/3``; ``meaning`` is a key of ``domain.record.attestations``.
    """

    name: str
    subject: str
    sha256: str
    meaning: str
    roles: frozenset[Role]
    level: str = "L0"
    asked: Moment | None = None


def prove_deed(outside: Outside, actor: Actor, deed: Deed, given: Again) -> Proof | None:
    """A proof of what was given again, for this deed only; before the transaction, because passwords take time. None without."""
    return None if given is None else prove_any(outside, actor, given, deed.sha256, deed.meaning)


@contextmanager
def entering_refusals(outside: Outside, actor: Actor, deed: Deed) -> Iterator[None]:
    """A refusal inside is entered as ``signature.refused`` by its code, in a transaction of its own, and goes on."""
    try:
        yield
    except (Refused, Stale, Conflict) as error:
        with outside.database.writing() as session:
            kind, _, name = deed.subject.partition("/")
            entity = (kind, name or kind, None)
            enter(outside, session, actor, "signature.refused", entity, reason=error.code)
        raise


def sign_deed(
    outside: Outside,
    session: Session,
    actor: Actor,
    deed: Deed,
    proof: Proof | None,
    display: Mapping[str, Any],
    sentence: str = "",
) -> Signature:
    """The deed is signed in this transaction and its signature entered; Refused says why not. The caller enters the deed itself."""
    actor = _who_may(session, actor, deed)
    used = consume(outside, session, None if proof is None else proof.nonce, actor, deed.sha256, deed.meaning)
    if not is_enough(level_of(used.method), deed.level):
        words = NEEDED_WORDS[deed.level]
        raise Refused(
            f"This is signed with {words}; nothing less is accepted. Give it and sign again.", code="second_factor"
        )
    asserted = None if proof is None else proof.asserted
    return sign_act(outside, session, actor, _to_sign(session, deed, actor), used, display, sentence, asserted)


def ask_passkey_for(
    outside: Outside, session: Session, actor: Actor, deed: Deed, display: Mapping[str, Any]
) -> dict[str, Any]:
    """What the browser is told to have this person's passkey sign the deed; Refused where the person could not sign it now."""
    actor = _who_may(session, actor, deed)
    return ask_to_sign(outside, session, actor, _to_sign(session, deed, actor), display)


def _who_may(session: Session, actor: Actor, deed: Deed) -> Actor:
    """The actor with the roles held now; Refused for tokens, jobs and whoever has none of the deed's roles (21 CFR 11.10(g))."""
    if not actor.is_in_person:
        raise Refused("This needs a person signed in to the web page; a token cannot do it.", code="needs_session")
    actor = as_held_now(session, actor)
    require_no_reset(session, actor.id)
    if not actor.roles & deed.roles:
        raise Refused("You hold no role that may sign this; ask an administrator.", code="role")
    if not _usable(session, actor, deed):
        names = " and ".join(sorted(ROLE_WORDS[role] for role in actor.roles & deed.roles))
        raise Refused(role_too_new(names), code="role_too_new")
    return actor


def _usable(session: Session, actor: Actor, deed: Deed) -> frozenset[Role]:
    """The roles by which this actor may sign the deed."""
    held = roles_held(session, actor.id)
    return frozenset(role for role in actor.roles & deed.roles if role in held and held[role].is_old_enough(deed.asked))


def _to_sign(session: Session, deed: Deed, actor: Actor) -> ToSign:
    return ToSign(deed.name, deed.subject, deed.sha256, deed.meaning, role_of(_usable(session, actor, deed), actor))
