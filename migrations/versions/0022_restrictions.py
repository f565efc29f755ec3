"""Releases may be restricted to sites, departments or applications; what was restricted stands for good.

Revision ID: 0022
Revises: 0021
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from webapp.adapters.store.schema.base import UtcTime
from webapp.adapters.store.triggers import create_statements, drop_statements

revision = "0022"
down_revision = "0021"
TABLES = ("restrictions",)


def upgrade() -> None:
    """No release is restricted yet."""
    op.create_table(
        "restrictions",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("release_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("only", sa.JSON(), nullable=False),
        sa.Column("signature_id", sa.String(), nullable=False),
        sa.Column("made_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["release_id"], ["releases.id"], name=op.f("fk_restrictions_release_id_releases")),
        sa.ForeignKeyConstraint(
            ["signature_id"], ["signatures.id"], name=op.f("fk_restrictions_signature_id_signatures")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_restrictions")),
        sa.UniqueConstraint("release_id", "number", name=op.f("uq_restrictions_release_id_number")),
    )
    _run(create_statements(op.get_bind().dialect.name, TABLES))


def downgrade() -> None:
    """As it was before: every release is for everybody."""
    _run(drop_statements(op.get_bind().dialect.name, TABLES))
    op.drop_table("restrictions")


def _run(statements: list[str]) -> None:
    for statement in statements:
        if "FUNCTION IF EXISTS formulary_refuse()" not in statement:  # the other tables' triggers need it
            op.execute(statement)
