"""Keep the tree's tiles and the checkpoints that the notary signed.

Revision ID: 0008
Revises: 0007
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from webapp.adapters.store.schema.base import UtcTime
from webapp.adapters.store.triggers import create_statements, drop_statements
from webapp.domain.record.merkle import root_of

revision = "0008"
down_revision = "0007"

NEW = ("log_tiles", "checkpoints")
WIDTH = 256
HASHES = sa.text("SELECT leaf_sha256 FROM ledger_leaves WHERE seq >= :first AND seq < :beyond ORDER BY seq")


def upgrade() -> None:
    """Full tiles of the entries that are there already are laid; no checkpoint exists yet."""
    tiles = op.create_table(
        "log_tiles",
        sa.Column("level", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("root_sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("level", "position", name=op.f("pk_log_tiles")),
    )
    op.create_table(
        "checkpoints",
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("root_sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("published_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("size", name=op.f("pk_checkpoints")),
    )
    _lay(tiles)
    for statement in create_statements(op.get_bind().dialect.name, NEW):
        op.execute(statement)


def downgrade() -> None:
    """Tiles can be laid again from the entries; checkpoints can be signed again as long as the notary has its state."""
    for statement in drop_statements(op.get_bind().dialect.name, NEW):
        if "FUNCTION" not in statement:  # the other tables' triggers need it
            op.execute(statement)
    op.drop_table("checkpoints")
    op.drop_table("log_tiles")


def _lay(tiles: sa.Table) -> None:
    connection = op.get_bind()
    size = connection.scalar(sa.text("SELECT count(*) FROM ledger_leaves")) or 0
    roots: list[bytes] = []
    for position in range(size // WIDTH):
        ends = {"first": position * WIDTH, "beyond": (position + 1) * WIDTH}
        hashes = [bytes.fromhex(text) for text in connection.scalars(HASHES, ends)]
        roots.append(_store(tiles, 0, position, hashes))
    level = 1
    while len(roots) >= WIDTH:
        full = range(len(roots) // WIDTH)
        roots = [_store(tiles, level, at, roots[at * WIDTH : (at + 1) * WIDTH]) for at in full]
        level += 1


def _store(tiles: sa.Table, level: int, position: int, hashes: list[bytes]) -> bytes:
    root = root_of(hashes)
    row = {"level": level, "position": position, "root_sha256": root.hex(), "content": b"".join(hashes)}
    op.get_bind().execute(tiles.insert(), row)
    return root
