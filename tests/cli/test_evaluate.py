"""``formulary evaluate``: a verdict without a server."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.conftest import EXAMPLES
from tests.services.submissions import prompt_bytes, suite_bytes
from webapp.cli.evaluate import evaluate

BETTER = EXAMPLES / "medication-extraction" / "v1.1.yaml"
FIRST = EXAMPLES / "medication-extraction" / "v1.0.yaml"


@pytest.fixture(autouse=True)
def state_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORMULARY_VAR_DIR", str(tmp_path))


def run(*arguments: object) -> Result:
    return CliRunner().invoke(evaluate, [str(argument) for argument in arguments])


def test_a_better_prompt_holds_against_the_first_one() -> None:
    done = run(BETTER, "--baseline", FIRST)
    assert done.exit_code == 0, done.stderr
    assert "New against live, on these 92 cases: holds" in done.stdout
    assert "not an LLM" in done.stdout
    assert "Worst cases:" in done.stdout


def test_a_worse_prompt_fails_with_one() -> None:
    done = run(FIRST, "--baseline", BETTER, "--format", "json")
    assert done.exit_code == 1, done.stderr
    assert json.loads(done.stdout)["verdict"] == "fail"


def test_the_report_is_also_written_as_junit(tmp_path: Path) -> None:
    prompt, suite = tmp_path / "v1.yaml", tmp_path / "few.jsonl"
    prompt.write_bytes(prompt_bytes())
    suite.write_bytes(suite_bytes(4, expected={"must_include": ["500 mg"], "must_not_include": ["50 g"]}))
    run(prompt, "--suite", suite, "--format", "markdown", "--junit", tmp_path / "report.xml")
    root = ElementTree.parse(tmp_path / "report.xml").getroot()
    assert root.tag == "testsuite"
    assert [case.get("name") for case in root.iter("testcase")]
    done = run(prompt, "--suite", suite, "--junit", tmp_path / "no" / "report.xml")
    assert (done.exit_code, "cannot be written" in done.stderr) == (2, True)


def test_no_sentence_on_a_case_of_patient_data_is_printed(tmp_path: Path) -> None:
    prompt, suite = tmp_path / "v1.yaml", tmp_path / "few.jsonl"
    prompt.write_bytes(prompt_bytes())
    suite.write_bytes(suite_bytes(4, expected={"must_include": ["Marta Quill"], "must_not_include": ["50 g"]}))
    assert "Marta Quill" in run(prompt, "--suite", suite, "--format", "markdown").stdout
    done = run(prompt, "--suite", suite, "--format", "markdown", "--phi", "--junit", tmp_path / "report.xml")
    assert "case-001: Left out" in done.stdout
    assert "Marta Quill" not in done.stdout + (tmp_path / "report.xml").read_text()


def test_too_few_cases_end_with_three(tmp_path: Path) -> None:
    prompt, suite = tmp_path / "v1.yaml", tmp_path / "few.jsonl"
    prompt.write_bytes(prompt_bytes())
    expected = {"must_include": ["500 mg"], "must_not_include": ["50 g"]}
    suite.write_bytes(suite_bytes(4, expected=expected))
    done = run(prompt, "--suite", suite)
    assert done.exit_code == 3, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("nothing.yaml",), "nothing.yaml cannot be read"),
        ((BETTER, "--model", "gpt-5"), "gpt-5 is not in the file's model_compatibility"),
    ],
)
def test_a_mistake_is_one_sentence(arguments: tuple[object, ...], sentence: str) -> None:
    done = run(*arguments)
    assert done.exit_code == 2
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


def test_a_file_without_a_test_set_is_said(tmp_path: Path) -> None:
    alone = tmp_path / "deep" / "alone.yaml"
    alone.parent.mkdir()
    alone.write_bytes(prompt_bytes())
    assert "There is no test set beside the file" in run(alone).stderr
