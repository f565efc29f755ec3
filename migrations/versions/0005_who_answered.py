"""Answers say who was asked, and which state of an application answered.

Revision ID: 0005
Revises: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
COLUMNS = ("asked_model", "code_version", "index_id")


def upgrade() -> None:
    """Answers given before were given by the model that was asked."""
    with op.batch_alter_table("answers") as table:
        for name in COLUMNS:
            table.add_column(sa.Column(name, sa.String(length=200), nullable=True))
    op.execute("UPDATE answers SET asked_model = model")


def downgrade() -> None:
    """As it was before; what the new columns held is forgotten."""
    with op.batch_alter_table("answers") as table:
        for name in reversed(COLUMNS):
            table.drop_column(name)
