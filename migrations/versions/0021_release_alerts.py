"""Problems that people reported stand in a table of their own, alerts about releases in another; events are counted by application.

Revision ID: 0021
Revises: 0020
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from webapp.adapters.store.schema.base import UtcTime

revision = "0021"
down_revision = "0020"
GRAVE = "ix_interactions_grave"


def upgrade() -> None:
    """An event id is an application's own: two of them may use the same one."""
    op.execute("DELETE FROM quarantine WHERE id NOT IN (SELECT MIN(id) FROM quarantine GROUP BY token_id, event_id)")
    op.drop_index(
        GRAVE, "interactions"
    )  # made anew afterwards, since a copied table might keep it without its condition
    with op.batch_alter_table("interactions") as table:
        table.add_column(sa.Column("index_id", sa.String(length=200), nullable=True))
        table.drop_constraint(op.f("uq_interactions_event_id"), type_="unique")
        table.create_unique_constraint(op.f("uq_interactions_token_id_event_id"), ["token_id", "event_id"])
    _create_grave_index()
    with op.batch_alter_table("quarantine") as table:
        table.create_unique_constraint(op.f("uq_quarantine_token_id_event_id"), ["token_id", "event_id"])
    _create_release_alerts()
    _create_problem_reports()


def downgrade() -> None:
    """As it was before; what two applications called the same gets a number, and reported problems and alerts are forgotten."""
    for column in ("release_id", "prompt_id", "interaction_id", "alert_id"):
        op.drop_index(op.f(f"ix_problem_reports_{column}"), table_name="problem_reports")
    op.drop_table("problem_reports")
    for name in ("raised_at", "prompt_id", "release_id_kind"):
        op.drop_index(op.f(f"ix_release_alerts_{name}"), table_name="release_alerts")
    op.drop_table("release_alerts")
    op.execute(
        "UPDATE interactions SET event_id = substr(event_id, 1, 60) || '-' || id"
        " WHERE id NOT IN (SELECT MIN(id) FROM interactions GROUP BY event_id)"
    )
    with op.batch_alter_table("quarantine") as table:
        table.drop_constraint(op.f("uq_quarantine_token_id_event_id"), type_="unique")
    op.drop_index(GRAVE, "interactions")
    with op.batch_alter_table("interactions") as table:
        table.drop_constraint(op.f("uq_interactions_token_id_event_id"), type_="unique")
        table.create_unique_constraint(op.f("uq_interactions_event_id"), ["event_id"])
        table.drop_column("index_id")
    _create_grave_index()


def _create_grave_index() -> None:
    """The index of 0018."""
    op.create_index(
        GRAVE,
        "interactions",
        ["release_id"],
        sqlite_where=sa.text("harm_reported = 1 OR phi_flagged = 1"),
        postgresql_where=sa.text("harm_reported OR phi_flagged"),
    )


def _create_problem_reports() -> None:
    op.create_table(
        "problem_reports",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("prompt_id", sa.String(length=40), nullable=False),
        sa.Column("release_id", sa.String(length=40), nullable=False),
        sa.Column("interaction_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("token_id", sa.String(length=40), nullable=False),
        sa.Column("alert_id", sa.String(length=40), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("words_sha256", sa.String(length=64), nullable=False),
        sa.Column("reached_patient", sa.Boolean(), nullable=False),
        sa.Column("received_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["alert_id"], ["release_alerts.id"], name=op.f("fk_problem_reports_alert_id_release_alerts")
        ),
        sa.ForeignKeyConstraint(
            ["interaction_id"], ["interactions.id"], name=op.f("fk_problem_reports_interaction_id_interactions")
        ),
        sa.ForeignKeyConstraint(["prompt_id"], ["prompts.id"], name=op.f("fk_problem_reports_prompt_id_prompts")),
        sa.ForeignKeyConstraint(["release_id"], ["releases.id"], name=op.f("fk_problem_reports_release_id_releases")),
        sa.ForeignKeyConstraint(["token_id"], ["tokens.id"], name=op.f("fk_problem_reports_token_id_tokens")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_problem_reports")),
        sa.UniqueConstraint("token_id", "words_sha256", name=op.f("uq_problem_reports_token_id_words_sha256")),
    )
    for column in ("alert_id", "interaction_id", "prompt_id", "release_id"):
        op.create_index(op.f(f"ix_problem_reports_{column}"), "problem_reports", [column], unique=False)


def _create_release_alerts() -> None:
    op.create_table(
        "release_alerts",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("prompt_id", sa.String(length=40), nullable=False),
        sa.Column("release_id", sa.String(length=40), nullable=False),
        sa.Column("token_id", sa.String(length=40), nullable=False),
        sa.Column("application", sa.String(length=200), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("critical_count", sa.Integer(), nullable=False),
        sa.Column("raised_at", UtcTime(), nullable=False),
        sa.Column("last_at", UtcTime(), nullable=False),
        sa.Column("told_at", UtcTime(), nullable=True),
        sa.Column("told_count", sa.Integer(), nullable=False),
        sa.Column("told_critical_count", sa.Integer(), nullable=False),
        sa.Column("entry_seq", sa.BigInteger(), nullable=True),
        sa.Column("seen_by", sa.String(length=40), nullable=True),
        sa.Column("seen_at", UtcTime(), nullable=True),
        sa.Column("seen_words", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["prompt_id"], ["prompts.id"], name=op.f("fk_release_alerts_prompt_id_prompts")),
        sa.ForeignKeyConstraint(["release_id"], ["releases.id"], name=op.f("fk_release_alerts_release_id_releases")),
        sa.ForeignKeyConstraint(["seen_by"], ["people.id"], name=op.f("fk_release_alerts_seen_by_people")),
        sa.ForeignKeyConstraint(["token_id"], ["tokens.id"], name=op.f("fk_release_alerts_token_id_tokens")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_release_alerts")),
    )
    op.create_index(op.f("ix_release_alerts_prompt_id"), "release_alerts", ["prompt_id"], unique=False)
    op.create_index(op.f("ix_release_alerts_raised_at"), "release_alerts", ["raised_at"], unique=False)
    op.create_index(op.f("ix_release_alerts_release_id_kind"), "release_alerts", ["release_id", "kind"], unique=False)
