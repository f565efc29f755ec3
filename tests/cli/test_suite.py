"""``formulary suite``: importing with every fault on stderr, fetching what was stored."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.server import Shell
from tests.conftest import Staff
from tests.services.submissions import suite_bytes
from webapp.adapters.outside import Outside


@pytest.fixture
def shell(outside: Outside, staff: Staff, monkeypatch: pytest.MonkeyPatch) -> Shell:
    return Shell(outside, staff, monkeypatch)


GOOD = "id,category,inputs.encounter_text\na,unit,Well.\n"


def test_a_table_is_imported_and_fetched_again_with_the_same_digest(shell: Shell, tmp_path: Path) -> None:
    table, copy = tmp_path / "night.csv", tmp_path / "copy.jsonl"
    table.write_text(GOOD)
    done = shell.run("suite", "import", table)
    assert done.exit_code == 0, done.output
    assert "night, version 1: 1 cases" in done.stderr
    digest = done.stdout.strip()
    assert shell.run("suite", "pull", digest, "-o", copy).exit_code == 0
    again = shell.run("suite", "import", copy, "--name", "night")
    assert again.stdout.strip() == digest
    assert "stored already" in again.stderr


def test_every_fault_is_told_and_nothing_imported(shell: Shell, tmp_path: Path) -> None:
    table = tmp_path / "night.csv"
    table.write_text(GOOD + "b,fun,x\nc,unit\n")
    done = shell.run("suite", "import", table)
    assert done.exit_code == 1
    assert f"{table}:3 (category): must be one of" in done.stderr
    assert f"{table}:4: has 2 cells" in done.stderr
    assert "Nothing was imported; 2 faults to mend." in done.stderr


def test_a_set_beside_its_prompt_is_named_after_the_prompt(shell: Shell, tmp_path: Path) -> None:
    path = tmp_path / "triage" / "evaluation" / "test-cases.jsonl"
    path.parent.mkdir(parents=True)
    path.write_bytes(suite_bytes(2))
    assert "triage, version 1" in shell.run("suite", "import", path).stderr


def test_patient_data_is_fetched_only_when_it_is_asked_for(shell: Shell, tmp_path: Path) -> None:
    table, copy = tmp_path / "patients.csv", tmp_path / "copy.jsonl"
    table.write_text(GOOD)
    digest = shell.run("suite", "import", table, "--contains-phi").stdout.strip()
    refused = shell.run("suite", "pull", digest, "-o", copy)
    assert refused.exit_code == 2
    assert "--with-case-text" in refused.stderr
    assert not copy.exists()
    assert shell.run("suite", "pull", digest, "-o", copy, "--with-case-text").exit_code == 0
    assert b"Well." in copy.read_bytes()


@pytest.mark.parametrize("words", [("pull", "latest", "-o", "x"), ("import", "none.csv")])
def test_what_cannot_be_meant_is_a_sentence(shell: Shell, words: tuple[str, ...]) -> None:
    done = shell.run("suite", *words)
    assert done.exit_code == 2
    assert done.stderr.strip().count("\n") == 0
