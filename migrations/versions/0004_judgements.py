"""Keep what a judge said of an answer.

Revision ID: 0004
Revises: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from webapp.adapters.store.schema.base import UtcTime

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Answers can have judgements."""
    op.create_table(
        "judgements",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("answer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("judge_sha256", sa.String(length=64), nullable=False),
        sa.Column("model", sa.String(length=200), nullable=False),
        sa.Column("labels", sa.JSON(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("error", sa.String(length=60), nullable=True),
        sa.Column("tokens_in", sa.Integer(), nullable=True),
        sa.Column("tokens_out", sa.Integer(), nullable=True),
        sa.Column("cost_microusd", sa.Integer(), nullable=True),
        sa.Column("latency_ms", sa.Integer(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("judged_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["answer_id"], ["answers.id"], name=op.f("fk_judgements_answer_id_answers")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_judgements")),
        sa.UniqueConstraint("answer_id", "judge_sha256", name=op.f("uq_judgements_answer_id_judge_sha256")),
    )
    op.create_index(op.f("ix_judgements_answer_id"), "judgements", ["answer_id"], unique=False)


def downgrade() -> None:
    """What judges said is forgotten; their scores stay with the answers."""
    op.drop_index(op.f("ix_judgements_answer_id"), table_name="judgements")
    op.drop_table("judgements")
