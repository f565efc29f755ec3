"""The report of a change, in four forms."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree

import pytest

from tests.cli.server import Shell
from tests.conftest import Staff
from tests.stages import change_in
from webapp.adapters.outside import Outside


@pytest.fixture
def shell(outside: Outside, staff: Staff, monkeypatch: pytest.MonkeyPatch) -> Shell:
    return Shell(outside, staff, monkeypatch)


def test_the_text_opens_with_the_sentence(shell: Shell) -> None:
    change_id = change_in(shell.outside, shell.staff, "review")
    done = shell.run("report", change_id)
    assert done.exit_code == 0, done.output
    lines = done.output.splitlines()
    assert lines[0].endswith(f"({change_id}, revision 1)")
    assert "every measure holds" in lines[2]
    assert "case-001" in done.output
    assert lines[-1] == f"Page: http://localhost:8000/changes/{change_id}"


def test_json_and_junit_can_be_read_by_machines(shell: Shell) -> None:
    change_id = change_in(shell.outside, shell.staff, "review")
    assert json.loads(shell.run("report", change_id, "--format", "json").output)["change"] == change_id
    suite = ElementTree.fromstring(shell.run("report", change_id, "--format", "junit").output)
    assert (suite.get("failures"), suite.get("errors")) == ("0", "0")


def test_markdown_links_to_the_page(shell: Shell) -> None:
    change_id = change_in(shell.outside, shell.staff, "review")
    assert f"[Open {change_id}](http://" in shell.run("report", change_id, "--format", "markdown").output


def test_before_the_evaluation_ends_the_report_says_how_far_it_is(shell: Shell) -> None:
    change_id = change_in(shell.outside, shell.staff, "evaluation")
    assert "0 of 3 calls are done" in shell.run("report", change_id).output


def test_an_unknown_form_is_a_usage_error(shell: Shell) -> None:
    assert shell.run("report", "chg_1", "--format", "pdf").exit_code == 2
