"""``formulary keys list``: the key card from a running notary, a sentence without one."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from click.testing import CliRunner

from webapp.adapters.notary.book import Book
from webapp.adapters.notary.desk import open_desk
from webapp.cli import group
from webapp.errors import Unavailable
from webapp.settings import read_settings


def test_the_key_card_and_the_service_key_are_listed(tmp_path: Path) -> None:
    environ = {"FORMULARY_VAR_DIR": str(tmp_path)}
    book = Book(tmp_path / "notary", read_settings(environ).log_origin, lambda size: b"\x01" * size)
    with open_desk(book, tmp_path) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        result = CliRunner().invoke(group, ["keys", "list"], env=environ, catch_exceptions=False)
        server.shutdown()
        thread.join()
    assert result.exit_code == 0
    assert book.key.to_vkey() in result.output
    assert "The notary has signed 0 entries." in result.output
    assert "Service key" in result.output
    book.close()


def test_without_a_notary_a_sentence_says_what_to_start(tmp_path: Path) -> None:
    result = CliRunner().invoke(group, ["keys", "list"], env={"FORMULARY_VAR_DIR": str(tmp_path)})
    with pytest.raises(Unavailable, match="formulary notary"):
        raise result.exception  # type: ignore[misc]
