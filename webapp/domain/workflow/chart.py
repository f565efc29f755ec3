"""The table of moves written out for people: a Markdown table and a Mermaid diagram.

What must not live here: any rule. Everything is read from ``moves``, ``guards`` and ``stages``.
"""

from __future__ import annotations

from webapp.domain.workflow.guards import Guard
from webapp.domain.workflow.moves import MOVES, Move
from webapp.domain.workflow.stages import ENDED, ROLE_WORDS, STAGE_WORDS, Role, Stage

COLUMNS = ("Stage", "Move", "Who", "What must hold", "Leads to", "Signed as")


def moves_table() -> str:
    """A Markdown table with one row per move, in the order of the stages and of the table."""
    rows = [COLUMNS, ("---",) * len(COLUMNS), *(_cells(move) for move in _in_order())]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def moves_diagram() -> str:
    """A Mermaid ``stateDiagram-v2``: one state per stage, one arrow per pair of stages with the names of its moves."""
    lines = ["stateDiagram-v2"]
    lines += [f'    state "{STAGE_WORDS[stage]}" as {stage}' for stage in Stage]
    lines += [f"    [*] --> {Stage.DRAFT}"]
    lines += [f"    {source} --> {target}: {', '.join(names)}" for (source, target), names in _arrows().items()]
    lines += [f"    {stage} --> [*]" for stage in Stage if stage in ENDED]
    return "\n".join(lines) + "\n"


def _arrows() -> dict[tuple[Stage, Stage], list[str]]:
    """Source and target with the names of the moves between them; what only the system does is marked by policy."""
    arrows: dict[tuple[Stage, Stage], list[str]] = {}
    for move in _in_order():
        name = f"{move.name} (by policy)" if move.is_by_policy else move.name
        arrows.setdefault((move.source, move.target), []).append(name)
    return arrows


def _in_order() -> list[Move]:
    return sorted(MOVES, key=lambda move: list(Stage).index(move.source))


def _cells(move: Move) -> tuple[str, ...]:
    return (
        STAGE_WORDS[move.source],
        f"{move.label} (`{move.name}`)",
        _who(move),
        " ".join(_statement(guard) for guard in move.guards),
        STAGE_WORDS[move.target],
        move.meaning or "not signed",
    )


def _who(move: Move) -> str:
    if move.is_by_policy:
        return "the system, by policy"
    return " or ".join(ROLE_WORDS[role] for role in Role if role in move.roles)


def _statement(guard: Guard) -> str:
    return (guard.__doc__ or "").strip().split("\n")[0]
