"""The newest entry about a thing is found by the index of the entries; the table that repeated it is gone.

Revision ID: 0017
Revises: 0016
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """An entry costs no second row to change."""
    op.drop_table("ledger_heads")


def downgrade() -> None:
    """The table is there again and holds what the entries say."""
    op.create_table(
        "ledger_heads",
        sa.Column("entity_type", sa.String(length=60), nullable=False),
        sa.Column("entity_id", sa.String(length=80), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("entity_type", "entity_id", name=op.f("pk_ledger_heads")),
    )
    op.execute(
        "INSERT INTO ledger_heads (entity_type, entity_id, seq) "
        "SELECT entity_type, entity_id, MAX(seq) FROM ledger_leaves GROUP BY entity_type, entity_id"
    )
