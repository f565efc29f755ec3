"""Triggers that make content immutable and the log append-only, on both databases."""

from __future__ import annotations

APPEND_ONLY = (
    "ledger_leaves",
    "log_tiles",
    "checkpoints",
    "versions",
    "manifests",
    "envelopes",
    "results",
    "policies",
    "revisions",
    "suites",
)

_SQLITE = """CREATE TRIGGER {table}_no_{verb} BEFORE {upper} ON {table}
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"""

_FUNCTION = """CREATE OR REPLACE FUNCTION formulary_refuse() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"""

_POSTGRESQL = "CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION formulary_refuse()"
_TRUNCATE = "CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION formulary_refuse()"


def create_statements(dialect: str, tables: tuple[str, ...] = APPEND_ONLY) -> list[str]:
    """The statements that put the triggers on ``tables``."""
    if dialect == "sqlite":
        return [_SQLITE.format(table=t, verb=verb, upper=verb.upper()) for t in tables for verb in ("update", "delete")]
    return [_FUNCTION, *[row.format(table=t) for t in tables for row in (_POSTGRESQL, _TRUNCATE)]]


def drop_statements(dialect: str, tables: tuple[str, ...] = APPEND_ONLY) -> list[str]:
    """The statements that take them away again, for a migration down."""
    if dialect == "sqlite":
        return [f"DROP TRIGGER IF EXISTS {t}_no_{verb}" for t in tables for verb in ("update", "delete")]
    dropped = [f"DROP TRIGGER IF EXISTS {t}_no_{kind} ON {t}" for t in tables for kind in ("change", "truncate")]
    return [*dropped, "DROP FUNCTION IF EXISTS formulary_refuse()"]
