"""Lay the first tables.

Revision ID: 0001
Revises:
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from webapp.adapters.store.schema.base import UtcTime
from webapp.adapters.store.triggers import create_statements, drop_statements

revision = "0001"
down_revision = None

APPEND_ONLY = ("ledger_leaves", "versions", "manifests", "envelopes", "results", "policies", "revisions", "suites")


def upgrade() -> None:
    """Lay the first tables."""
    op.create_table(
        "envelopes",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_envelopes")),
    )
    op.create_table(
        "idempotency_keys",
        sa.Column("token_id", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("request_sha256", sa.String(length=64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("made_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("token_id", "key", name=op.f("pk_idempotency_keys")),
    )
    op.create_table(
        "jobs",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("subject_id", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=60), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease_until", UtcTime(), nullable=True),
        sa.Column("run_after", UtcTime(), nullable=False),
        sa.Column("failure", sa.String(length=500), nullable=True),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("updated_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
        sa.UniqueConstraint("kind", "subject_id", name=op.f("uq_jobs_kind_subject_id")),
    )
    op.create_index(op.f("ix_jobs_state"), "jobs", ["state"], unique=False)
    op.create_table(
        "ledger_heads",
        sa.Column("entity_type", sa.String(length=60), nullable=False),
        sa.Column("entity_id", sa.String(length=80), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("entity_type", "entity_id", name=op.f("pk_ledger_heads")),
    )
    op.create_table(
        "ledger_leaves",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("leaf_sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("type", sa.String(length=60), nullable=False),
        sa.Column("actor_id", sa.String(length=40), nullable=False),
        sa.Column("entity_type", sa.String(length=60), nullable=False),
        sa.Column("entity_id", sa.String(length=80), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_ledger_leaves")),
    )
    op.create_index(op.f("ix_ledger_leaves_actor_id"), "ledger_leaves", ["actor_id"], unique=False)
    op.create_index(op.f("ix_ledger_leaves_at"), "ledger_leaves", ["at"], unique=False)
    op.create_index(op.f("ix_ledger_leaves_entity_id"), "ledger_leaves", ["entity_id"], unique=False)
    op.create_index(op.f("ix_ledger_leaves_type"), "ledger_leaves", ["type"], unique=False)
    op.create_table(
        "log_state",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("origin", sa.String(length=200), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("frontier", sa.Text(), nullable=False),
        sa.Column("last_ts", UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_log_state")),
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("topic", sa.String(length=60), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("sent_at", UtcTime(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
    )
    op.create_index(op.f("ix_outbox_sent_at"), "outbox", ["sent_at"], unique=False)
    op.create_table(
        "payloads",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("media", sa.String(length=200), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("stored_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_payloads")),
    )
    op.create_table(
        "people",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("credentials", sa.String(length=200), nullable=False),
        sa.Column("specialty", sa.String(length=200), nullable=False),
        sa.Column("credentials_confirmed_by", sa.String(length=40), nullable=True),
        sa.Column("credentials_confirmed_at", UtcTime(), nullable=True),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("failed_attempts", sa.Integer(), nullable=False),
        sa.Column("locked_until", UtcTime(), nullable=True),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["credentials_confirmed_by"], ["people.id"], name=op.f("fk_people_credentials_confirmed_by_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people")),
        sa.UniqueConstraint("email", name=op.f("uq_people_email")),
    )
    op.create_table(
        "invitations",
        sa.Column("token_sha256", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.String(length=40), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("expires_at", UtcTime(), nullable=False),
        sa.Column("used_at", UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_invitations_person_id_people")),
        sa.PrimaryKeyConstraint("token_sha256", name=op.f("pk_invitations")),
    )
    op.create_index(op.f("ix_invitations_person_id"), "invitations", ["person_id"], unique=False)
    op.create_table(
        "mail_aliases",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("person_id", sa.String(length=40), nullable=True),
        sa.Column("declared_by", sa.String(length=40), nullable=False),
        sa.Column("declared_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["declared_by"], ["people.id"], name=op.f("fk_mail_aliases_declared_by_people")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_mail_aliases_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_aliases")),
        sa.UniqueConstraint("email", name=op.f("uq_mail_aliases_email")),
    )
    op.create_table(
        "policies",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("adopted_at", UtcTime(), nullable=False),
        sa.Column("adopted_by", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(["adopted_by"], ["people.id"], name=op.f("fk_policies_adopted_by_people")),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_policies")),
        sa.UniqueConstraint("sha256", name=op.f("uq_policies_sha256")),
    )
    op.create_table(
        "prompts",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("risk_class", sa.String(length=60), nullable=False),
        sa.Column("class_confirmed_by", sa.String(length=40), nullable=True),
        sa.Column("class_confirmed_at", UtcTime(), nullable=True),
        sa.Column("live_release_id", sa.String(length=40), nullable=True),
        sa.Column("last_number", sa.Integer(), nullable=False),
        sa.Column("next_review_on", UtcTime(), nullable=True),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["class_confirmed_by"], ["people.id"], name=op.f("fk_prompts_class_confirmed_by_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_prompts")),
        sa.UniqueConstraint("name", name=op.f("uq_prompts_name")),
    )
    op.create_table(
        "reauthentications",
        sa.Column("nonce", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.String(length=40), nullable=False),
        sa.Column("subject_sha256", sa.String(length=64), nullable=False),
        sa.Column("meaning", sa.String(length=200), nullable=False),
        sa.Column("method", sa.String(length=60), nullable=False),
        sa.Column("made_at", UtcTime(), nullable=False),
        sa.Column("used_at", UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_reauthentications_person_id_people")),
        sa.PrimaryKeyConstraint("nonce", name=op.f("pk_reauthentications")),
    )
    op.create_index(op.f("ix_reauthentications_person_id"), "reauthentications", ["person_id"], unique=False)
    op.create_table(
        "role_grants",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("person_id", sa.String(length=40), nullable=False),
        sa.Column("role", sa.String(length=60), nullable=False),
        sa.Column("granted_by", sa.String(length=40), nullable=True),
        sa.Column("granted_at", UtcTime(), nullable=False),
        sa.Column("revoked_by", sa.String(length=40), nullable=True),
        sa.Column("revoked_at", UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(["granted_by"], ["people.id"], name=op.f("fk_role_grants_granted_by_people")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_role_grants_person_id_people")),
        sa.ForeignKeyConstraint(["revoked_by"], ["people.id"], name=op.f("fk_role_grants_revoked_by_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_grants")),
    )
    op.create_index(op.f("ix_role_grants_person_id"), "role_grants", ["person_id"], unique=False)
    op.create_table(
        "sessions",
        sa.Column("id_sha256", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.String(length=40), nullable=False),
        sa.Column("opened_at", UtcTime(), nullable=False),
        sa.Column("last_seen_at", UtcTime(), nullable=False),
        sa.Column("expires_at", UtcTime(), nullable=False),
        sa.Column("revoked_at", UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_sessions_person_id_people")),
        sa.PrimaryKeyConstraint("id_sha256", name=op.f("pk_sessions")),
    )
    op.create_index(op.f("ix_sessions_person_id"), "sessions", ["person_id"], unique=False)
    op.create_table(
        "suites",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("case_count", sa.Integer(), nullable=False),
        sa.Column("contains_phi", sa.Boolean(), nullable=False),
        sa.Column("is_held_out", sa.Boolean(), nullable=False),
        sa.Column("stored_by", sa.String(length=40), nullable=False),
        sa.Column("stored_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["stored_by"], ["people.id"], name=op.f("fk_suites_stored_by_people")),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_suites")),
    )
    op.create_table(
        "tokens",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("person_id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("token_sha256", sa.String(length=64), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("expires_at", UtcTime(), nullable=False),
        sa.Column("revoked_at", UtcTime(), nullable=True),
        sa.Column("last_used_at", UtcTime(), nullable=True),
        sa.Column("owner_contact", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_tokens_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tokens")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_tokens_token_sha256")),
    )
    op.create_index(op.f("ix_tokens_person_id"), "tokens", ["person_id"], unique=False)
    op.create_table(
        "changes",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("prompt_id", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("stage", sa.String(length=60), nullable=False),
        sa.Column("risk_class", sa.String(length=60), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("manifest_sha256", sa.String(length=64), nullable=True),
        sa.Column("baseline_release_id", sa.String(length=40), nullable=True),
        sa.Column("is_first_change", sa.Boolean(), nullable=False),
        sa.Column("reworded_changes", sa.String(), nullable=True),
        sa.Column("opened_by", sa.String(length=40), nullable=False),
        sa.Column("opened_at", UtcTime(), nullable=False),
        sa.Column("stage_since", UtcTime(), nullable=False),
        sa.Column("due_at", UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(["opened_by"], ["people.id"], name=op.f("fk_changes_opened_by_people")),
        sa.ForeignKeyConstraint(["prompt_id"], ["prompts.id"], name=op.f("fk_changes_prompt_id_prompts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_changes")),
    )
    op.create_index(op.f("ix_changes_opened_by"), "changes", ["opened_by"], unique=False)
    op.create_index(op.f("ix_changes_prompt_id"), "changes", ["prompt_id"], unique=False)
    op.create_index(op.f("ix_changes_stage"), "changes", ["stage"], unique=False)
    op.create_table(
        "quarantine",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("event_id", sa.String(length=80), nullable=False),
        sa.Column("token_id", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(length=60), nullable=False),
        sa.Column("received_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["token_id"], ["tokens.id"], name=op.f("fk_quarantine_token_id_tokens")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quarantine")),
    )
    op.create_table(
        "versions",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("prompt_id", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(length=60), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("stored_by", sa.String(length=40), nullable=False),
        sa.Column("stored_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["prompt_id"], ["prompts.id"], name=op.f("fk_versions_prompt_id_prompts")),
        sa.ForeignKeyConstraint(["stored_by"], ["people.id"], name=op.f("fk_versions_stored_by_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_versions")),
        sa.UniqueConstraint("prompt_id", "number", name=op.f("uq_versions_prompt_id_number")),
        sa.UniqueConstraint("prompt_id", "sha256", name=op.f("uq_versions_prompt_id_sha256")),
    )
    op.create_index(op.f("ix_versions_prompt_id"), "versions", ["prompt_id"], unique=False)
    op.create_table(
        "audit_draws",
        sa.Column("change_id", sa.String(length=40), nullable=False),
        sa.Column("seed", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("eligible", sa.Integer(), nullable=False),
        sa.Column("eligible_sha256", sa.String(length=64), nullable=False),
        sa.Column("drawn_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["change_id"], ["changes.id"], name=op.f("fk_audit_draws_change_id_changes")),
        sa.PrimaryKeyConstraint("change_id", name=op.f("pk_audit_draws")),
    )
    op.create_table(
        "checklist_ticks",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("change_id", sa.String(length=40), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.String(length=40), nullable=False),
        sa.Column("item", sa.String(length=200), nullable=False),
        sa.Column("ticked_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["change_id"], ["changes.id"], name=op.f("fk_checklist_ticks_change_id_changes")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_checklist_ticks_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checklist_ticks")),
        sa.UniqueConstraint(
            "change_id",
            "revision",
            "person_id",
            "item",
            name=op.f("uq_checklist_ticks_change_id_revision_person_id_item"),
        ),
    )
    op.create_index(op.f("ix_checklist_ticks_change_id"), "checklist_ticks", ["change_id"], unique=False)
    op.create_index(op.f("ix_checklist_ticks_person_id"), "checklist_ticks", ["person_id"], unique=False)
    op.create_table(
        "comments",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("change_id", sa.String(length=40), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("anchor", sa.JSON(), nullable=False),
        sa.Column("suggestion", sa.String(), nullable=True),
        sa.Column("written_at", UtcTime(), nullable=False),
        sa.Column("resolved_by", sa.String(length=40), nullable=True),
        sa.Column("resolved_at", UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(["author_id"], ["people.id"], name=op.f("fk_comments_author_id_people")),
        sa.ForeignKeyConstraint(["change_id"], ["changes.id"], name=op.f("fk_comments_change_id_changes")),
        sa.ForeignKeyConstraint(["resolved_by"], ["people.id"], name=op.f("fk_comments_resolved_by_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comments")),
    )
    op.create_index(op.f("ix_comments_author_id"), "comments", ["author_id"], unique=False)
    op.create_index(op.f("ix_comments_change_id"), "comments", ["change_id"], unique=False)
    op.create_table(
        "contributors",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("change_id", sa.String(length=40), nullable=False),
        sa.Column("person_id", sa.String(length=40), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("how", sa.String(length=60), nullable=False),
        sa.Column("is_external", sa.Boolean(), nullable=False),
        sa.Column("added_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["change_id"], ["changes.id"], name=op.f("fk_contributors_change_id_changes")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_contributors_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contributors")),
        sa.UniqueConstraint("change_id", "email", name=op.f("uq_contributors_change_id_email")),
    )
    op.create_index(op.f("ix_contributors_change_id"), "contributors", ["change_id"], unique=False)
    op.create_index(op.f("ix_contributors_person_id"), "contributors", ["person_id"], unique=False)
    op.create_table(
        "manifests",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("change_id", sa.String(length=40), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["change_id"], ["changes.id"], name=op.f("fk_manifests_change_id_changes")),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_manifests")),
    )
    op.create_index(op.f("ix_manifests_change_id"), "manifests", ["change_id"], unique=False)
    op.create_table(
        "revisions",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("change_id", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.String(length=40), nullable=False),
        sa.Column("suite_sha256", sa.String(length=64), nullable=True),
        sa.Column("baseline_release_id", sa.String(length=40), nullable=True),
        sa.Column("policy_sha256", sa.String(length=64), nullable=False),
        sa.Column("model", sa.String(length=200), nullable=False),
        sa.Column("fallbacks", sa.JSON(), nullable=False),
        sa.Column("plan", sa.JSON(), nullable=False),
        sa.Column("changes", sa.Text(), nullable=False),
        sa.Column("intended_use", sa.Text(), nullable=False),
        sa.Column("not_for", sa.Text(), nullable=False),
        sa.Column("downtime_text", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("submitted_by", sa.String(length=40), nullable=False),
        sa.Column("submitted_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["change_id"], ["changes.id"], name=op.f("fk_revisions_change_id_changes")),
        sa.ForeignKeyConstraint(["submitted_by"], ["people.id"], name=op.f("fk_revisions_submitted_by_people")),
        sa.ForeignKeyConstraint(["suite_sha256"], ["suites.sha256"], name=op.f("fk_revisions_suite_sha256_suites")),
        sa.ForeignKeyConstraint(["version_id"], ["versions.id"], name=op.f("fk_revisions_version_id_versions")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revisions")),
        sa.UniqueConstraint("change_id", "number", name=op.f("uq_revisions_change_id_number")),
    )
    op.create_index(op.f("ix_revisions_change_id"), "revisions", ["change_id"], unique=False)
    op.create_index(op.f("ix_revisions_submitted_by"), "revisions", ["submitted_by"], unique=False)
    op.create_table(
        "signatures",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("change_id", sa.String(length=40), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=True),
        sa.Column("move", sa.String(length=60), nullable=False),
        sa.Column("meaning", sa.String(length=200), nullable=False),
        sa.Column("signer_id", sa.String(length=40), nullable=False),
        sa.Column("signer_name", sa.String(length=200), nullable=False),
        sa.Column("signer_title", sa.String(length=200), nullable=False),
        sa.Column("signer_credentials", sa.String(length=200), nullable=False),
        sa.Column("signer_role", sa.String(length=60), nullable=False),
        sa.Column("subject_sha256", sa.String(length=64), nullable=False),
        sa.Column("display_sha256", sa.String(length=64), nullable=False),
        sa.Column("envelope_sha256", sa.String(length=64), nullable=False),
        sa.Column("level", sa.String(length=60), nullable=False),
        sa.Column("nonce", sa.String(length=64), nullable=False),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("signed_at", UtcTime(), nullable=False),
        sa.Column("entry_seq", sa.Integer(), nullable=True),
        sa.Column("voided_at", UtcTime(), nullable=True),
        sa.Column("void_reason", sa.String(length=60), nullable=True),
        sa.ForeignKeyConstraint(["change_id"], ["changes.id"], name=op.f("fk_signatures_change_id_changes")),
        sa.ForeignKeyConstraint(
            ["envelope_sha256"], ["envelopes.sha256"], name=op.f("fk_signatures_envelope_sha256_envelopes")
        ),
        sa.ForeignKeyConstraint(["signer_id"], ["people.id"], name=op.f("fk_signatures_signer_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signatures")),
        sa.UniqueConstraint("nonce", name=op.f("uq_signatures_nonce")),
    )
    op.create_index(op.f("ix_signatures_change_id"), "signatures", ["change_id"], unique=False)
    op.create_index(op.f("ix_signatures_signer_id"), "signatures", ["signer_id"], unique=False)
    op.create_table(
        "waivers",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("change_id", sa.String(length=40), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("measure", sa.String(length=60), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("asked_by", sa.String(length=40), nullable=False),
        sa.Column("asked_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["asked_by"], ["people.id"], name=op.f("fk_waivers_asked_by_people")),
        sa.ForeignKeyConstraint(["change_id"], ["changes.id"], name=op.f("fk_waivers_change_id_changes")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waivers")),
    )
    op.create_index(op.f("ix_waivers_asked_by"), "waivers", ["asked_by"], unique=False)
    op.create_index(op.f("ix_waivers_change_id"), "waivers", ["change_id"], unique=False)
    op.create_table(
        "releases",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("prompt_id", sa.String(length=40), nullable=False),
        sa.Column("change_id", sa.String(length=40), nullable=False),
        sa.Column("version_id", sa.String(length=40), nullable=False),
        sa.Column("manifest_sha256", sa.String(length=64), nullable=False),
        sa.Column("envelope_sha256", sa.String(length=64), nullable=False),
        sa.Column("label", sa.String(length=60), nullable=False),
        sa.Column("released_by_policy", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=60), nullable=False),
        sa.Column("made_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["change_id"], ["changes.id"], name=op.f("fk_releases_change_id_changes")),
        sa.ForeignKeyConstraint(
            ["manifest_sha256"], ["manifests.sha256"], name=op.f("fk_releases_manifest_sha256_manifests")
        ),
        sa.ForeignKeyConstraint(["prompt_id"], ["prompts.id"], name=op.f("fk_releases_prompt_id_prompts")),
        sa.ForeignKeyConstraint(["version_id"], ["versions.id"], name=op.f("fk_releases_version_id_versions")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_releases")),
    )
    op.create_index(op.f("ix_releases_change_id"), "releases", ["change_id"], unique=False)
    op.create_index(op.f("ix_releases_prompt_id"), "releases", ["prompt_id"], unique=False)
    op.create_table(
        "live_periods",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("prompt_id", sa.String(length=40), nullable=False),
        sa.Column("release_id", sa.String(length=40), nullable=True),
        sa.Column("began_at", UtcTime(), nullable=False),
        sa.Column("ended_at", UtcTime(), nullable=True),
        sa.Column("entry_seq", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["prompt_id"], ["prompts.id"], name=op.f("fk_live_periods_prompt_id_prompts")),
        sa.ForeignKeyConstraint(["release_id"], ["releases.id"], name=op.f("fk_live_periods_release_id_releases")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_live_periods")),
    )
    op.create_index(op.f("ix_live_periods_prompt_id"), "live_periods", ["prompt_id"], unique=False)
    op.create_table(
        "rollouts",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("change_id", sa.String(length=40), nullable=False),
        sa.Column("prompt_id", sa.String(length=40), nullable=False),
        sa.Column("release_id", sa.String(length=40), nullable=False),
        sa.Column("baseline_release_id", sa.String(length=40), nullable=True),
        sa.Column("salt", sa.String(length=16), nullable=False),
        sa.Column("plan", sa.JSON(), nullable=False),
        sa.Column("step_index", sa.Integer(), nullable=False),
        sa.Column("step_entered_at", UtcTime(), nullable=False),
        sa.Column("state", sa.String(length=60), nullable=False),
        sa.Column("serves", sa.String(length=60), nullable=False),
        sa.Column("state_reason", sa.String(), nullable=True),
        sa.Column("started_by", sa.String(length=40), nullable=False),
        sa.Column("started_at", UtcTime(), nullable=False),
        sa.Column("ended_at", UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["baseline_release_id"], ["releases.id"], name=op.f("fk_rollouts_baseline_release_id_releases")
        ),
        sa.ForeignKeyConstraint(["change_id"], ["changes.id"], name=op.f("fk_rollouts_change_id_changes")),
        sa.ForeignKeyConstraint(["prompt_id"], ["prompts.id"], name=op.f("fk_rollouts_prompt_id_prompts")),
        sa.ForeignKeyConstraint(["release_id"], ["releases.id"], name=op.f("fk_rollouts_release_id_releases")),
        sa.ForeignKeyConstraint(["started_by"], ["people.id"], name=op.f("fk_rollouts_started_by_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rollouts")),
        sa.UniqueConstraint("change_id", name=op.f("uq_rollouts_change_id")),
    )
    op.create_index(op.f("ix_rollouts_prompt_id"), "rollouts", ["prompt_id"], unique=False)
    op.create_index(op.f("ix_rollouts_started_by"), "rollouts", ["started_by"], unique=False)
    op.create_table(
        "runs",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("change_id", sa.String(length=40), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("suite_sha256", sa.String(length=64), nullable=False),
        sa.Column("candidate_version_id", sa.String(length=40), nullable=False),
        sa.Column("baseline_release_id", sa.String(length=40), nullable=True),
        sa.Column("candidate_model", sa.String(length=200), nullable=False),
        sa.Column("baseline_model", sa.String(length=200), nullable=True),
        sa.Column("policy_sha256", sa.String(length=64), nullable=False),
        sa.Column("scorers_sha256", sa.String(length=64), nullable=False),
        sa.Column("repeats", sa.Integer(), nullable=False),
        sa.Column("planned_calls", sa.Integer(), nullable=False),
        sa.Column("done_calls", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=60), nullable=False),
        sa.Column("verdict", sa.String(length=60), nullable=True),
        sa.Column("failure", sa.String(length=500), nullable=True),
        sa.Column("result_sha256", sa.String(length=64), nullable=True),
        sa.Column("cost_microusd", sa.BigInteger(), nullable=False),
        sa.Column("is_offline", sa.Boolean(), nullable=False),
        sa.Column("queued_at", UtcTime(), nullable=False),
        sa.Column("started_at", UtcTime(), nullable=True),
        sa.Column("concluded_at", UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["baseline_release_id"], ["releases.id"], name=op.f("fk_runs_baseline_release_id_releases")
        ),
        sa.ForeignKeyConstraint(
            ["candidate_version_id"], ["versions.id"], name=op.f("fk_runs_candidate_version_id_versions")
        ),
        sa.ForeignKeyConstraint(["change_id"], ["changes.id"], name=op.f("fk_runs_change_id_changes")),
        sa.ForeignKeyConstraint(["suite_sha256"], ["suites.sha256"], name=op.f("fk_runs_suite_sha256_suites")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runs")),
        sa.UniqueConstraint("change_id", "number", name=op.f("uq_runs_change_id_number")),
    )
    op.create_index(op.f("ix_runs_change_id"), "runs", ["change_id"], unique=False)
    op.create_table(
        "answers",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("run_id", sa.String(length=40), nullable=False),
        sa.Column("case_id", sa.String(length=200), nullable=False),
        sa.Column("cluster", sa.String(length=200), nullable=False),
        sa.Column("subgroup", sa.JSON(), nullable=False),
        sa.Column("arm", sa.String(length=60), nullable=False),
        sa.Column("repeat", sa.Integer(), nullable=False),
        sa.Column("model", sa.String(length=200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("error", sa.String(length=60), nullable=True),
        sa.Column("finish_reason", sa.String(length=60), nullable=True),
        sa.Column("tokens_in", sa.Integer(), nullable=True),
        sa.Column("tokens_out", sa.Integer(), nullable=True),
        sa.Column("cost_microusd", sa.Integer(), nullable=True),
        sa.Column("latency_ms", sa.Integer(), nullable=True),
        sa.Column("ttft_ms", sa.Integer(), nullable=True),
        sa.Column("is_cached", sa.Boolean(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("answered_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_answers_run_id_runs")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answers")),
        sa.UniqueConstraint("run_id", "case_id", "arm", "repeat", name=op.f("uq_answers_run_id_case_id_arm_repeat")),
    )
    op.create_index(op.f("ix_answers_run_id"), "answers", ["run_id"], unique=False)
    op.create_table(
        "case_openings",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("run_id", sa.String(length=40), nullable=False),
        sa.Column("person_id", sa.String(length=40), nullable=False),
        sa.Column("case_id", sa.String(length=200), nullable=False),
        sa.Column("opened_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_case_openings_person_id_people")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_case_openings_run_id_runs")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_openings")),
        sa.UniqueConstraint("run_id", "person_id", "case_id", name=op.f("uq_case_openings_run_id_person_id_case_id")),
    )
    op.create_index(op.f("ix_case_openings_person_id"), "case_openings", ["person_id"], unique=False)
    op.create_index(op.f("ix_case_openings_run_id"), "case_openings", ["run_id"], unique=False)
    op.create_table(
        "findings",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("run_id", sa.String(length=40), nullable=False),
        sa.Column("case_id", sa.String(length=200), nullable=False),
        sa.Column("metric", sa.String(length=60), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("candidate_count", sa.Integer(), nullable=False),
        sa.Column("baseline_count", sa.Integer(), nullable=False),
        sa.Column("repeats", sa.Integer(), nullable=False),
        sa.Column("decision", sa.String(length=60), nullable=True),
        sa.Column("decided_by", sa.String(length=40), nullable=True),
        sa.Column("decided_at", UtcTime(), nullable=True),
        sa.Column("decision_reason", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["decided_by"], ["people.id"], name=op.f("fk_findings_decided_by_people")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_findings_run_id_runs")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_findings")),
        sa.UniqueConstraint("run_id", "case_id", "metric", "code", name=op.f("uq_findings_run_id_case_id_metric_code")),
    )
    op.create_index(op.f("ix_findings_run_id"), "findings", ["run_id"], unique=False)
    op.create_table(
        "interactions",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("event_id", sa.String(length=80), nullable=False),
        sa.Column("token_id", sa.String(length=40), nullable=False),
        sa.Column("prompt_id", sa.String(length=40), nullable=False),
        sa.Column("release_id", sa.String(length=40), nullable=True),
        sa.Column("rollout_id", sa.String(length=40), nullable=True),
        sa.Column("step_index", sa.Integer(), nullable=True),
        sa.Column("decision_id", sa.String(length=120), nullable=False),
        sa.Column("arm", sa.String(length=60), nullable=False),
        sa.Column("unit_hash", sa.String(length=64), nullable=False),
        sa.Column("is_displayed", sa.Boolean(), nullable=False),
        sa.Column("model", sa.String(length=200), nullable=False),
        sa.Column("request_text", sa.String(), nullable=True),
        sa.Column("response_text", sa.String(), nullable=True),
        sa.Column("masked_count", sa.Integer(), nullable=False),
        sa.Column("finish_reason", sa.String(length=60), nullable=True),
        sa.Column("tokens_in", sa.Integer(), nullable=True),
        sa.Column("tokens_out", sa.Integer(), nullable=True),
        sa.Column("latency_ms", sa.Integer(), nullable=True),
        sa.Column("ttft_ms", sa.Integer(), nullable=True),
        sa.Column("cost_microusd", sa.Integer(), nullable=True),
        sa.Column("error", sa.String(length=60), nullable=True),
        sa.Column("outcome", sa.String(length=60), nullable=True),
        sa.Column("harm_reported", sa.Boolean(), nullable=False),
        sa.Column("phi_flagged", sa.Boolean(), nullable=False),
        sa.Column("source_ref", sa.String(length=200), nullable=True),
        sa.Column("subgroup", sa.JSON(), nullable=False),
        sa.Column("happened_at", UtcTime(), nullable=False),
        sa.Column("received_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["prompt_id"], ["prompts.id"], name=op.f("fk_interactions_prompt_id_prompts")),
        sa.ForeignKeyConstraint(["release_id"], ["releases.id"], name=op.f("fk_interactions_release_id_releases")),
        sa.ForeignKeyConstraint(["rollout_id"], ["rollouts.id"], name=op.f("fk_interactions_rollout_id_rollouts")),
        sa.ForeignKeyConstraint(["token_id"], ["tokens.id"], name=op.f("fk_interactions_token_id_tokens")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interactions")),
        sa.UniqueConstraint("event_id", name=op.f("uq_interactions_event_id")),
    )
    op.create_index(op.f("ix_interactions_decision_id"), "interactions", ["decision_id"], unique=False)
    op.create_index(op.f("ix_interactions_prompt_id"), "interactions", ["prompt_id"], unique=False)
    op.create_index(op.f("ix_interactions_release_id"), "interactions", ["release_id"], unique=False)
    op.create_index(op.f("ix_interactions_rollout_id"), "interactions", ["rollout_id"], unique=False)
    op.create_table(
        "results",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("run_id", sa.String(length=40), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_results_run_id_runs")),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_results")),
        sa.UniqueConstraint("run_id", name=op.f("uq_results_run_id")),
    )
    op.create_table(
        "audit_samples",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("change_id", sa.String(length=40), nullable=False),
        sa.Column("label", sa.String(length=60), nullable=False),
        sa.Column("interaction_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("arm", sa.String(length=60), nullable=False),
        sa.Column("stratum", sa.String(length=200), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("drawn_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["change_id"], ["changes.id"], name=op.f("fk_audit_samples_change_id_changes")),
        sa.ForeignKeyConstraint(
            ["interaction_id"], ["interactions.id"], name=op.f("fk_audit_samples_interaction_id_interactions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_samples")),
        sa.UniqueConstraint("change_id", "interaction_id", name=op.f("uq_audit_samples_change_id_interaction_id")),
        sa.UniqueConstraint("change_id", "label", name=op.f("uq_audit_samples_change_id_label")),
    )
    op.create_index(op.f("ix_audit_samples_change_id"), "audit_samples", ["change_id"], unique=False)
    op.create_table(
        "scores",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("answer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("metric", sa.String(length=60), nullable=False),
        sa.Column("state", sa.String(length=60), nullable=False),
        sa.Column("value", sa.Float(), nullable=True),
        sa.Column("findings", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["answer_id"], ["answers.id"], name=op.f("fk_scores_answer_id_answers")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scores")),
        sa.UniqueConstraint("answer_id", "metric", name=op.f("uq_scores_answer_id_metric")),
    )
    op.create_index(op.f("ix_scores_answer_id"), "scores", ["answer_id"], unique=False)
    op.create_table(
        "grades",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("sample_id", sa.String(length=40), nullable=False),
        sa.Column("grader_id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("ratings", sa.JSON(), nullable=False),
        sa.Column("is_accurate", sa.Boolean(), nullable=True),
        sa.Column("is_gradable", sa.Boolean(), nullable=False),
        sa.Column("harm", sa.String(length=60), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("graded_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["grader_id"], ["people.id"], name=op.f("fk_grades_grader_id_people")),
        sa.ForeignKeyConstraint(["sample_id"], ["audit_samples.id"], name=op.f("fk_grades_sample_id_audit_samples")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grades")),
        sa.UniqueConstraint("sample_id", "grader_id", name=op.f("uq_grades_sample_id_grader_id")),
    )
    op.create_index(op.f("ix_grades_grader_id"), "grades", ["grader_id"], unique=False)
    op.create_index(op.f("ix_grades_sample_id"), "grades", ["sample_id"], unique=False)
    for statement in create_statements(op.get_bind().dialect.name, APPEND_ONLY):
        op.execute(statement)


def downgrade() -> None:
    """The schema before."""
    for statement in drop_statements(op.get_bind().dialect.name, APPEND_ONLY):
        op.execute(statement)
    op.drop_index(op.f("ix_grades_sample_id"), table_name="grades")
    op.drop_index(op.f("ix_grades_grader_id"), table_name="grades")
    op.drop_table("grades")
    op.drop_index(op.f("ix_scores_answer_id"), table_name="scores")
    op.drop_table("scores")
    op.drop_index(op.f("ix_audit_samples_change_id"), table_name="audit_samples")
    op.drop_table("audit_samples")
    op.drop_table("results")
    op.drop_index(op.f("ix_interactions_rollout_id"), table_name="interactions")
    op.drop_index(op.f("ix_interactions_release_id"), table_name="interactions")
    op.drop_index(op.f("ix_interactions_prompt_id"), table_name="interactions")
    op.drop_index(op.f("ix_interactions_decision_id"), table_name="interactions")
    op.drop_table("interactions")
    op.drop_index(op.f("ix_findings_run_id"), table_name="findings")
    op.drop_table("findings")
    op.drop_index(op.f("ix_case_openings_run_id"), table_name="case_openings")
    op.drop_index(op.f("ix_case_openings_person_id"), table_name="case_openings")
    op.drop_table("case_openings")
    op.drop_index(op.f("ix_answers_run_id"), table_name="answers")
    op.drop_table("answers")
    op.drop_index(op.f("ix_runs_change_id"), table_name="runs")
    op.drop_table("runs")
    op.drop_index(op.f("ix_rollouts_started_by"), table_name="rollouts")
    op.drop_index(op.f("ix_rollouts_prompt_id"), table_name="rollouts")
    op.drop_table("rollouts")
    op.drop_index(op.f("ix_live_periods_prompt_id"), table_name="live_periods")
    op.drop_table("live_periods")
    op.drop_index(op.f("ix_releases_prompt_id"), table_name="releases")
    op.drop_index(op.f("ix_releases_change_id"), table_name="releases")
    op.drop_table("releases")
    op.drop_index(op.f("ix_waivers_change_id"), table_name="waivers")
    op.drop_index(op.f("ix_waivers_asked_by"), table_name="waivers")
    op.drop_table("waivers")
    op.drop_index(op.f("ix_signatures_signer_id"), table_name="signatures")
    op.drop_index(op.f("ix_signatures_change_id"), table_name="signatures")
    op.drop_table("signatures")
    op.drop_index(op.f("ix_revisions_submitted_by"), table_name="revisions")
    op.drop_index(op.f("ix_revisions_change_id"), table_name="revisions")
    op.drop_table("revisions")
    op.drop_index(op.f("ix_manifests_change_id"), table_name="manifests")
    op.drop_table("manifests")
    op.drop_index(op.f("ix_contributors_person_id"), table_name="contributors")
    op.drop_index(op.f("ix_contributors_change_id"), table_name="contributors")
    op.drop_table("contributors")
    op.drop_index(op.f("ix_comments_change_id"), table_name="comments")
    op.drop_index(op.f("ix_comments_author_id"), table_name="comments")
    op.drop_table("comments")
    op.drop_index(op.f("ix_checklist_ticks_person_id"), table_name="checklist_ticks")
    op.drop_index(op.f("ix_checklist_ticks_change_id"), table_name="checklist_ticks")
    op.drop_table("checklist_ticks")
    op.drop_table("audit_draws")
    op.drop_index(op.f("ix_versions_prompt_id"), table_name="versions")
    op.drop_table("versions")
    op.drop_table("quarantine")
    op.drop_index(op.f("ix_changes_stage"), table_name="changes")
    op.drop_index(op.f("ix_changes_prompt_id"), table_name="changes")
    op.drop_index(op.f("ix_changes_opened_by"), table_name="changes")
    op.drop_table("changes")
    op.drop_index(op.f("ix_tokens_person_id"), table_name="tokens")
    op.drop_table("tokens")
    op.drop_table("suites")
    op.drop_index(op.f("ix_sessions_person_id"), table_name="sessions")
    op.drop_table("sessions")
    op.drop_index(op.f("ix_role_grants_person_id"), table_name="role_grants")
    op.drop_table("role_grants")
    op.drop_index(op.f("ix_reauthentications_person_id"), table_name="reauthentications")
    op.drop_table("reauthentications")
    op.drop_table("prompts")
    op.drop_table("policies")
    op.drop_table("mail_aliases")
    op.drop_index(op.f("ix_invitations_person_id"), table_name="invitations")
    op.drop_table("invitations")
    op.drop_table("people")
    op.drop_table("payloads")
    op.drop_index(op.f("ix_outbox_sent_at"), table_name="outbox")
    op.drop_table("outbox")
    op.drop_table("log_state")
    op.drop_index(op.f("ix_ledger_leaves_type"), table_name="ledger_leaves")
    op.drop_index(op.f("ix_ledger_leaves_entity_id"), table_name="ledger_leaves")
    op.drop_index(op.f("ix_ledger_leaves_at"), table_name="ledger_leaves")
    op.drop_index(op.f("ix_ledger_leaves_actor_id"), table_name="ledger_leaves")
    op.drop_table("ledger_leaves")
    op.drop_table("ledger_heads")
    op.drop_index(op.f("ix_jobs_state"), table_name="jobs")
    op.drop_table("jobs")
    op.drop_table("idempotency_keys")
    op.drop_table("envelopes")
