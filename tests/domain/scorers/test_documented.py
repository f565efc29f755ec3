"""docs/evaluation.md says of every check what it does and what it cannot see."""

from __future__ import annotations

from pathlib import Path

import pytest

from webapp.domain.scorers import judge
from webapp.domain.scorers.table import SCORERS

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "evaluation.md"


def rows() -> dict[str, list[str]]:
    """The cells of the table of checks by the names in their first cell."""
    found = {}
    for line in DOCUMENT.read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")] if line.startswith("| ") else []
        if len(cells) == 4:
            found |= dict.fromkeys(cells[0].split(", "), cells[1:])
    return found


@pytest.mark.parametrize("name", [*(scorer.name for scorer in SCORERS), judge.NAME])
def test_every_check_has_a_row_that_says_what_it_cannot_see(name: str) -> None:
    mark, finding, blind = rows()[name]
    assert mark
    assert finding
    assert len(blind) > 20
