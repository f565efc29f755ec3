"""``formulary people`` and ``formulary db``: at the console, on a real state folder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.people import add_app
from webapp.adapters.store.schema import Leaf, Person
from webapp.assembly import build
from webapp.cli import main
from webapp.services import people
from webapp.settings import read_settings

ADD = ["people", "add", "Ruth Adler", "--role", "administrator", "--email", "ruth@example.org"]


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FORMULARY_VAR_DIR", str(tmp_path))
    return tmp_path


def run(*arguments: str) -> int:
    """The exit code of the command."""
    with pytest.raises(SystemExit) as end:
        main(list(arguments))
    return int(end.value.code or 0)


def test_the_first_administrator_is_invited_and_joins(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("db", "upgrade") == 0
    assert run("db", "upgrade") == 0
    capsys.readouterr()
    assert run(*ADD) == 0
    printed = capsys.readouterr()
    link = printed.out.strip()
    assert link.startswith("http://localhost:8000/join/")
    assert "The link works once, until" in printed.err
    outside = build(read_settings())
    assert people.join(outside, link.rpartition("/")[2], "seven calm otters at noon") == "ruth@example.org"
    with outside.database.reading() as session:
        entry = session.scalars(select(Leaf.content).where(Leaf.type == "person.invited")).one()
    assert json.loads(entry)["actor"]["via"] == "console"
    outside.database.close()
    assert run("people", "list") == 0
    fields = capsys.readouterr().out.strip().split("\t")
    assert fields[1:] == ["Ruth Adler", "ruth@example.org", "administrator", "active"]


def test_nobody_is_listed_where_nobody_is(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run("db", "upgrade")
    capsys.readouterr()
    assert run("people", "list") == 0
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([*ADD, "--role", "physician"], "Administrators hold no deciding role"),
        ([*ADD[:-1], "ruth"], "Write a whole mail address"),
        ([*ADD[:3], "--role", "king", "--email", "ruth@example.org"], "king"),
        ([*ADD[:3], "--email", "ruth@example.org"], "--role"),
    ],
)
def test_a_mistake_is_one_sentence_and_exit_code_two(
    state: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], sentence: str
) -> None:
    run("db", "upgrade")
    capsys.readouterr()
    assert run(*arguments) == 2
    printed = capsys.readouterr()
    assert sentence in printed.err
    assert "Traceback" not in printed.err
    assert printed.out == ""


@pytest.mark.parametrize("arguments", [ADD, ["people", "list"], ["serve"]])
def test_a_database_that_was_not_prepared_is_said_with_the_next_step(
    state: Path, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    assert run(*arguments) == 2
    assert "run `formulary db upgrade` first" in capsys.readouterr().err


def test_a_misspelt_setting_is_refused(
    state: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORMULARY_PROT", "8080")
    assert run("people", "list") == 2
    assert "FORMULARY_PROT is not a setting" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments", [[], ["people"], ["people", "add"], ["people", "list"], ["serve"], ["db", "upgrade"]]
)
def test_every_help_shows_an_example(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    assert run(*arguments, "--help") == 0
    printed = capsys.readouterr().out
    assert "formulary" in printed
    assert "Example" in printed


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--version") == 0
    assert capsys.readouterr().out.startswith("formulary, version")


def test_the_console_takes_second_factors_away_from_the_only_administrator(
    state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run("db", "upgrade")
    capsys.readouterr()
    run(*ADD)
    outside = build(read_settings())
    people.join(outside, capsys.readouterr().out.strip().rpartition("/")[2], "seven calm otters at noon")
    assert run("people", "reset-factors", "ruth@example.org", "--yes") != 0
    assert "has no second factor; there is nothing to take away" in capsys.readouterr().err
    with outside.database.reading() as session:
        add_app(outside, session.scalars(select(Person.id)).one())
    assert run("people", "reset-factors", "Ruth@Example.org", "--yes") == 0
    printed = capsys.readouterr()
    assert "it is confirmed by: nobody here yet" in printed.out
    assert "formulary people add" in printed.err
    with outside.database.reading() as session:
        entry = json.loads(session.scalars(select(Leaf.content).where(Leaf.type == "factor.reset")).one())
    assert entry["actor"]["via"] == "console"
    outside.database.close()
    assert run("people", "reset-factors", "eve@example.org", "--yes") != 0
    assert "Nobody signs in with this mail address" in capsys.readouterr().err
