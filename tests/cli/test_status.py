"""Status says where a change stands in a few lines."""

from __future__ import annotations

import pytest

from tests.cli.server import Shell
from tests.conftest import Staff
from tests.stages import change_in
from webapp.adapters.outside import Outside


@pytest.fixture
def shell(outside: Outside, staff: Staff, monkeypatch: pytest.MonkeyPatch) -> Shell:
    return Shell(outside, staff, monkeypatch)


def test_a_change_in_review_names_its_stage_what_blocks_and_who_is_asked(shell: Shell) -> None:
    change_id = change_in(shell.outside, shell.staff, "review")
    done = shell.run("status", change_id)
    assert done.exit_code == 0, done.output
    assert "Stage: Review, revision 1" in done.output
    assert "Evaluation: complete, 3 of 3 calls, verdict pass" in done.output
    assert "Blocks: Confirm or raise the prompt's risk class first." in done.output
    assert "Asked next: clinical informaticist (Kim, Lee, Moss)" in done.output
    assert f"http://localhost:8000/changes/{change_id}" in done.output


def test_an_unknown_change_is_a_sentence_and_exit_2(shell: Shell) -> None:
    done = shell.run("status", "chg_none")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "There is no such change" in done.stderr


def test_a_change_cannot_lead_to_another_address(shell: Shell) -> None:
    assert shell.run("status", "../prompts").exit_code == 2
