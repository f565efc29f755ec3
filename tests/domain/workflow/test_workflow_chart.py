"""Table and diagram say what the table of moves says, all of it and nothing else."""

from __future__ import annotations

import re

from webapp.domain.workflow import MOVES, Stage
from webapp.domain.workflow.chart import COLUMNS, moves_diagram, moves_table
from webapp.domain.workflow.stages import STAGE_WORDS

ROWS = [line.strip("| ").split(" | ") for line in moves_table().splitlines()]
ARROWS = re.findall(r"^    (\w+) --> (\w+): (.+)$", moves_diagram(), re.MULTILINE)


def _row(stage: str, name: str) -> list[str]:
    return next(row for row in ROWS if row[0] == stage and f"(`{name}`)" in row[1])


def test_the_table_has_a_head_a_rule_and_one_row_per_move() -> None:
    assert ROWS[0] == list(COLUMNS)
    assert ROWS[1] == ["---"] * 6
    assert len(ROWS) == 2 + len(MOVES)
    assert {len(row) for row in ROWS} == {6}


def test_every_move_stands_in_the_table_with_its_two_stages() -> None:
    shown = sorted((row[0], row[1], row[4]) for row in ROWS[2:])
    assert shown == sorted((STAGE_WORDS[m.source], f"{m.label} (`{m.name}`)", STAGE_WORDS[m.target]) for m in MOVES)


def test_the_stages_come_in_the_order_of_the_way() -> None:
    words = list(STAGE_WORDS.values())
    shown = [words.index(row[0]) for row in ROWS[2:]]
    assert shown == sorted(shown)


def test_a_row_reads_as_people_say_it() -> None:
    stage, move, who, holds, leads_to, meaning = _row("Sign-off", "sign")
    assert (stage, move, who, leads_to, meaning) == ("Sign-off", "Sign (`sign`)", "physician", "Sign-off", "approval")
    assert "After this signature the class asks for one more physician's (high risk: the first of two)." in holds
    assert "The physician is another person than the reviewer." in holds
    assert _row("Evaluation", "evaluated")[2] == "the system, by policy"
    assert _row("Rollout", "hold")[2] == "clinical informaticist or physician"
    assert _row("Draft", "withdraw")[5] == "not signed"


def test_every_row_names_what_must_hold() -> None:
    for row in ROWS[2:]:
        assert row[3].endswith((".", ".)")), row


def test_no_cell_breaks_the_table() -> None:
    assert all("|" not in cell for row in ROWS for cell in row)
    assert moves_table().endswith(" |\n")


def test_the_diagram_begins_with_a_draft_and_ends_where_changes_end() -> None:
    lines = moves_diagram().splitlines()
    assert lines[0] == "stateDiagram-v2"
    assert "    [*] --> draft" in lines
    ends = {line.split()[0] for line in lines if line.endswith("--> [*]")}
    assert ends == {"closed", "withdrawn", "rejected", "rolled_back"}


def test_every_stage_is_drawn_with_its_word() -> None:
    drawn = dict(re.findall(r'^    state "(.+)" as (\w+)$', moves_diagram(), re.MULTILINE))
    assert drawn == {word: stage.value for stage, word in STAGE_WORDS.items()}
    assert len(drawn) == len(Stage)


def test_every_move_is_drawn_once_between_its_stages() -> None:
    drawn = [(source, target, name) for source, target, names in ARROWS for name in names.split(", ")]
    expected = [(m.source, m.target, m.name + (" (by policy)" if m.is_by_policy else "")) for m in MOVES]
    assert sorted(drawn) == sorted(expected)
    assert len({(source, target) for source, target, _ in ARROWS}) == len(ARROWS)


def test_arrows_carry_nothing_that_mermaid_would_read_as_syntax() -> None:
    for _, _, names in ARROWS:
        assert re.fullmatch(r"[a-z_ (),]+", names)
