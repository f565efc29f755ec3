"""Whether an entry is sealed, in words: recorded or under a checkpoint, and while it is not, why and what that means.

What must not live here: sealing (``sealing``), and whether the log is the one that was signed (``standing``).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.orm import Session

from webapp.adapters.outside import Outside
from webapp.adapters.store.checkpoints import first_checkpoint_over, newest_checkpoint
from webapp.adapters.store.schema import Leaf

SOON = timedelta(minutes=2)
SEALED = "sealed: the notary signed a checkpoint over its entry"
NOT_SEALED = "recorded, not sealed yet"
NO_ENTRY = "recorded without an entry of its own in the audit log"
MEANING = (
    "The signature counts from the moment it was recorded. Until it is sealed, somebody who can change the database could still remove "
    "it without a trace outside, so an application is not served a release before its entry is sealed."
)


@dataclass(frozen=True)
class Seal:
    """The state in words. ``size``: entries under the first checkpoint that covers it; ``why`` and ``means`` while there is none."""

    state: str
    size: int | None = None
    why: str | None = None
    means: str | None = None

    @property
    def is_sealed(self) -> bool:
        """Does a checkpoint cover the entry?"""
        return self.size is not None


def seal_of(outside: Outside, session: Session, seq: int | None) -> Seal:
    """How the entry ``seq`` stands."""
    if seq is None:
        return Seal(NO_ENTRY)
    checkpoint = first_checkpoint_over(session, seq)
    if checkpoint is not None:
        return Seal(SEALED, checkpoint.size)
    return Seal(NOT_SEALED, None, _why(outside, session, seq), MEANING)


def _why(outside: Outside, session: Session, seq: int) -> str:
    if outside.now() - session.get_one(Leaf, seq).at < SOON:
        return "The notary, which signs the log from outside of this application, follows within a minute."
    newest = newest_checkpoint(session)
    if newest is None:
        return "The notary has signed nothing of this log yet: it does not run, or it does not answer. Tell an administrator."
    return (
        f"The notary has signed nothing since {newest.published_at:%-d %B %Y, %H:%M} UTC: it does not answer, or it refuses. "
        "Tell an administrator; it is tried again by itself."
    )
