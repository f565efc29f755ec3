"""Policies that are proposed: who signed them, when they come into force, and whether open changes go back to evaluation.

Revision ID: 0012
Revises: 0011
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from webapp.adapters.store.schema.base import UtcTime

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Versions of the policy can be proposed; those that are stored were not urgent."""
    op.add_column("policies", sa.Column("is_urgent", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_table(
        "policy_proposals",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("base_sha256", sa.String(length=64), nullable=False),
        sa.Column("is_urgent", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=60), nullable=False),
        sa.Column("proposed_by", sa.String(length=40), nullable=False),
        sa.Column("proposed_at", UtcTime(), nullable=False),
        sa.Column("signature_id", sa.String(length=40), nullable=False),
        sa.Column("due_at", UtcTime(), nullable=True),
        sa.Column("second_id", sa.String(length=40), nullable=True),
        sa.Column("second_signature_id", sa.String(length=40), nullable=True),
        sa.Column("concluded_at", UtcTime(), nullable=True),
        sa.Column("concluded_by", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(["proposed_by"], ["people.id"], name=op.f("fk_policy_proposals_proposed_by_people")),
        sa.ForeignKeyConstraint(
            ["signature_id"], ["signatures.id"], name=op.f("fk_policy_proposals_signature_id_signatures")
        ),
        sa.ForeignKeyConstraint(["second_id"], ["people.id"], name=op.f("fk_policy_proposals_second_id_people")),
        sa.ForeignKeyConstraint(
            ["second_signature_id"],
            ["signatures.id"],
            name=op.f("fk_policy_proposals_second_signature_id_signatures"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_proposals")),
    )
    op.create_index(op.f("ix_policy_proposals_sha256"), "policy_proposals", ["sha256"], unique=False)
    op.create_index(op.f("ix_policy_proposals_state"), "policy_proposals", ["state"], unique=False)


def downgrade() -> None:
    """Proposals that came to nothing are forgotten; adopted versions and their entries stay."""
    op.drop_index(op.f("ix_policy_proposals_state"), table_name="policy_proposals")
    op.drop_index(op.f("ix_policy_proposals_sha256"), table_name="policy_proposals")
    op.drop_table("policy_proposals")
    op.drop_column("policies", "is_urgent")
