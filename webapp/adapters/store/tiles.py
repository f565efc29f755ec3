"""The tree's tiles in the database: a full tile is stored with the entry that fills it, the rest is read from leaves and full tiles.

What must not live here: what a tile's address looks like (domain).
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.adapters.store.schema import Leaf, TileRow
from webapp.domain.record.merkle import root_of
from webapp.domain.record.tiles import WIDTH, TiledTree, filled_by

HASH_BYTES = 32


def store_full_tiles(session: Session, size: int) -> None:
    """Every tile that became full with entry ``size - 1`` is stored."""
    for level, position in filled_by(size):
        hashes = _from_below(session, level, position, WIDTH)
        session.add(
            TileRow(level=level, position=position, root_sha256=root_of(hashes).hex(), content=b"".join(hashes))
        )
        session.flush()


def read_hashes(session: Session, level: int, position: int, width: int) -> list[bytes]:
    """The first ``width`` hashes of a tile."""
    if width == WIDTH:
        content = session.scalar(select(TileRow.content).where(TileRow.level == level, TileRow.position == position))
        if content is not None:
            return [content[at : at + HASH_BYTES] for at in range(0, len(content), HASH_BYTES)]
    return _from_below(session, level, position, width)


def tree_of(session: Session, size: int) -> TiledTree:
    """The tree over the first ``size`` entries, read as far as it is asked."""
    return TiledTree(size, lambda level, position, width: read_hashes(session, level, position, width))


def _from_below(session: Session, level: int, position: int, width: int) -> list[bytes]:
    first = position * WIDTH
    if level == 0:
        query = select(Leaf.leaf_sha256).where(Leaf.seq >= first, Leaf.seq < first + width).order_by(Leaf.seq)
    else:
        query = (
            select(TileRow.root_sha256)
            .where(TileRow.level == level - 1, TileRow.position >= first, TileRow.position < first + width)
            .order_by(TileRow.position)
        )
    return [bytes.fromhex(text) for text in session.scalars(query)]
