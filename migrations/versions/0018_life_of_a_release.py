"""A release is watched for harm and identifiers as long as it lives: what a person knew of, and an index of such calls.

Revision ID: 0018
Revises: 0017
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Nobody has cleared anything yet; grave calls are found without reading all others."""
    with op.batch_alter_table("rollouts") as table:
        table.add_column(sa.Column("cleared_units", sa.Integer(), nullable=False, server_default="0"))
    op.create_index(
        "ix_interactions_grave",
        "interactions",
        ["release_id"],
        sqlite_where=sa.text("harm_reported = 1 OR phi_flagged = 1"),
        postgresql_where=sa.text("harm_reported OR phi_flagged"),
    )


def downgrade() -> None:
    """As it was before."""
    op.drop_index("ix_interactions_grave", "interactions")
    with op.batch_alter_table("rollouts") as table:
        table.drop_column("cleared_units")
