"""Asking the notary: what it signed last, and a signature over what the log is now. Its answers are checked, not believed."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from webapp.adapters.keys import is_signed_by
from webapp.adapters.notary.desk import PLACE
from webapp.domain.record.checkpoints import Checkpoint, read_checkpoint
from webapp.domain.record.notes import NoteKey, read_note
from webapp.errors import Conflict, FormularyError, Unavailable

PATIENCE_SECONDS = 3
NO_ANSWER = "The notary does not answer; what is entered now is recorded, not sealed. Start `formulary notary`."

Ask = Callable[[dict[str, Any]], dict[str, Any]]


@dataclass(frozen=True)
class Held:
    """What the notary signed last, and the key it signs with."""

    checkpoint: Checkpoint
    key: NoteKey


@dataclass
class Notary:
    """The notary as this program reaches it. ``turn`` lets one thread at a time ask for a signature, so that one covers many."""

    ask: Ask
    turn: threading.Lock = field(default_factory=threading.Lock)

    def held(self) -> Held:
        """What it signed last; Unavailable when it does not answer."""
        told = self._answer({"ask": "held"})
        try:
            checkpoint = Checkpoint(told["origin"], told["size"], bytes.fromhex(told["root"]))
            return Held(checkpoint, NoteKey.from_vkey(told["key"]))
        except (KeyError, TypeError, ValueError, FormularyError) as error:
            raise Unavailable(NO_ANSWER) from error

    def sign(self, asked: Checkpoint, proof: Sequence[bytes], key: NoteKey) -> bytes:
        """The signed note over ``asked``, checked under ``key``; Conflict when the notary refuses, Unavailable when it is silent."""
        question = {
            "ask": "sign",
            "origin": asked.origin,
            "size": asked.size,
            "root": asked.root.hex(),
            "proof": [item.hex() for item in proof],
        }
        content = str(self._answer(question).get("note", "")).encode()
        try:
            note = read_note(content)
            is_good = read_checkpoint(note.text) == asked and note.is_signed_by(key, is_signed_by)
        except FormularyError:
            is_good = False
        if not is_good:
            raise Unavailable("The notary's answer is not a signature over what was asked; nothing was sealed.")
        return content

    def _answer(self, question: dict[str, Any]) -> dict[str, Any]:
        told = self.ask(question)
        refused = told.get("refused")
        if refused is not None:
            raise Conflict(str(refused.get("sentence")), code=str(refused.get("code")))
        return told


def over_socket(state_folder: Path) -> Ask:
    """Questions go to the socket that the state folder names."""

    def ask(question: dict[str, Any]) -> dict[str, Any]:
        """One question, one answer; Unavailable when nobody answers in time."""
        try:
            path = (state_folder / PLACE).read_text(encoding="utf-8")
            with socket.socket(socket.AF_UNIX) as line:
                line.settimeout(PATIENCE_SECONDS)
                line.connect(path)
                line.sendall(json.dumps(question).encode() + b"\n")
                with line.makefile("rb") as answers:
                    told = json.loads(answers.readline())
        except (OSError, ValueError) as error:
            raise Unavailable(NO_ANSWER) from error
        if not isinstance(told, dict):
            raise Unavailable(NO_ANSWER)
        return told

    return ask
