"""Processes killed with -9 in the middle of moves: what was answered is there, nothing is half, and the notary is not ahead."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from sqlalchemy import select

from tests.conftest import Staff
from tests.store.test_moves_at_once import of_type, require_whole_log, some_change, staffed
from webapp.acts.sealing import seal
from webapp.adapters.notary.book import Book
from webapp.adapters.notary.client import Notary
from webapp.adapters.notary.desk import answer
from webapp.adapters.outside import Outside
from webapp.adapters.store.ledger import head
from webapp.adapters.store.schema import Change, LogState, Outbox, Payload

__all__ = ["staffed"]
ROUNDS, ANSWERS = 4, 12


def test_kill_9_in_the_middle_of_moves_loses_and_doubles_nothing(
    house: Outside, staffed: Staff, tmp_path: Path
) -> None:
    change = some_change(house, staffed, "review", 1)
    folder, answered = tmp_path / "process", 0
    for _ in range(ROUNDS):
        answered += moves_until_killed(house, staffed.ids["kim"], change, folder)
        leaves = require_whole_log(house)
        moved = of_type(leaves, "change.reword")[change]
        assert moved >= answered, "what was answered is in the log"
        require_one_of_each(house, leaves, change, moved)
        book = Book(folder / "notary", house.settings.log_origin, lambda size: b"\x01" * size)
        with house.database.reading() as session:
            assert book.held().size <= head(session)[0], "the notary is never ahead"
        assert seal(replace(house, notary=Notary(lambda asked, book=book: answer(book, asked)))) == len(leaves)
        book.close()


def moves_until_killed(house: Outside, person: str, change: str, folder: Path) -> int:
    """A process moves the change until it answered some times, and is killed there; returns how many answers came."""
    folder.mkdir(exist_ok=True)
    program = [sys.executable, "-m", "tests.store.moving_process", str(folder), house.database.url, person, change]
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(sys.path)}
    process = subprocess.Popen(program, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stderr is not None
    first = [process.stdout.readline() for _ in range(ANSWERS)]
    process.kill()
    rest, fault = process.communicate()
    assert all(first), fault
    with house.database.writing() as session:
        session.execute(select(LogState).with_for_update())  # a commit that was sent before the end has come through
    return len(first) + rest.count("\n")


def require_one_of_each(house: Outside, leaves: list[dict], change: str, moved: int) -> None:
    """Each move has one entry, one message and one payload, and the change says what one of them said."""
    digests = {leaf["payload"]["sha256"] for leaf in leaves if leaf["type"] == "change.reword"}
    with house.database.reading() as session:
        messages = [row.body["words"] for row in session.scalars(select(Outbox).where(Outbox.topic == "moved"))]
        contents = session.scalars(select(Payload.content).where(Payload.sha256.in_(digests)))
        typed = [json.loads(content)["changes"] for content in contents]
        assert session.get_one(Change, change).reworded_changes in messages
    assert len(set(messages)) == len(messages) == moved
    assert sorted(messages) == sorted(typed)
