"""Reports carry what the application's own checks say of an answer, whether it flags it as unsafe, and a clinician's rating.

Revision ID: 0023
Revises: 0022
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
COLUMNS = (("check_ppm", sa.Integer()), ("is_unsafe", sa.Boolean()), ("rating", sa.Integer()))


def upgrade() -> None:
    """Nothing is known of calls that were reported before."""
    for name, kind in COLUMNS:
        op.add_column("interactions", sa.Column(name, kind, nullable=True))


def downgrade() -> None:
    """As it was before; what was judged is forgotten."""
    with op.batch_alter_table("interactions") as table:
        for name, _ in reversed(COLUMNS):
            table.drop_column(name)
