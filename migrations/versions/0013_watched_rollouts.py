"""Rollouts say when they were last looked at, since when they stand still, and when new units were last kept out.

Revision ID: 0013
Revises: 0012
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from webapp.adapters.store.schema.base import UtcTime

revision = "0013"
down_revision = "0012"
COLUMNS = ("watched_at", "stopped_at", "frozen_at")


def upgrade() -> None:
    """A step under way counts as frozen once, so that its shares are not judged; a stopped one stands still since now."""
    with op.batch_alter_table("rollouts") as table:
        for name in COLUMNS:
            table.add_column(sa.Column(name, UtcTime(), nullable=True))
    op.execute("UPDATE rollouts SET frozen_at = step_entered_at WHERE state IN ('running', 'paused', 'held')")
    op.execute("UPDATE rollouts SET stopped_at = CURRENT_TIMESTAMP WHERE state IN ('paused', 'held')")


def downgrade() -> None:
    """As it was before; what the watch noted is forgotten."""
    with op.batch_alter_table("rollouts") as table:
        for name in reversed(COLUMNS):
            table.drop_column(name)
