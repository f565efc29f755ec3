"""Keep answers for later runs, and count tokens by day.

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Runs know whose answers they compare with; answers know what was asked; tokens are counted by day."""
    with op.batch_alter_table("runs") as table:
        table.add_column(sa.Column("purpose", sa.String(length=60), nullable=False, server_default="main"))
        table.add_column(sa.Column("recorded_run_id", sa.String(length=40), nullable=True))
    with op.batch_alter_table("answers") as table:
        table.add_column(sa.Column("call_sha256", sa.String(length=64), nullable=True))
        table.create_index(op.f("ix_answers_call_sha256"), ["call_sha256"])
    with op.batch_alter_table("findings") as table:
        table.add_column(sa.Column("live_repeats", sa.Integer(), nullable=True))
    op.create_table(
        "token_days",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("model", sa.String(length=200), nullable=False),
        sa.Column("used", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("day", "model", name=op.f("pk_token_days")),
    )
    op.create_table(
        "token_reservations",
        sa.Column("run_id", sa.String(length=40), nullable=False),
        sa.Column("model", sa.String(length=200), nullable=False),
        sa.Column("tokens", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_token_reservations_run_id_runs")),
        sa.PrimaryKeyConstraint("run_id", "model", name=op.f("pk_token_reservations")),
    )


def downgrade() -> None:
    """As it was before; what the new columns held is forgotten."""
    op.drop_table("token_reservations")
    op.drop_table("token_days")
    with op.batch_alter_table("findings") as table:
        table.drop_column("live_repeats")
    with op.batch_alter_table("answers") as table:
        table.drop_index(op.f("ix_answers_call_sha256"))
        table.drop_column("call_sha256")
    with op.batch_alter_table("runs") as table:
        table.drop_column("recorded_run_id")
        table.drop_column("purpose")
