from __future__ import annotations

import pytest
from click.testing import CliRunner

from webapp.cli import COMMANDS, group, main


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_explains_itself_with_an_example(name: str) -> None:
    done = CliRunner().invoke(group, [name, "--help"])
    assert done.exit_code == 0
    helps = done.output
    if name in ("db", "people", "suite"):
        subs = ("upgrade", "add", "list", "import", "pull")
        helps += "".join(CliRunner().invoke(group, [name, sub, "--help"]).output for sub in subs)
    assert "Example" in helps


def test_an_unknown_command_is_a_sentence_and_exit_code_2() -> None:
    done = CliRunner().invoke(group, ["sumbit"])
    assert done.exit_code == 2
    assert "No such command" in done.output


def test_a_fault_of_the_settings_is_a_sentence_on_stderr(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FORMULARY_POTR", "80")
    with pytest.raises(SystemExit) as ended:
        main(["db", "upgrade"])
    assert ended.value.code == 2
    assert "FORMULARY_POTR is not a setting" in capsys.readouterr().err
