"""Second factors, recovery codes, passkey assertions, resets that wait for a second person, and since when a role is held.

Revision ID: 0007
Revises: 0006
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from webapp.adapters.store.schema.base import UtcTime

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """People can have second factors, and signatures can be made with a passkey."""
    op.create_table(
        "factors",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("person_id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("confirmed_at", UtcTime(), nullable=True),
        sa.Column("revoked_at", UtcTime(), nullable=True),
        sa.Column("revoked_by", sa.String(length=40), nullable=True),
        sa.Column("secret", sa.LargeBinary(), nullable=True),
        sa.Column("last_step", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("credential_id", sa.String(length=1400), nullable=True),
        sa.Column("public_key", sa.LargeBinary(), nullable=True),
        sa.Column("sign_count", sa.BigInteger(), nullable=False, server_default="0"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_factors_person_id_people")),
        sa.ForeignKeyConstraint(["revoked_by"], ["people.id"], name=op.f("fk_factors_revoked_by_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_factors")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_factors_credential_id")),
    )
    op.create_index(op.f("ix_factors_person_id"), "factors", ["person_id"], unique=False)
    op.create_table(
        "recovery_codes",
        sa.Column("code_sha256", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.String(length=40), nullable=False),
        sa.Column("made_at", UtcTime(), nullable=False),
        sa.Column("used_at", UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_recovery_codes_person_id_people")),
        sa.PrimaryKeyConstraint("code_sha256", name=op.f("pk_recovery_codes")),
    )
    op.create_index(op.f("ix_recovery_codes_person_id"), "recovery_codes", ["person_id"], unique=False)
    op.create_table(
        "factor_resets",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("person_id", sa.String(length=40), nullable=False),
        sa.Column("reset_by", sa.String(length=40), nullable=True),
        sa.Column("reset_at", UtcTime(), nullable=False),
        sa.Column("confirmed_by", sa.String(length=40), nullable=True),
        sa.Column("confirmed_at", UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(["confirmed_by"], ["people.id"], name=op.f("fk_factor_resets_confirmed_by_people")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_factor_resets_person_id_people")),
        sa.ForeignKeyConstraint(["reset_by"], ["people.id"], name=op.f("fk_factor_resets_reset_by_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_factor_resets")),
    )
    op.create_index(op.f("ix_factor_resets_person_id"), "factor_resets", ["person_id"], unique=False)
    op.create_table(
        "assertions",
        sa.Column("envelope_sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["envelope_sha256"], ["envelopes.sha256"], name=op.f("fk_assertions_envelope_sha256_envelopes")
        ),
        sa.PrimaryKeyConstraint("envelope_sha256", name=op.f("pk_assertions")),
    )
    with op.batch_alter_table("sessions") as table:
        table.add_column(sa.Column("awaits_factor", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("reauthentications") as table:
        table.add_column(sa.Column("challenge", sa.String(length=64), nullable=True))
        table.create_unique_constraint(op.f("uq_reauthentications_challenge"), ["challenge"])
    with op.batch_alter_table("role_grants") as table:
        table.add_column(sa.Column("confirmed_by", sa.String(length=40), nullable=True))
        table.add_column(sa.Column("confirmed_at", UtcTime(), nullable=True))
        table.create_foreign_key(op.f("fk_role_grants_confirmed_by_people"), "people", ["confirmed_by"], ["id"])
    with op.batch_alter_table("signatures") as table:
        table.add_column(sa.Column("role_since", UtcTime(), nullable=True))


def downgrade() -> None:
    """As it was before; second factors are forgotten, and a password is enough again."""
    with op.batch_alter_table("signatures") as table:
        table.drop_column("role_since")
    with op.batch_alter_table("role_grants") as table:
        table.drop_constraint(op.f("fk_role_grants_confirmed_by_people"), type_="foreignkey")
        table.drop_column("confirmed_at")
        table.drop_column("confirmed_by")
    with op.batch_alter_table("reauthentications") as table:
        table.drop_constraint(op.f("uq_reauthentications_challenge"), type_="unique")
        table.drop_column("challenge")
    op.execute("DELETE FROM sessions WHERE awaits_factor")
    with op.batch_alter_table("sessions") as table:
        table.drop_column("awaits_factor")
    op.drop_table("assertions")
    for name in ("factor_resets", "recovery_codes", "factors"):
        op.drop_index(op.f(f"ix_{name}_person_id"), table_name=name)
        op.drop_table(name)
