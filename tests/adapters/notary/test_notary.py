"""The notary signs only growth, records before it answers, and is never ahead of what it was asked, however it ends."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from tests.adapters.notary.test_rotating import Log, signers
from webapp.adapters.keys import is_signed_by
from webapp.adapters.notary import book as book_room
from webapp.adapters.notary.book import Book
from webapp.adapters.notary.client import Notary, over_socket
from webapp.adapters.notary.desk import PLACE, answer, open_desk
from webapp.domain.record.checkpoints import Checkpoint, read_checkpoint
from webapp.domain.record.merkle import EMPTY_ROOT, consistency_proof, leaf_hash, root_of
from webapp.domain.record.notes import read_note
from webapp.errors import Conflict, FormularyError, InvalidInput, Unavailable

ORIGIN = "hospital.example/log"
HASHES = [leaf_hash(bytes([number])) for number in range(40)]
SEED = b"\x07" * 32


def at(size: int, origin: str = ORIGIN) -> Checkpoint:
    return Checkpoint(origin, size, root_of(HASHES[:size]))


def growth(old: int, new: int) -> list[bytes]:
    return consistency_proof(old, HASHES[:new]) if old else []


def open_book(folder: Path, origin: str = ORIGIN) -> Book:
    return Book(folder, origin, lambda size: SEED[:size])


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    made = open_book(tmp_path / "notary")
    yield made
    made.close()


@contextmanager
def at_the_desk(book: Book, folder: Path) -> Iterator[Notary]:
    """A notary that answers on its real socket."""
    with open_desk(book, folder) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield Notary(over_socket(folder))
        server.shutdown()
        thread.join()


def test_it_signs_a_log_that_grows_and_the_same_log_again(book: Book) -> None:
    last = 0
    for size in (1, 2, 3, 7, 8, 40, 40):
        content = book.sign(at(size), growth(last, size))
        note = read_note(content)
        assert read_checkpoint(note.text) == at(size) == book.held()
        assert note.is_signed_by(book.key, is_signed_by)
        last = size


@pytest.mark.parametrize(
    ("asked", "proof", "code"),
    [
        (at(7), [], "log_shorter"),
        (at(0), [], "log_shorter"),
        (Checkpoint(ORIGIN, 8, root_of(HASHES[1:9])), [], "log_forked"),
        (at(9), [], "log_unproven"),
        (at(9), growth(7, 9), "log_unproven"),
        (Checkpoint(ORIGIN, 9, root_of(HASHES[1:10])), consistency_proof(8, HASHES[1:10]), "log_unproven"),
        (at(9, "other.example/log"), growth(8, 9), "other_log"),
        (at(8), growth(8, 9), "log_unproven"),
    ],
)
def test_it_signs_nothing_that_does_not_hold_what_it_signed(
    book: Book, asked: Checkpoint, proof: list[bytes], code: str
) -> None:
    book.sign(at(8), [])
    with pytest.raises(Conflict) as refused:
        book.sign(asked, proof)
    assert refused.value.code == code
    assert book.held() == at(8)


def test_what_it_signed_is_remembered_by_the_next_one(tmp_path: Path) -> None:
    first = open_book(tmp_path / "notary")
    first.sign(at(8), [])
    key = first.key
    first.close()
    second = open_book(tmp_path / "notary")
    assert (second.held(), second.key) == (at(8), key)
    with pytest.raises(Conflict):
        second.sign(at(7), [])
    second.close()


def test_key_and_folder_are_its_own(book: Book, tmp_path: Path) -> None:
    assert stat.S_IMODE((tmp_path / "notary" / "log.key").stat().st_mode) == 0o400
    assert stat.S_IMODE((tmp_path / "notary").stat().st_mode) == 0o700
    with pytest.raises(Conflict, match="already runs"):
        open_book(tmp_path / "notary")


def test_a_folder_without_its_record_or_with_a_damaged_one_is_not_opened(tmp_path: Path) -> None:
    folder = tmp_path / "notary"
    open_book(folder).close()
    for spoil in (b"", b"{}", b'{"origin":"x"}', None):
        if spoil is None:
            (folder / "signed.json").unlink()
        else:
            (folder / "signed.json").write_bytes(spoil)
        with pytest.raises(Unavailable, match="restore"):
            open_book(folder)


def test_a_folder_of_another_log_is_not_opened(tmp_path: Path) -> None:
    open_book(tmp_path / "notary").close()
    with pytest.raises(Conflict, match="FORMULARY_LOG_ORIGIN"):
        open_book(tmp_path / "notary", "other.example/log")


def test_it_records_before_it_answers(book: Book, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk fails: no signature leaves, and the next try is judged by what was recorded."""
    book.sign(at(3), [])

    def full(fd: int) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(book_room.os, "fsync", full)
    with pytest.raises(OSError, match="no space"):
        book.sign(at(8), growth(3, 8))
    monkeypatch.undo()
    assert book.held() == at(3)
    assert json.loads((tmp_path / "notary" / "signed.json").read_bytes())["size"] == 3
    book.sign(at(8), growth(3, 8))


def test_it_is_asked_over_a_socket_whose_path_stands_in_the_state_folder(book: Book, tmp_path: Path) -> None:
    with at_the_desk(book, tmp_path) as notary:
        place = Path((tmp_path / PLACE).read_text())
        assert stat.S_IMODE(place.stat().st_mode) == 0o600
        assert stat.S_IMODE(place.parent.stat().st_mode) == 0o700
        held = notary.held()
        assert (held.checkpoint, held.key) == (Checkpoint(ORIGIN, 0, EMPTY_ROOT), book.key)
        assert read_checkpoint(read_note(notary.sign(at(5), [], held.key)).text) == at(5)
        with pytest.raises(Conflict):
            notary.sign(at(4), [], held.key)
    assert not (tmp_path / PLACE).exists()
    assert not place.parent.exists()
    with pytest.raises(Unavailable, match="recorded, not sealed"):
        notary.held()


