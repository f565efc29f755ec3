"""Sealing: the notary signs the log as it is committed now, and the checkpoint is kept. Never inside a transaction of an act.

An act that was committed stays so when the notary is silent: it is recorded, not sealed, and the scheduler tries again.
What must not live here: when to seal (doors and ``perform`` decide).
"""

from __future__ import annotations

import logging
from contextlib import suppress
from datetime import timedelta

from sqlalchemy.orm import Session

from webapp.acts.restores import restore_of
from webapp.adapters.notary.client import Continued, Held
from webapp.adapters.outside import Outside
from webapp.adapters.store.checkpoints import newest_checkpoint, store_checkpoint
from webapp.adapters.store.ledger import head
from webapp.adapters.store.schema import LogState
from webapp.adapters.store.tiles import tree_of
from webapp.domain.record.checkpoints import Checkpoint
from webapp.domain.record.handover import Shown
from webapp.errors import Conflict, FormularyError, Unavailable

SEAL_AFTER = timedelta(seconds=30)
REWOUND = "log_rewound"
log = logging.getLogger("formulary.sealing")


def seal(outside: Outside) -> int:
    """All committed entries are under a checkpoint; returns its size.

    Unavailable when the notary does not answer, Conflict (``log_rewound``) when the log does not hold what it signed before.
    """
    with outside.notary.turn:
        with outside.database.reading() as session:
            covered = newest_checkpoint(session)
            if covered is not None and covered.size == head(session)[0]:
                return covered.size
        held = outside.notary.held()  # asked before the log is read: whatever it signed was committed by then
        with outside.database.reading() as session:
            restored = _restored(session, held)
            if restored is None:
                asked, proof = _growth(session, held)
        if restored is None:
            note = outside.notary.sign(asked, proof, *held.keys)
        else:
            asked, shown, known = restored
            note = outside.notary.sign_restored(asked, shown, known, *held.keys)
        with suppress(Conflict), outside.database.writing() as session:  # another process may have kept the same one
            store_checkpoint(session, asked.size, asked.root.hex(), note, outside.now())
        return asked.size


def seal_if_possible(outside: Outside) -> bool:
    """Are all committed entries under a checkpoint now? A silent or refusing notary is only noted: the entries stay recorded."""
    try:
        seal(outside)
    except Unavailable:
        return False  # health and pages say so; the scheduler tries again
    except FormularyError as error:
        log.warning("not sealed (%s): %s", error.code, error.sentence)
        return False
    return True


def seal_growth(outside: Outside) -> bool:
    """The scheduler's step: entries that wait are sealed, at most every half minute; True when a checkpoint was published."""
    with outside.database.reading() as session:
        newest, (size, _) = newest_checkpoint(session), head(session)
    if size == 0 or (newest is not None and (newest.size == size or outside.now() < newest.published_at + SEAL_AFTER)):
        return False
    seal(outside)
    return True


def require_held(session: Session, held: Checkpoint) -> None:
    """The log holds everything that the notary signed; Conflict (``log_rewound``) when it is shorter or another one."""
    state = session.get(LogState, 1)
    if state is None:
        raise Unavailable("The audit log is not open; run `formulary db upgrade`.")
    if held.origin != state.origin:
        raise Conflict("The notary keeps another log; check FORMULARY_LOG_ORIGIN.", code=REWOUND)
    if state.size < held.size:
        raise Conflict(
            f"The audit log has {state.size} entries, but {held.size} were signed: the newest are missing.",
            code=REWOUND,
        )
    if tree_of(session, state.size).range_root(0, held.size) != held.root:
        raise Conflict(
            f"The first {held.size} entries of the audit log are not the ones that were signed.", code=REWOUND
        )


def _restored(session: Session, held: Held) -> tuple[Checkpoint, Shown, Continued] | None:
    """What the notary is to sign of a log that lost what it signed and says so, with what it wants to see; None where nothing is lost."""
    leaf = restore_of(session, held.checkpoint)
    known = newest_checkpoint(session)
    if leaf is None or known is None or _is_prefix(session, held.checkpoint):
        return None
    size, root = head(session)
    tree = tree_of(session, size)
    shown = Shown(leaf.content, leaf.seq, tuple(tree.inclusion_proof(leaf.seq)))
    continued = Continued(known.content, tree.consistency_proof(known.size))
    return Checkpoint(held.checkpoint.origin, size, bytes.fromhex(root)), shown, continued


def _is_prefix(session: Session, held: Checkpoint) -> bool:
    try:
        require_held(session, held)
    except Conflict:
        return False
    return True


def _growth(session: Session, held: Held) -> tuple[Checkpoint, list[bytes]]:
    """What the notary is to sign, and the proof that it continues what it signed."""
    require_held(session, held.checkpoint)
    size, root = head(session)
    proof = tree_of(session, size).consistency_proof(held.checkpoint.size) if held.checkpoint.size else []
    return Checkpoint(held.checkpoint.origin, size, bytes.fromhex(root)), proof
