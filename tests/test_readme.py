"""The README tells the truth: its table and diagram are made from the moves, and its links lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

from webapp.domain.workflow.chart import moves_diagram, moves_table
from webapp.domain.workflow.stages import WAY

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_readme_holds_the_table_and_the_diagram_of_the_moves() -> None:
    assert moves_table().strip() in README
    assert moves_diagram().strip() in README


def test_every_link_of_the_readme_leads_to_a_file() -> None:
    targets = re.findall(r"\]\(([^)#]+)\)", README)
    assert [target for target in targets if not (ROOT / target).exists()] == []


def test_every_stage_has_its_line_in_the_readme() -> None:
    assert [stage for stage in WAY if f"| {stage.value} |" not in README] == []
