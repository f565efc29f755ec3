"""Lint says what must be mended, with file and line, and needs no server."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.services.submissions import PROMPT, prompt_bytes, suite_bytes
from webapp.cli.lint import lint


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(lint, [str(word) for word in words])


def tree(root: Path, **fields: object) -> Path:
    """The guide's tree with one prompt; returns its root."""
    folder = root / "prompts" / str(PROMPT["name"])
    (folder / "evaluation").mkdir(parents=True)
    (folder / "v1.0.yaml").write_bytes(prompt_bytes(**fields))
    (folder / "evaluation" / "test-cases.jsonl").write_bytes(suite_bytes())
    (root / "prompts" / "prompt-config.yaml").write_text(f'active:\n  {PROMPT["name"]}: "1.0"\n')
    return root / "prompts"


def test_a_good_tree_has_nothing_to_mend(tmp_path: Path) -> None:
    done = run(tree(tmp_path))
    assert done.exit_code == 0, done.output
    assert done.output == "0 to mend, 0 to look at.\n"


def test_a_good_file_and_a_good_test_set_pass(tmp_path: Path) -> None:
    folder = tree(tmp_path) / str(PROMPT["name"])
    assert run(folder / "v1.0.yaml", folder / "evaluation" / "test-cases.jsonl").exit_code == 0
    assert run(folder).exit_code == 0


def test_warnings_are_shown_and_do_not_fail(tmp_path: Path) -> None:
    done = run(tree(tmp_path, parameters={"temperature": 0}))
    assert done.exit_code == 0
    assert "warning" in done.output
    assert "0 to mend, 1 to look at." in done.output


def test_a_fault_in_yaml_names_file_and_line(tmp_path: Path) -> None:
    path = tmp_path / "v1.yaml"
    path.write_bytes(prompt_bytes() + b"name: again\n")
    done = run(path)
    assert done.exit_code == 1
    line = prompt_bytes().count(b"\n") + 1
    assert f"{path}:{line}: error" in done.output


def test_every_bad_line_of_a_test_set_is_named(tmp_path: Path) -> None:
    path = tmp_path / "cases.jsonl"
    path.write_bytes(suite_bytes(1) + b"{}\n[]\n")
    done = run(path)
    assert done.exit_code == 1
    assert f"{path}:2:" in done.output
    assert f"{path}:3:" in done.output


def test_a_table_of_cases_is_checked_alone_and_in_its_tree(tmp_path: Path) -> None:
    folder = tree(tmp_path) / str(PROMPT["name"]) / "evaluation"
    (folder / "test-cases.jsonl").unlink()
    table = folder / "test-cases.csv"
    table.write_text("id,category,inputs.encounter_text\na,unit,Well.\n")
    assert run(table).exit_code == run(tmp_path / "prompts").exit_code == 0
    table.write_text("id,category,inputs.encounter_text\na,fun,Well.\nb,unit\n")
    for path in (table, tmp_path / "prompts"):
        done = run(path)
        assert done.exit_code == 1
        assert "test-cases.csv:2: error (category)" in done.output
        assert "test-cases.csv:3: error: has 2 cells" in done.output


def test_a_variable_without_input_is_found_with_the_test_set_beside(tmp_path: Path) -> None:
    folder = tree(tmp_path, user_template="{encounter_text} {age}") / str(PROMPT["name"])
    for path in (folder / "v1.0.yaml", folder.parent):
        done = run(path)
        assert done.exit_code == 1
        assert "{age}" in done.output


def test_a_secret_is_found_and_never_repeated(tmp_path: Path) -> None:
    done = run(tree(tmp_path, system_prompt="Use AKIAABCDEFGHIJKLMNOP here."))
    assert done.exit_code == 1
    assert "an API key" in done.output
    assert "AKIAABCDEFGHIJKLMNOP" not in done.output


def test_json_counts_and_places_every_finding(tmp_path: Path) -> None:
    done = run(tree(tmp_path, system_prompt="Take \u200bone."), "--format", "json")
    document = json.loads(done.output)
    assert (done.exit_code, document["errors"]) == (1, 1)
    assert document["findings"][0]["field"] == "system_prompt"
    assert document["findings"][0]["file"].endswith("v1.0.yaml")


def test_github_annotations_cannot_be_forged_by_a_name(tmp_path: Path) -> None:
    path = tmp_path / "a,line=9::error.yaml"
    path.write_bytes(b"- no prompt\n")
    done = run(path, "--format", "github")
    assert done.exit_code == 1
    assert done.stdout.startswith("::error file=")
    assert done.stdout.count("::") == 2
    assert "a%2Cline=9%3A%3Aerror.yaml" in done.stdout


@pytest.mark.parametrize("name", ["none.yaml", "none.jsonl"])
def test_a_missing_file_is_a_sentence(tmp_path: Path, name: str) -> None:
    done = run(tmp_path / name)
    assert done.exit_code == 1
    assert "cannot be read" in done.output
    assert "Traceback" not in done.output


def test_help_has_examples() -> None:
    assert "formulary lint prompts/" in run("--help").output
