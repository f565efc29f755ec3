"""How the log stands to what the notary signed: sealed, waiting, unwatched, or no longer the log that was signed.

What must not live here: signing (``sealing``) and pages.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.acts.restores import restore_of
from webapp.acts.sealing import REWOUND, require_held
from webapp.adapters.outside import Outside
from webapp.adapters.store.checkpoints import newest_checkpoint
from webapp.adapters.store.ledger import head
from webapp.adapters.store.schema import Leaf
from webapp.domain.record.checkpoints import Checkpoint
from webapp.domain.record.merkle import Frontier, leaf_hash
from webapp.domain.record.steady_clock import require_steady
from webapp.errors import Conflict, Unavailable

BROKEN_LOG = "log_broken"
RESTORED_SENTENCE = "The log was restored from an older copy and waits for the notary to sign it with its gap."
STATE_DAMAGED = "The audit log's own state was changed in the database; it belongs to no log of its size."
WHAT_TO_DO = "Nothing is written until this is settled; any page of the web application says what to do."


class State(StrEnum):
    """What is known."""

    SEALED = "sealed"
    WAITING = "waiting"
    UNWATCHED = "unwatched"
    BROKEN = "broken"


@dataclass(frozen=True)
class Standing:
    """The log's state with a sentence for an administrator. ``size`` is what it holds, ``signed`` what the notary signed."""

    state: State
    sentence: str
    size: int = 0
    signed: int = 0


def require_whole_log(outside: Outside, *, from_bytes: bool = False) -> None:
    """The log is the one that the notary signed, as far as can be known now; Conflict (``log_broken``) when it is not.

    Unavailable (``clock_stepped``) when this process saw the clock moved, so that nothing could be dated.

    For every process that writes without a page to show: worker, scheduler, console. ``from_bytes`` as in ``standing_of``.
    """
    require_steady(outside.clock_step())
    standing = standing_of(outside, from_bytes=from_bytes)
    if standing.state is State.BROKEN:
        raise Conflict(f"{standing.sentence} {WHAT_TO_DO}", code=BROKEN_LOG)


def standing_of(outside: Outside, *, from_bytes: bool = False) -> Standing:
    """The log against the notary's record; with ``from_bytes`` every root is recomputed from the entries' own bytes.

    Unavailable when the database does not answer.
    """
    try:
        held = outside.notary.held().checkpoint
    except (Unavailable, Conflict) as error:
        held, silence = None, error.sentence
    with outside.database.reading() as session:
        try:
            size, root = head(session)
        except ValueError:
            return Standing(State.BROKEN, STATE_DAMAGED, 0, held.size if held else 0)
        try:
            if from_bytes:
                require_whole_bytes(session, size, root, held)
            if held is not None:
                require_held(session, held)
        except Conflict as error:
            if error.code == REWOUND and held is not None and restore_of(session, held) is not None:
                return Standing(State.WAITING, RESTORED_SENTENCE, size, held.size)
            return Standing(State.BROKEN, error.sentence, size, held.size if held else 0)
        newest = newest_checkpoint(session)
    if held is None:
        return Standing(State.UNWATCHED, silence, size)
    if newest is None or newest.size < size:
        return Standing(State.WAITING, "The newest entries wait for their seal.", size, held.size)
    return Standing(State.SEALED, "Every entry is under a checkpoint that the notary signed.", size, held.size)


def require_whole_bytes(session: Session, size: int, root: str, held: Checkpoint | None = None) -> None:
    """The roots recomputed from all entries are the stored one and the signed one; Conflict says which is not."""
    frontier, at_held = Frontier(), None
    query = select(Leaf.content).order_by(Leaf.seq).execution_options(yield_per=1000)
    for content in session.scalars(query):
        if held is not None and frontier.size == held.size:
            at_held = frontier.root()
        frontier = frontier.append(leaf_hash(content))
    if held is not None and frontier.size == held.size:
        at_held = frontier.root()
    if frontier.size != size or frontier.root().hex() != root:
        raise Conflict("Entries of the audit log were changed or removed in the database.", code="log_damaged")
    if at_held is not None and held is not None and at_held != held.root:
        raise Conflict(
            f"The first {held.size} entries of the audit log are not the ones that were signed.", code=REWOUND
        )
