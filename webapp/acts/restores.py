"""Restores that this log tells of: each a gap that every page, export and verification names plainly."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.adapters.store.schema import Leaf
from webapp.domain.record.checkpoints import Checkpoint
from webapp.domain.record.handover import RESTORED


@dataclass(frozen=True)
class Gap:
    """A restore: its entry and time; the first ``kept`` entries are the old ones, those up to ``lost`` (exclusive) are not here."""

    seq: int
    at: datetime
    kept: int
    lost: int

    @property
    def words(self) -> str:
        """The gap as a sentence for people."""
        return (
            f"Entries {self.kept} to {self.lost - 1}, which were sealed, were lost: the log was restored from an older copy on "
            f"{self.at:%-d %B %Y, %H:%M} UTC (entry {self.seq}, signed by two administrators), and other entries bear these numbers now."
        )


def gaps_of(session: Session) -> tuple[Gap, ...]:
    """Every gap, oldest first."""
    leaves = session.scalars(select(Leaf).where(Leaf.type == RESTORED).order_by(Leaf.seq)).all()
    return tuple(_gap(leaf) for leaf in leaves)


def restore_of(session: Session, held: Checkpoint) -> Leaf | None:
    """The entry that names the loss of exactly what the notary holds; None when there is none."""
    lost = {"state": str(held.size), "sha256": held.root.hex()}
    leaves = session.scalars(select(Leaf).where(Leaf.type == RESTORED).order_by(Leaf.seq.desc()))
    return next((leaf for leaf in leaves if json.loads(leaf.content)["before"] == lost), None)


def _gap(leaf: Leaf) -> Gap:
    document = json.loads(leaf.content)
    return Gap(leaf.seq, leaf.at, int(document["after"]["state"]), int(document["before"]["state"]))
