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
    "erased",
    "restrictions",
)

_SQLITE = """CREATE TRIGGER {table}_no_{verb} BEFORE {upper} ON {table}
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"""

_FUNCTION = """CREATE OR REPLACE FUNCTION formulary_refuse() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"""

_POSTGRESQL = "CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION formulary_refuse()"
_TRUNCATE = "CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION formulary_refuse()"

_EXCEPT_ERASED = """CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table}
WHEN NOT (length(NEW.content) = 0 AND {same} AND EXISTS (SELECT 1 FROM erased WHERE sha256 = OLD.sha256))
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"""

_EXCEPT_ERASED_FUNCTION = """CREATE OR REPLACE FUNCTION formulary_refuse_unless_erased() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN
IF TG_OP = 'UPDATE' AND octet_length(NEW.content) = 0 AND to_jsonb(NEW) - 'content' = to_jsonb(OLD) - 'content'
AND EXISTS (SELECT 1 FROM erased WHERE sha256 = OLD.sha256) THEN RETURN NEW; END IF;
RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"""

_COLUMNS = {
    "suites": (
        "sha256", "name", "number", "grown_from", "case_count", "contains_phi", "is_held_out", "stored_by", "stored_at",
    ),
    "results": ("sha256", "run_id"),
}  # fmt: skip


def create_erasable_statements(dialect: str, tables: tuple[str, ...]) -> list[str]:
    """As ``create_statements``, but the content of a row may be emptied once ``erased`` names its digest; nothing else of it changes."""
    if dialect != "sqlite":
        rows = [
            row.format(table=table).replace("formulary_refuse()", "formulary_refuse_unless_erased()")
            for table in tables
            for row in (_POSTGRESQL, _TRUNCATE)
        ]
        return [_EXCEPT_ERASED_FUNCTION, *rows]
    made = []
    for table in tables:
        same = " AND ".join(f"NEW.{column} IS OLD.{column}" for column in _COLUMNS[table])
        made.append(_EXCEPT_ERASED.format(table=table, same=same))
        made.append(_SQLITE.format(table=table, verb="delete", upper="DELETE"))
    return made


def drop_erasable_statements(dialect: str, tables: tuple[str, ...]) -> list[str]:
    """The statements that take them away again, for a migration down."""
    dropped = [one for one in drop_statements(dialect, tables) if "FUNCTION" not in one]
    return dropped if dialect == "sqlite" else [*dropped, "DROP FUNCTION IF EXISTS formulary_refuse_unless_erased()"]


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
