"""The notary's socket: one line of JSON in, one line out: the last record, a signature over growth or over a restored log, a rotation.

The socket stands in a short temporary folder, because the path of a Unix socket has about a hundred characters; the path is written
to ``notary.socket`` in the state folder.
"""

from __future__ import annotations

import json
import os
import shutil
import socketserver
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from webapp.adapters.notary.book import Book
from webapp.domain.record.checkpoints import Checkpoint
from webapp.domain.record.handover import Shown
from webapp.errors import FormularyError, InvalidInput

LARGEST_QUESTION_BYTES = 64 * 1024
SILENCE_SECONDS = 5
PLACE = "notary.socket"


def answer(book: Book, question: dict[str, Any]) -> dict[str, Any]:
    """The notary's answer to one question: what it signed last, with a signature where one was asked; or a refusal in code and sentence."""
    try:
        note = _do(book, question)
    except FormularyError as error:
        return {"refused": {"code": error.code, "sentence": error.sentence}}
    held, new = book.held(), book.next_key
    told = {"origin": held.origin, "size": held.size, "root": held.root.hex(), "key": book.key.to_vkey()}
    told["next_key"] = None if new is None else new.to_vkey()
    return told if note is None else {**told, "note": note.decode()}


def _do(book: Book, question: dict[str, Any]) -> bytes | None:
    """What was asked is done; returns a note where one was asked for."""
    asked = question.get("ask")
    if asked == "held":
        return None
    if asked == "begin_rotation":
        book.begin_rotation()
        return None
    if asked == "finish_rotation":
        book.finish_rotation(_shown(question))
        return None
    if asked == "restore":
        known = str(question.get("known", "")).encode()
        return book.sign_restored(_read(question), _shown(question), known, _hashes(question, "known_proof"))
    return book.sign(_read(question), _hashes(question, "proof"))


@contextmanager
def open_desk(book: Book, state_folder: Path) -> Iterator[socketserver.BaseServer]:
    """A server that answers on a fresh socket, whose path stands in the state folder for as long as the block runs."""
    folder = Path(tempfile.mkdtemp(prefix="notary"))
    path, place = folder / "s", state_folder / PLACE
    try:
        with _Server(str(path), _Question) as server:
            server.book = book
            path.chmod(0o600)
            fresh = place.with_suffix(f".{os.getpid()}")
            fresh.write_text(str(path), encoding="utf-8")
            fresh.replace(place)
            yield server
    finally:
        if place.exists() and place.read_text(encoding="utf-8") == str(path):
            place.unlink()
        shutil.rmtree(folder, ignore_errors=True)


def serve(book: Book, state_folder: Path, is_over: threading.Event) -> None:
    """Questions are answered until ``is_over`` is set."""
    with open_desk(book, state_folder) as server:
        thread = threading.Thread(target=server.serve_forever, name="desk", daemon=True)
        thread.start()
        is_over.wait()
        server.shutdown()
        thread.join()


class _Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True
    book: Book


class _Question(socketserver.StreamRequestHandler):
    timeout = SILENCE_SECONDS

    def handle(self) -> None:
        """One question is answered; what is no question gets a refusal, and silence is hung up on."""
        try:
            line = self.rfile.readline(LARGEST_QUESTION_BYTES)
            question = json.loads(line)
        except (ValueError, OSError):
            return
        assert isinstance(self.server, _Server)
        told = answer(self.server.book, question if isinstance(question, dict) else {})
        self.wfile.write(json.dumps(told).encode() + b"\n")


def _read(question: dict[str, Any]) -> Checkpoint:
    try:
        origin, size, root = question["origin"], question["size"], bytes.fromhex(question["root"])
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidInput("The notary was asked without origin, size and root.") from error
    if not isinstance(origin, str) or type(size) is not int or size < 0 or len(root) != 32:
        raise InvalidInput("The notary was asked with an impossible origin, size or root.")
    return Checkpoint(origin, size, root)


def _hashes(question: dict[str, Any], name: str) -> list[bytes]:
    try:
        proof = [bytes.fromhex(item) for item in question.get(name, [])]
    except (TypeError, ValueError) as error:
        raise InvalidInput("A proof cannot be read.") from error
    if any(len(item) != 32 for item in proof):
        raise InvalidInput("A hash of a proof has not 32 bytes.")
    return proof


def _shown(question: dict[str, Any]) -> Shown:
    try:
        content, seq = question["entry"].encode(), question["seq"]
    except (KeyError, AttributeError) as error:
        raise InvalidInput("The notary was asked without the entry that allows it.") from error
    if type(seq) is not int or seq < 0:
        raise InvalidInput("The notary was asked with an impossible place of an entry.")
    return Shown(content, seq, tuple(_hashes(question, "entry_proof")))
