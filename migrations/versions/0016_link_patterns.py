"""An application has a link pattern, so that the reference in its reports opens the record.

Revision ID: 0016
Revises: 0015
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """No application has a link yet."""
    with op.batch_alter_table("tokens") as table:
        table.add_column(sa.Column("link_pattern", sa.String(length=300), nullable=False, server_default=""))


def downgrade() -> None:
    """As it was before."""
    with op.batch_alter_table("tokens") as table:
        table.drop_column("link_pattern")
