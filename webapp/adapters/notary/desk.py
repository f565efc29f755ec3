"""The notary's socket: one line of JSON in, one line out. What is asked is at most the last record or a signature over growth.

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
from webapp.errors import FormularyError, InvalidInput

LARGEST_QUESTION_BYTES = 64 * 1024
SILENCE_SECONDS = 5
PLACE = "notary.socket"


def answer(book: Book, question: dict[str, Any]) -> dict[str, Any]:
    """The notary's answer to one question: what it signed last, or a signature; a refusal carries code and sentence."""
    try:
        note = None if question.get("ask") == "held" else book.sign(_read(question), _proof(question))
    except FormularyError as error:
        return {"refused": {"code": error.code, "sentence": error.sentence}}
    held = book.held()
    told = {"origin": held.origin, "size": held.size, "root": held.root.hex(), "key": book.key.to_vkey()}
    return told if note is None else {**told, "note": note.decode()}


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


def _proof(question: dict[str, Any]) -> list[bytes]:
    try:
        proof = [bytes.fromhex(item) for item in question.get("proof", [])]
    except (TypeError, ValueError) as error:
        raise InvalidInput("The proof of consistency cannot be read.") from error
    if any(len(item) != 32 for item in proof):
        raise InvalidInput("A hash of the proof of consistency has not 32 bytes.")
    return proof
