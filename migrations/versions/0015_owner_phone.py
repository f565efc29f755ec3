"""A token's owner and the telephone number of its application stand apart.

Revision ID: 0015
Revises: 0014
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
TOKENS = sa.table("tokens", *(sa.column(name, sa.String) for name in ("id", "owner_contact", "owner_phone")))
LONGEST_PHONE = 60


def upgrade() -> None:
    """What was written as "owner, number" is parted at its last comma."""
    with op.batch_alter_table("tokens") as table:
        table.add_column(sa.Column("owner_phone", sa.String(length=LONGEST_PHONE), nullable=False, server_default=""))
    connection = op.get_bind()
    for row in connection.execute(sa.select(TOKENS.c.id, TOKENS.c.owner_contact)).all():
        owner, comma, phone = row.owner_contact.rpartition(", ")
        if comma and len(phone) <= LONGEST_PHONE:
            values = {"owner_contact": owner, "owner_phone": phone}
            connection.execute(sa.update(TOKENS).where(TOKENS.c.id == row.id).values(values))


def downgrade() -> None:
    """As it was before: both in one text."""
    both = TOKENS.c.owner_contact + ", " + TOKENS.c.owner_phone
    op.execute(sa.update(TOKENS).where(TOKENS.c.owner_phone != "").values(owner_contact=both))
    with op.batch_alter_table("tokens") as table:
        table.drop_column("owner_phone")
