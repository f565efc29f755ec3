"""``formulary kill``: it works on a host whose database does not answer, asks for a reason, and says what it did."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from webapp.adapters.stop_flags import StopFlags
from webapp.cli import group, main
from webapp.domain.serving import Shelf
from webapp.services.delivery import Shelves, stops_file
from webapp.services.delivery.shelves import Stock


@pytest.fixture
def var_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A host with no database at all."""
    monkeypatch.setenv("FORMULARY_VAR_DIR", str(tmp_path))
    monkeypatch.setenv("FORMULARY_SECRET_KEY", "k" * 40)
    monkeypatch.setenv("FORMULARY_DATABASE_URL", "sqlite:////proc/nowhere.db")
    return tmp_path


def kill(*arguments: str) -> Result:
    return CliRunner().invoke(group, ["kill", *arguments], catch_exceptions=False)


def test_a_prompt_is_stopped_listed_and_served_again(var_dir: Path) -> None:
    assert "Nothing is stopped" in kill("--list").output
    done = kill("clinical-summarization", "--reason", "Doses are wrong")
    assert done.exit_code == 0
    assert "Stopped: clinical-summarization." in done.output
    flags = StopFlags(stops_file(var_dir))
    assert flags.reason_for("clinical-summarization") == "Doses are wrong"
    assert flags.reason_for("another") is None
    assert "clinical-summarization  stopped since" in kill("--list").output
    assert kill("clinical-summarization", "--lift", "--reason", "Explained").exit_code == 0
    assert StopFlags(stops_file(var_dir)).reason_for("clinical-summarization") is None


def test_only_the_new_version_is_held_back(var_dir: Path) -> None:
    done = kill("clinical-summarization", "--hold", "--reason", "Odd notes")
    assert "Held: clinical-summarization. Applications get the live version" in done.output
    assert "clinical-summarization  held since" in kill("--list").output
    flags = StopFlags(stops_file(var_dir))
    assert (flags.reason_for("clinical-summarization"), flags.is_held("clinical-summarization")) == (None, True)


def test_a_list_that_cannot_be_read_is_said(var_dir: Path) -> None:
    kill("--all", "--reason", "Provider compromised")
    stops_file(var_dir).write_bytes(b"[")
    assert "everything is stopped until it can" in kill("--list").output


def test_everything_is_stopped(var_dir: Path) -> None:
    assert kill("--all", "--reason", "Provider compromised").exit_code == 0
    assert StopFlags(stops_file(var_dir)).reason_for("anything") == "Provider compromised"


def test_a_name_that_this_host_does_not_serve_is_told(var_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever mistypes a name believes that the prompt is stopped."""

    def load(shelves: Shelves) -> bool:
        shelves.stock = Stock({"clinical-summarization": Shelf("clinical-summarization")})
        return True

    monkeypatch.setattr(Shelves, "load", load)
    right = kill("clinical-summarization", "--reason", "Doses are wrong")
    assert "serves no prompt" not in right.output
    wrong = kill("clinical-sumarization", "--reason", "Doses are wrong")
    assert "This host serves no prompt called clinical-sumarization" in wrong.output
    assert "Is it one of these? clinical-summarization" in wrong.output


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["a-prompt"], "Write why"),
        (["--reason", "Because"], "Name one prompt"),
        (["a-prompt", "--all", "--reason", "Because"], "Name one prompt"),
        (["a-prompt", "--lift", "--reason", "Because"], "is not stopped on this host"),
    ],
)
def test_a_mistake_is_one_sentence_and_stops_nothing(
    var_dir: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], sentence: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["kill", *arguments])
    assert ended.value.code == 2
    assert sentence in capsys.readouterr().err
    assert not stops_file(var_dir).exists()
