"""It is kept from which moment's state an application was last answered about a prompt, so that a stop can be seen to arrive.

Revision ID: 0019
Revises: 0018
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from webapp.adapters.store.schema.base import UtcTime

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    """No application was seen to fetch yet."""
    op.create_table(
        "fetches",
        sa.Column("application", sa.String(length=200), nullable=False),
        sa.Column("prompt_id", sa.String(length=40), nullable=False),
        sa.Column("as_of", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["prompt_id"], ["prompts.id"], name=op.f("fk_fetches_prompt_id_prompts")),
        sa.PrimaryKeyConstraint("application", "prompt_id", name=op.f("pk_fetches")),
    )
    op.create_index(op.f("ix_fetches_prompt_id"), "fetches", ["prompt_id"], unique=False)


def downgrade() -> None:
    """As it was before; what was fetched is forgotten."""
    op.drop_index(op.f("ix_fetches_prompt_id"), table_name="fetches")
    op.drop_table("fetches")
