"""The log as anybody may read it: the newest checkpoint, tiles, bundles of entries, an entry's proof (C2SP tlog-tiles, tlog-proof).

Entries hold digests and closed codes only, so the whole log is public. Only what is under a checkpoint is given out.
What must not live here: payloads, and pages for people (``ledger``).
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.acts.restores import gaps_of
from webapp.adapters.outside import Outside
from webapp.adapters.store.checkpoints import newest_checkpoint
from webapp.adapters.store.schema import CheckpointRow, Leaf
from webapp.adapters.store.tiles import read_hashes, tree_of
from webapp.domain.record.checkpoints import read_checkpoint as read_text
from webapp.domain.record.key_card import slip_line
from webapp.domain.record.notes import read_note
from webapp.domain.record.proof_files import write_proof
from webapp.domain.record.tiles import WIDTH, bundle, read_tile_path, width_of_tile
from webapp.errors import InvalidInput, NotFound

NO_CHECKPOINT = "No checkpoint was published yet; one follows within a minute while the notary runs."
NO_TILE = "The log has no such tile under its newest checkpoint."


def read_checkpoint(outside: Outside) -> bytes:
    """The newest checkpoint, a signed note; NotFound before the first."""
    with outside.database.reading() as session:
        return _newest(session).content


@dataclass(frozen=True)
class Slip:
    """A checkpoint to keep on paper or as a file. ``note`` is the signed note, which a verifier takes; ``line`` the same for people."""

    size: int
    line: str
    note: bytes


def newest_slip(outside: Outside) -> Slip | None:
    """The slip of the newest checkpoint; None before the first."""
    with outside.database.reading() as session:
        newest = newest_checkpoint(session)
        if newest is None:
            return None
        line = slip_line(read_text(read_note(newest.content).text), newest.published_at)
        return Slip(newest.size, line, newest.content)


def gaps_in_words(outside: Outside) -> tuple[str, ...]:
    """What the log lost in restores, a sentence each."""
    with outside.database.reading() as session:
        return tuple(gap.words for gap in gaps_of(session))


def read_tile(outside: Outside, level: str, path: str) -> bytes:
    """The tile's hashes, one after the other; NotFound unless the newest checkpoint covers all of them."""
    with outside.database.reading() as session:
        index, width = _covered(session, level, path)
        return b"".join(read_hashes(session, int(level), index, width))


def read_entries(outside: Outside, path: str) -> bytes:
    """The entries of a tile of level 0, each after its length; NotFound unless the newest checkpoint covers all of them."""
    with outside.database.reading() as session:
        index, width = _covered(session, "0", path)
        first = index * WIDTH
        query = select(Leaf.content).where(Leaf.seq >= first, Leaf.seq < first + width).order_by(Leaf.seq)
        return bundle(session.scalars(query))


def read_proof(outside: Outside, seq: int) -> bytes:
    """The proof that entry ``seq`` stands under the newest checkpoint; NotFound while none covers it."""
    with outside.database.reading() as session:
        newest = _newest(session)
        if seq >= newest.size:
            raise NotFound("No checkpoint covers this entry yet: it is recorded, not sealed, or there is none.")
        return write_proof(seq, tree_of(session, newest.size).inclusion_proof(seq), newest.content)


def _newest(session: Session) -> CheckpointRow:
    newest = newest_checkpoint(session)
    if newest is None:
        raise NotFound(NO_CHECKPOINT)
    return newest


def _covered(session: Session, level: str, path: str) -> tuple[int, int]:
    """Index and width of the tile; NotFound where the newest checkpoint has it not, or not so wide."""
    try:
        asked = read_tile_path(level, path)
    except InvalidInput as error:
        raise NotFound(NO_TILE) from error
    if asked.width > width_of_tile(asked.level, asked.index, _newest(session).size):
        raise NotFound(NO_TILE)
    return asked.index, asked.width
