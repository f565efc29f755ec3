"""Going on from an older copy of the database, after a loss that cannot be undone: two administrators sign, and the log says what is missing.

Until the entry stands, nothing that the older copy enters is signed; with it the notary signs a shorter log once, and remembers that it did.
What must not live here: how the loss is found out (``acts.standing``), and when the notary believes it (``domain.record.handover``).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from webapp.acts.at_console import ADMINISTRATORS, Ask, prove_all, sign_all
from webapp.acts.record_keys import read_history
from webapp.acts.recording import enter
from webapp.acts.restores import restore_of
from webapp.acts.sealing import REWOUND, require_held, seal
from webapp.acts.signed_deeds import Deed
from webapp.acts.standing import require_whole_bytes
from webapp.adapters.keys import is_signed_by
from webapp.adapters.outside import Outside
from webapp.adapters.store.checkpoints import newest_checkpoint
from webapp.adapters.store.ledger import head, require_at_append
from webapp.adapters.store.schema import Leaf
from webapp.domain.record.canonical import digest_of
from webapp.domain.record.checkpoints import Checkpoint
from webapp.domain.record.handover import RESTORED
from webapp.domain.record.notes import read_note
from webapp.errors import Conflict, InvalidInput

RESTORE = "restore of the log"
LONGEST_REASON = 2000


@dataclass(frozen=True)
class Loss:
    """What the notary signed last, how far this copy is known to be the same log, and what it holds. Sizes count entries."""

    origin: str
    lost_size: int
    lost_root: str
    kept_size: int
    kept_root: str
    kept_at: datetime
    size: int
    newest_at: datetime | None

    @property
    def facts(self) -> dict[str, Any]:
        """What two people sign, as the verifier reads it from the entry."""
        return {
            "log": self.origin,
            "lost_size": self.lost_size,
            "lost_root": self.lost_root,
            "kept_size": self.kept_size,
            "kept_root": self.kept_root,
        }


def find_loss(outside: Outside) -> Loss:
    """What a restore would leave behind; Conflict when nothing is lost or this is no copy of the log, Unavailable without the notary."""
    notary = outside.notary.held()
    held = notary.checkpoint
    with outside.database.reading() as session:
        size, root = head(session)
        require_whole_bytes(session, size, root)
        if held.size == 0 or _is_whole(session, held):
            raise Conflict(
                "Nothing is lost: this database holds every entry that the notary signed.", code="nothing_lost"
            )
        newest = newest_checkpoint(session)
        if newest is None:
            raise Conflict(
                "This database holds no checkpoint, so it is no copy of this log. Put a backup of the log's own database in place.",
                code="no_copy",
            )
        note = read_note(newest.content)
        if not any(note.is_signed_by(key, is_signed_by) for key in notary.keys):
            raise Conflict(
                "The newest checkpoint of this copy is signed by another key than the notary's: the key was rotated in the lost time, or "
                "this is another notary. docs/notary.md says what to do.",
                code="other_key",
            )
        if read_history(session).service[-1].name != outside.keyring.service.public.hex():
            raise Conflict(
                "The service's key here is not the one that this copy knows: it was rotated in the lost time. Put the key folder of the "
                "same backup in place too, then give the command again.",
                code="other_key",
            )
        last = session.get(Leaf, size - 1)
        return Loss(
            origin=held.origin,
            lost_size=held.size,
            lost_root=held.root.hex(),
            kept_size=newest.size,
            kept_root=newest.root_sha256,
            kept_at=newest.published_at,
            size=size,
            newest_at=None if last is None else last.at,
        )


def restore(outside: Outside, loss: Loss, reason: str, ask: Ask) -> None:
    """The log goes on from this copy, its entry names what is lost, and the notary signs it. Two administrators sign.

    Killed after the entry, the next seal of any process asks the notary again. Conflict when the notary does not believe it.
    """
    if not reason.strip() or len(reason) > LONGEST_REASON:
        raise InvalidInput(
            f"Say in at most {LONGEST_REASON} characters what happened and why nothing newer can be had."
        )
    digest = digest_of(loss.facts)
    deed = Deed("log.restore", f"log/{loss.origin}"[:200], digest, RESTORE, ADMINISTRATORS)
    proven = prove_all(outside, deed, ask, 2)

    lost = Checkpoint(loss.origin, loss.lost_size, bytes.fromhex(loss.lost_root))

    def require_first(locked: Session) -> None:
        """Nobody else restored meanwhile."""
        if restore_of(locked, lost) is not None:
            raise Conflict("Somebody else restored this log at this moment.")

    with outside.database.writing() as session:
        attest = sign_all(outside, session, proven, {"kind": "restore", **loss.facts}, reason)
        require_at_append(session, "restore", require_first)
        enter(
            outside, session, proven[0].actor, RESTORED, ("log", loss.origin[:80], None),
            before=(str(loss.lost_size), loss.lost_root), after=(str(loss.kept_size), loss.kept_root), reason="restored",
            payload={"reason": reason, "entries": loss.size, **loss.facts}, attest=attest,
        )  # fmt: skip
    seal(outside)


def _is_whole(session: Session, held: Checkpoint) -> bool:
    """Does this copy hold what was signed, or say by an entry that it was lost?"""
    try:
        require_held(session, held)
    except Conflict as error:
        if error.code != REWOUND:
            raise
        return restore_of(session, held) is not None
    return True
