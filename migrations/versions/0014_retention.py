"""Legal holds, erasures and what was erased; stored texts may be emptied only where an erasure says so.

Revision ID: 0014
Revises: 0013
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from webapp.adapters.store.schema.base import UtcTime
from webapp.adapters.store.triggers import (
    create_erasable_statements,
    create_statements,
    drop_erasable_statements,
    drop_statements,
)

revision = "0014"
down_revision = "0013"
ERASABLE = ("suites", "results")
KEPT = ("erased",)


def upgrade() -> None:
    """Texts whose years are over can be erased by two people; holds keep them."""
    op.create_table(
        "legal_holds",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("scope", sa.String(length=60), nullable=False),
        sa.Column("subject", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("placed_by", sa.String(length=40), nullable=False),
        sa.Column("placed_at", UtcTime(), nullable=False),
        sa.Column("lifted_by", sa.String(length=40), nullable=True),
        sa.Column("lifted_at", UtcTime(), nullable=True),
        sa.Column("lift_reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["lifted_by"], ["people.id"], name=op.f("fk_legal_holds_lifted_by_people")),
        sa.ForeignKeyConstraint(["placed_by"], ["people.id"], name=op.f("fk_legal_holds_placed_by_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_legal_holds")),
    )
    op.create_index(op.f("ix_legal_holds_placed_by"), "legal_holds", ["placed_by"], unique=False)
    op.create_table(
        "erasures",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("plan", sa.JSON(), nullable=False),
        sa.Column("plan_sha256", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=60), nullable=False),
        sa.Column("requested_by", sa.String(length=40), nullable=False),
        sa.Column("requested_role", sa.String(length=60), nullable=False),
        sa.Column("requested_at", UtcTime(), nullable=False),
        sa.Column("request_envelope", sa.String(length=64), nullable=False),
        sa.Column("confirmed_by", sa.String(length=40), nullable=True),
        sa.Column("confirmed_at", UtcTime(), nullable=True),
        sa.Column("confirm_envelope", sa.String(length=64), nullable=True),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("planned", sa.Integer(), nullable=False),
        sa.Column("failure", sa.String(length=500), nullable=True),
        sa.Column("concluded_at", UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(["confirmed_by"], ["people.id"], name=op.f("fk_erasures_confirmed_by_people")),
        sa.ForeignKeyConstraint(["requested_by"], ["people.id"], name=op.f("fk_erasures_requested_by_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasures")),
    )
    op.create_index(op.f("ix_erasures_requested_by"), "erasures", ["requested_by"], unique=False)
    op.create_index(op.f("ix_erasures_subject"), "erasures", ["subject"], unique=False)
    op.create_table(
        "erased",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("erasure_id", sa.String(length=40), nullable=False),
        sa.Column("entry_seq", sa.BigInteger(), nullable=False),
        sa.Column("erased_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["erasure_id"], ["erasures.id"], name=op.f("fk_erased_erasure_id_erasures")),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_erased")),
    )
    op.create_index(op.f("ix_erased_erasure_id"), "erased", ["erasure_id"], unique=False)
    dialect = op.get_bind().dialect.name
    _run([*drop_statements(dialect, ERASABLE), *create_erasable_statements(dialect, ERASABLE)])
    _run(create_statements(dialect, KEPT))


def downgrade() -> None:
    """As it was before: nothing can be erased any more. What was erased stays away."""
    dialect = op.get_bind().dialect.name
    _run(drop_statements(dialect, KEPT))
    _run([*drop_erasable_statements(dialect, ERASABLE), *create_statements(dialect, ERASABLE)])
    for table, columns in (
        ("erased", ("erasure_id",)),
        ("erasures", ("subject", "requested_by")),
        ("legal_holds", ("placed_by",)),
    ):
        for column in columns:
            op.drop_index(op.f(f"ix_{table}_{column}"), table_name=table)
        op.drop_table(table)


def _run(statements: list[str]) -> None:
    for statement in statements:
        if "FUNCTION IF EXISTS formulary_refuse()" not in statement:  # the other tables' triggers need it
            op.execute(statement)
