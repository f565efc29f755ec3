"""A fetch says how many entries of the audit log its answer knew of, so that no clock decides whether it met a stop.

Revision ID: 0024
Revises: 0023
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    """What was fetched until now is known to have met no stop."""
    with op.batch_alter_table("fetches") as table:
        table.add_column(sa.Column("entries", sa.BigInteger(), nullable=False, server_default="0"))


def downgrade() -> None:
    """As it was before."""
    with op.batch_alter_table("fetches") as table:
        table.drop_column("entries")
