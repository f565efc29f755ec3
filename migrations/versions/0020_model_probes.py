"""What the daily probe of each model found.

Revision ID: 0020
Revises: 0019
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from webapp.adapters.store.schema.base import UtcTime

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """No model was probed yet."""
    op.create_table(
        "model_probes",
        sa.Column("model", sa.String(length=200), nullable=False),
        sa.Column("asked_at", UtcTime(), nullable=False),
        sa.Column("is_answering", sa.Boolean(), nullable=False),
        sa.Column("failing_since", UtcTime(), nullable=True),
        sa.Column("failure", sa.String(length=60), nullable=True),
        sa.PrimaryKeyConstraint("model", name=op.f("pk_model_probes")),
    )


def downgrade() -> None:
    """As it was before."""
    op.drop_table("model_probes")
