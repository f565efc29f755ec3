"""Lists in pages: how many rows at once and where the next page begins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from webapp.errors import InvalidInput

MOST_ROWS = 200
USUAL_ROWS = 50


@dataclass(frozen=True)
class PageAsked:
    """Which page: after the row that ``cursor`` names, at most ``limit`` rows."""

    cursor: str | None = None
    limit: int = USUAL_ROWS


def page_asked(cursor: str | None, limit: str | None) -> PageAsked:
    """The page that a caller named in words; InvalidInput for a limit that is none."""
    if limit is None or limit == "":
        return PageAsked(cursor or None)
    if not (limit.isascii() and limit.isdigit() and 1 <= int(limit[:9]) <= MOST_ROWS):
        raise InvalidInput(f"limit is a whole number from 1 to {MOST_ROWS}.")
    return PageAsked(cursor or None, int(limit))


def page_of(name: str, rows: Sequence[dict[str, Any]], asked: PageAsked, key: str = "id") -> dict[str, Any]:
    """The rows under ``name`` and the cursor of the next page; ``rows`` holds one more than the limit where more follow."""
    shown = list(rows[: asked.limit])
    more = len(rows) > asked.limit
    return {name: shown, "next_cursor": str(shown[-1][key]) if more else None}