@pytest.mark.parametrize("line", [b"", b"\n", b"[]\n", b"{}\n", b"x" * 70_000 + b"\n", b'{"ask":"sign","size":true}\n',
                                  b'{"origin":"hospital.example/log","size":1,"root":"00"}\n', b"\xff\n"])  # fmt: skip
def test_noise_on_the_socket_neither_signs_nor_ends_it(book: Book, tmp_path: Path, line: bytes) -> None:
    with at_the_desk(book, tmp_path) as notary:
        with socket.socket(socket.AF_UNIX) as wire:
            wire.connect((tmp_path / PLACE).read_text())
            with suppress(ConnectionError):  # hung up in the middle of the noise is as good as an answer
                wire.sendall(line)
                wire.shutdown(socket.SHUT_WR)
                assert b"note" not in wire.makefile("rb").read()
        assert notary.held().checkpoint.size == 0


def test_an_answer_that_is_no_signature_over_what_was_asked_is_not_believed(book: Book) -> None:
    key = book.key
    book.sign(at(4), [])

    def lies(question: dict[str, object]) -> dict[str, object]:
        return answer(book, {**question, "size": 4, "root": at(4).root.hex(), "proof": []})

    for ask in (lies, lambda question: {}, lambda question: {"note": "x"}):
        with pytest.raises(FormularyError):
            Notary(ask).sign(at(5), growth(4, 5), key)


def test_an_impossible_question_is_refused(book: Book) -> None:
    for question in (
        {},
        {"origin": ORIGIN, "size": -1, "root": "00" * 32},
        {"origin": 3, "size": 1, "root": "00" * 32},
    ):
        assert answer(book, question)["refused"]["code"] == InvalidInput.code
    odd = {"origin": ORIGIN, "size": 1, "root": "00" * 32, "proof": ["00"]}
    assert answer(book, odd)["refused"]["code"] == InvalidInput.code


def start(tmp_path: Path) -> subprocess.Popen[bytes]:
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(sys.path), "FORMULARY_VAR_DIR": str(tmp_path),
               "FORMULARY_LOG_ORIGIN": ORIGIN, "FORMULARY_NOTARY_DIR": str(tmp_path / "notary")}  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, "-m", "webapp.cli", "notary"], env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    assert b"Keeping the log" in process.stdout.readline()
    assert b"KEY CARD" in process.stdout.readline()
    return process


def wait_for_place(tmp_path: Path) -> Notary:
    notary = Notary(over_socket(tmp_path))
    for _ in range(500):
        try:
            notary.held()
            return notary
        except Unavailable:
            threading.Event().wait(0.01)
    raise AssertionError("the notary did not open its socket")


def test_a_notary_killed_while_it_signs_is_never_ahead_of_what_it_was_asked(tmp_path: Path) -> None:
    """The process is killed with -9 at any moment; the next one holds the last answer or the question that was under way."""
    answered = 0
    for round_ in range(3):
        process = start(tmp_path)
        notary = wait_for_place(tmp_path)
        held = notary.held()
        assert held.checkpoint in (at(answered), at(answered + 1))
        answered = held.checkpoint.size
        killer = threading.Timer(0.02 * (round_ + 1), process.kill)
        killer.start()
        try:
            while answered < len(HASHES) - 1:
                notary.sign(at(answered + 1), growth(answered, answered + 1), held.key)
                answered += 1
        except Unavailable:
            pass
        killer.join()
        assert process.wait(10) in (-signal.SIGKILL, 0)
    book = open_book(tmp_path / "notary")
    assert book.held() in (at(answered), at(answered + 1))
    book.close()


def test_the_process_ends_in_order_and_takes_its_socket_with_it(tmp_path: Path) -> None:
    process = start(tmp_path)
    wait_for_place(tmp_path)
    process.terminate()
    assert process.wait(10) == 0
    assert not (tmp_path / PLACE).exists()


def test_the_card_is_due_once_for_each_key(tmp_path: Path) -> None:
    process = start(tmp_path)
    wait_for_place(tmp_path)
    process.terminate()
    assert process.stdout is not None
    assert "▄▄▄▄▄" in process.stdout.read().decode()
    process.wait(10)
    book = open_book(tmp_path / "notary")
    assert not book.is_card_due()
    book.close()


def test_a_rotation_survives_kill_9_between_any_two_of_its_steps(tmp_path: Path) -> None:
    """The real process is killed after every single answer; the next one goes on with what the last one wrote."""
    log = Log(8)

    def ask(step: Callable[[Notary], Any]) -> Any:
        process = start(tmp_path)
        found = step(wait_for_place(tmp_path))
        process.kill()
        process.wait(10)
        return found

    old = ask(lambda notary: (notary.sign(log.head(), [], notary.held().key), notary.held().key)[1])
    new = ask(lambda notary: notary.begin_rotation().next_key)
    assert ask(lambda notary: notary.begin_rotation().next_key) == new
    seq = log.rotate(old, new)
    note = ask(lambda notary: notary.sign(log.head(), log.growth(8), old, new))
    assert signers(note, old, new) == [True, True]
    assert ask(lambda notary: notary.finish_rotation(log.show(seq)).keys) == (new,)
    assert ask(lambda notary: notary.held().keys) == (new,)
    assert sorted(path.name for path in (tmp_path / "notary").glob("*.key")) == ["log.2.key"]
