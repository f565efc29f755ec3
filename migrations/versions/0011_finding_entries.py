"""Indexes of the audit log that end with what else a filter names: a page of a million entries is found and counted from them alone.

Revision ID: 0011
Revises: 0010
"""

from __future__ import annotations

from alembic import op

revision = "0011"
down_revision = "0010"

TABLE = "ledger_leaves"
NEW = {
    "ix_ledger_leaves_type_seq": ["type", "seq", "actor_id"],
    "ix_ledger_leaves_actor_seq": ["actor_id", "seq", "type"],
    "ix_ledger_leaves_entity_seq": ["entity_id", "seq", "type", "actor_id"],
    "ix_ledger_leaves_at_seq": ["at", "seq"],
}
OLD = ("actor_id", "at", "entity_id", "type")


def upgrade() -> None:
    """Each index of one column gives way to one that answers a whole filter."""
    for name in OLD:
        op.drop_index(op.f(f"ix_{TABLE}_{name}"), table_name=TABLE)
    for name, columns in NEW.items():
        op.create_index(name, TABLE, columns, unique=False)


def downgrade() -> None:
    """As it was before."""
    for name in NEW:
        op.drop_index(name, table_name=TABLE)
    for name in OLD:
        op.create_index(op.f(f"ix_{TABLE}_{name}"), TABLE, [name], unique=False)
