"""Refusals counted, places of failures, alerts to administrators.

Revision ID: 0010
Revises: 0009
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from webapp.adapters.store.schema.base import UtcTime

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Repeated refusals are counted, and administrators are told of repeated failures."""
    op.create_table(
        "refusals",
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("who", sa.String(length=40), nullable=False),
        sa.Column("what", sa.String(length=80), nullable=False),
        sa.Column("reason", sa.String(length=60), nullable=False),
        sa.Column("place", sa.String(length=45), nullable=False),
        sa.Column("via", sa.String(length=60), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("began_at", UtcTime(), nullable=False),
        sa.Column("last_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "who", "what", "reason", "place", name=op.f("pk_refusals")),
    )
    op.create_index(op.f("ix_refusals_began_at"), "refusals", ["began_at"], unique=False)
    op.create_table(
        "failures_from",
        sa.Column("place", sa.String(length=45), nullable=False),
        sa.Column("who", sa.String(length=40), nullable=False),
        sa.Column("last_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("place", "who", name=op.f("pk_failures_from")),
    )
    op.create_index(op.f("ix_failures_from_last_at"), "failures_from", ["last_at"], unique=False)
    op.create_table(
        "alerts",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("subject", sa.String(length=45), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("raised_at", UtcTime(), nullable=False),
        sa.Column("entry_seq", sa.BigInteger(), nullable=False),
        sa.Column("seen_by", sa.String(length=40), nullable=True),
        sa.Column("seen_at", UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(["seen_by"], ["people.id"], name=op.f("fk_alerts_seen_by_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alerts")),
    )
    op.create_index(op.f("ix_alerts_raised_at"), "alerts", ["raised_at"], unique=False)
    op.create_index(op.f("ix_alerts_subject"), "alerts", ["subject"], unique=False)


def downgrade() -> None:
    """As it was before; what was entered stays in the audit log."""
    for table, columns in (
        ("alerts", ("subject", "raised_at")),
        ("failures_from", ("last_at",)),
        ("refusals", ("began_at",)),
    ):
        for column in columns:
            op.drop_index(op.f(f"ix_{table}_{column}"), table_name=table)
        op.drop_table(table)
