"""Keep what an answer states as digests of its facts, to tell how far the answers to one case agree.

Revision ID: 0006
Revises: 0005
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Answers hold the digests of their facts."""
    with op.batch_alter_table("answers") as table:
        table.add_column(sa.Column("stated", sa.JSON(), nullable=False, server_default="{}"))


def downgrade() -> None:
    """As it was before; what answers stated is forgotten."""
    with op.batch_alter_table("answers") as table:
        table.drop_column("stated")
