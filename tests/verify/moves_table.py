"""The verifier's table of moves, derived from the workflow's own: what must stand in ``webapp/verify.py``."""

from __future__ import annotations

from webapp.domain.workflow import guards
from webapp.domain.workflow.moves import MOVES, Move

Row = tuple[str, str, str, tuple[str, ...], str | None, tuple[str, ...]]
MUST_NOT_BE = (
    (guards.not_a_contributor, "contributor"),
    (guards.not_the_reviewer, "reviewer"),
    (guards.has_not_signed, "signer"),
)


def derived_table() -> tuple[Row, ...]:
    return tuple(_row(move) for move in MOVES)


def as_source() -> str:
    """The rows as they stand in the verifier, a line for each."""
    return "".join(f"    {_written(row)},\n" for row in derived_table())


def _row(move: Move) -> Row:
    kept_from = tuple(word for guard, word in MUST_NOT_BE if guard in move.guards)
    return move.name, move.source.value, move.target.value, tuple(sorted(move.roles)), move.meaning, kept_from


def _written(value: object) -> str:
    if isinstance(value, tuple):
        inner = ", ".join(_written(item) for item in value)
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    return "None" if value is None else f'"{value}"'
