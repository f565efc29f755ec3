"""The example workflow of docs/ci: its commands exist, take these options, and find the files that ship."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from webapp.cli import Commands

ROOT = Path(__file__).resolve().parent.parent.parent
WORKFLOW = yaml.safe_load((ROOT / "docs" / "ci" / "prompt-evaluation.yml").read_text())


def commands() -> Iterator[list[str]]:
    """The words of every ``formulary`` command of the workflow, up to a pipe."""
    for job in WORKFLOW["jobs"].values():
        for step in job["steps"]:
            words = shlex.split(step.get("run", ""))
            if words[:1] == ["formulary"]:
                yield words[1 : words.index("|") if "|" in words else None]


@pytest.mark.parametrize("words", list(commands()), ids=" ".join)
def test_the_workflow_calls_commands_as_they_are(words: list[str]) -> None:
    command = Commands().get_command(None, words[0])  # type: ignore[arg-type]
    assert command is not None
    context = command.make_context(words[0], words[1:])
    named = [
        value for value in context.params.values() if isinstance(value, Path) and value.suffix in (".yaml", ".jsonl")
    ]
    assert all((ROOT / path).is_file() for path in named), named


def test_the_workflow_evaluates_and_submits() -> None:
    assert {words[0] for words in commands()} == {"lint", "evaluate", "submit"}


def test_the_page_names_every_exit_code() -> None:
    page = (ROOT / "docs" / "ci.md").read_text()
    assert all(f"\n| {code} | " in page for code in range(5))
