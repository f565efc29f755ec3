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
from webapp.domain.record.handover import Shown
from webapp.domain.record.notes import NoteKey, read_note
from webapp.errors import Conflict, FormularyError, Unavailable

PATIENCE_SECONDS = 3
NO_ANSWER = "The notary does not answer; what is entered now is recorded, not sealed. Start `formulary notary`."


@dataclass(frozen=True)
class Continued:
    """An earlier checkpoint, as the notary signed it, and the proof that the log of now continues it."""

    note: bytes
    proof: Sequence[bytes]


Ask = Callable[[dict[str, Any]], dict[str, Any]]


@dataclass(frozen=True)
class Held:
    """What the notary signed last, the key it signs with, and the one that signs beside it while it takes over."""

    checkpoint: Checkpoint
    key: NoteKey
    next_key: NoteKey | None = None

    @property
    def keys(self) -> tuple[NoteKey, ...]:
        """Every key that signs now."""
        return (self.key,) if self.next_key is None else (self.key, self.next_key)


@dataclass
class Notary:
    """The notary as this program reaches it. ``turn`` lets one thread at a time ask for a signature, so that one covers many."""

    ask: Ask
    turn: threading.Lock = field(default_factory=threading.Lock)

    def held(self) -> Held:
        """What it signed last; Unavailable when it does not answer."""
        return _held(self._answer({"ask": "held"}))

    def sign(self, asked: Checkpoint, proof: Sequence[bytes], *keys: NoteKey) -> bytes:
        """The signed note over ``asked``, checked under each of ``keys``; Conflict when the notary refuses, Unavailable when it is silent."""
        return self._note({"ask": "sign", "proof": _texts(proof)}, asked, keys)

    def sign_restored(self, asked: Checkpoint, shown: Shown, known: Continued, *keys: NoteKey) -> bytes:
        """The signed note over a log that lost entries and says so by the entry shown; Conflict when the notary refuses."""
        question = {"ask": "restore", "known": known.note.decode(), "known_proof": _texts(known.proof)}
        return self._note({**question, **_entry(shown)}, asked, keys)

    def begin_rotation(self) -> Held:
        """A new key signs beside the present one from now on; repeating it changes nothing."""
        return _held(self._answer({"ask": "begin_rotation"}))

    def finish_rotation(self, shown: Shown) -> Held:
        """The new key counts alone; Conflict unless the signed log says so by the entry shown."""
        return _held(self._answer({"ask": "finish_rotation", **_entry(shown)}))

    def _note(self, question: dict[str, Any], asked: Checkpoint, keys: Sequence[NoteKey]) -> bytes:
        place = {"origin": asked.origin, "size": asked.size, "root": asked.root.hex()}
        content = str(self._answer({**question, **place}).get("note", "")).encode()
        try:
            note = read_note(content)
            is_signed = bool(keys) and all(note.is_signed_by(key, is_signed_by) for key in keys)
            is_good = is_signed and read_checkpoint(note.text) == asked
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


def _held(told: dict[str, Any]) -> Held:
    try:
        checkpoint = Checkpoint(told["origin"], told["size"], bytes.fromhex(told["root"]))
        new = told.get("next_key")
        return Held(checkpoint, NoteKey.from_vkey(told["key"]), None if new is None else NoteKey.from_vkey(new))
    except (KeyError, TypeError, ValueError, FormularyError) as error:
        raise Unavailable(NO_ANSWER) from error


def _texts(hashes: Sequence[bytes]) -> list[str]:
    return [item.hex() for item in hashes]


def _entry(shown: Shown) -> dict[str, Any]:
    return {"entry": shown.content.decode(), "seq": shown.seq, "entry_proof": _texts(shown.proof)}


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
