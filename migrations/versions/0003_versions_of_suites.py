"""Number the versions of each test set.

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from webapp.adapters.store.triggers import create_statements, drop_statements

revision = "0003"
down_revision = "0002"

COUNT_BY_NAME = """UPDATE suites SET number = (SELECT count(*) FROM suites AS other WHERE other.name = suites.name
AND (other.stored_at < suites.stored_at OR (other.stored_at = suites.stored_at AND other.sha256 <= suites.sha256)))"""


def upgrade() -> None:
    """Stored test sets are numbered by name in the order in which they came; their content is not touched."""
    op.add_column("suites", sa.Column("number", sa.Integer(), server_default="1", nullable=False))
    op.add_column("suites", sa.Column("grown_from", sa.String(length=64), nullable=True))
    dialect = op.get_bind().dialect.name
    for statement in drop_statements(dialect, ("suites",)):
        if "FUNCTION" not in statement:  # the other tables' triggers need it
            op.execute(statement)
    op.execute(COUNT_BY_NAME)
    for statement in create_statements(dialect, ("suites",)):
        op.execute(statement)
    op.create_index("ix_suites_name_number", "suites", ["name", "number"], unique=True)
    op.create_index(op.f("ix_suites_grown_from"), "suites", ["grown_from"], unique=False)


def downgrade() -> None:
    """Test sets are known by their digest only."""
    op.drop_index(op.f("ix_suites_grown_from"), table_name="suites")
    op.drop_index("ix_suites_name_number", table_name="suites")
    op.drop_column("suites", "grown_from")
    op.drop_column("suites", "number")
