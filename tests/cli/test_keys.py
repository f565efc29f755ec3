"""``formulary keys``: the key card from a running notary, the checkpoint slip, a sentence without a notary."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.people import PASSWORD, join
from webapp.adapters.notary.book import Book
from webapp.adapters.notary.desk import open_desk
from webapp.assembly import build, prepare
from webapp.cli import group, main
from webapp.domain.record.checkpoints import read_checkpoint
from webapp.domain.record.key_card import words
from webapp.domain.record.notes import read_note
from webapp.errors import Unavailable
from webapp.settings import read_settings


@contextmanager
def at_the_desk(state: Path) -> Iterator[Book]:
    """A notary on its socket."""
    book = Book(state / "notary", read_settings(environ(state)).log_origin, lambda size: b"\x01" * size)
    with open_desk(book, state) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield book
        server.shutdown()
        thread.join()
    book.close()


def environ(state: Path) -> dict[str, str]:
    return {"FORMULARY_VAR_DIR": str(state)}


def begin(state: Path) -> None:
    """A new database with an open log."""
    house = build(read_settings(environ(state)))
    prepare(house)
    house.database.close()


def call(state: Path, *arguments: str) -> Result:
    return CliRunner().invoke(group, list(arguments), env=environ(state))


def test_the_key_card_and_the_service_key_are_listed(tmp_path: Path) -> None:
    begin(tmp_path)
    with at_the_desk(tmp_path) as book:
        result = call(tmp_path, "keys", "list")
    assert result.exit_code == 0
    assert book.key.to_vkey() in result.output
    assert "The notary has signed 0 entries." in result.output
    assert "Service key" in result.output


def test_the_card_for_paper_has_words_a_picture_and_room_to_sign(tmp_path: Path) -> None:
    with at_the_desk(tmp_path) as book:
        result = call(tmp_path, "keys", "card")
    assert result.exit_code == 0
    assert words(book.key).split()[0] in result.output
    assert "▄▄▄▄▄" in result.output
    assert "received on" in result.output


def test_the_slip_is_one_line_and_its_file_the_signed_note(tmp_path: Path) -> None:
    begin(tmp_path)
    with at_the_desk(tmp_path):
        result = call(tmp_path, "keys", "slip", "-o", str(tmp_path / "slip.txt"))
    assert result.exit_code == 0
    assert len(result.output.splitlines()) == 1
    stated = read_checkpoint(read_note((tmp_path / "slip.txt").read_bytes()).text)
    assert result.output.split()[:2] == [stated.origin, str(stated.size)]


def test_without_a_notary_a_sentence_says_what_to_start(tmp_path: Path) -> None:
    begin(tmp_path)
    with pytest.raises(Unavailable, match="formulary notary"):
        raise call(tmp_path, "keys", "list").exception  # type: ignore[misc]


@pytest.mark.parametrize(
    "command",
    [
        ("keys", "slip"),
        ("people", "add", "Kim Doe", "--role", "author", "--email", "kim@hospital.example"),
        ("people", "reset-factors", "kim@hospital.example", "--yes"),
        ("export", "--all", "-o", "record.zip"),
        ("scheduler",),
    ],
)
def test_at_the_console_nothing_is_written_on_a_rewound_log(
    tmp_path: Path, command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The database is gone and made anew, and the notary remembers more: one sentence and exit code 2."""
    begin(tmp_path)
    with at_the_desk(tmp_path):
        assert call(tmp_path, "keys", "slip").exit_code == 0
    for path in tmp_path.glob("formulary.sqlite*"):
        path.unlink()
    begin(tmp_path)
    monkeypatch.setenv("FORMULARY_VAR_DIR", str(tmp_path))
    with at_the_desk(tmp_path), pytest.raises(SystemExit) as ended:
        main(list(command))
    assert ended.value.code == 2
    assert "Nothing is written until this is settled" in capsys.readouterr().err


def test_a_rotation_asks_an_administrator_at_the_terminal(tmp_path: Path) -> None:
    begin(tmp_path)
    house = build(read_settings(environ(tmp_path)))
    join(house, "ruth", ("administrator",))
    first = house.keyring.service.keyid
    house.database.close()
    with at_the_desk(tmp_path):
        typed = f"ruth@example.org\n{PASSWORD}\n\n"
        result = CliRunner().invoke(group, ["keys", "rotate", "service"], env=environ(tmp_path), input=typed)
        assert result.exit_code == 0, result.output
        assert PASSWORD not in result.output
        listed = call(tmp_path, "keys", "list").output
    assert listed.count("Service key") == 2
    assert "to before entry" in listed
    assert first in listed
