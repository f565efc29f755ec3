"""The notary's folder: the log key (mode 0400) and what was signed last, written durably before any signature leaves.

What must not live here: sockets, and the database of the log.
"""

from __future__ import annotations

import fcntl
import json
import os
import threading
from collections.abc import Sequence
from pathlib import Path

from webapp.adapters.chance import Chance
from webapp.adapters.keys import ServiceKey, read_or_make_key
from webapp.domain.record.canonical import canonical
from webapp.domain.record.checkpoints import Checkpoint
from webapp.domain.record.growth import require_growth
from webapp.domain.record.merkle import EMPTY_ROOT
from webapp.domain.record.notes import NoteKey, sign_note
from webapp.errors import Conflict, FormularyError, Unavailable

RECORD, KEY = "signed.json", "log.key"


class Book:
    """The record and the key of one log. Only one notary at a time has a folder open."""

    def __init__(self, folder: Path, origin: str, chance: Chance) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._folder = folder
        self._turn = threading.Lock()
        self._lock = _hold_alone(folder)
        try:
            self._begin(origin)
            self._signer = ServiceKey.from_seed(read_or_make_key(folder / KEY, chance))
            self._held = self._read(origin)
            self.key = NoteKey(origin, self._signer.public)
        except FormularyError:
            self.close()
            raise

    def held(self) -> Checkpoint:
        """What was signed last; size 0 before the first signature."""
        return self._held

    def sign(self, asked: Checkpoint, proof: Sequence[bytes]) -> bytes:
        """The signed note over ``asked``; Conflict when it does not continue what was signed. Recorded before it is returned."""
        with self._turn:
            require_growth(self._held, asked, proof)
            if asked != self._held:
                self._write(asked)
                self._held = asked
            return sign_note(asked.to_text(), [(self.key, self._signer.sign)]).to_bytes()

    def close(self) -> None:
        """Another notary may open the folder."""
        os.close(self._lock)

    def _begin(self, origin: str) -> None:
        """A new folder has a record before it has a key, so that a key without a record is known to have lost it."""
        if (self._folder / RECORD).exists():
            return
        if (self._folder / KEY).exists():
            raise Unavailable(
                "The notary's folder has a key but no record of what it signed; restore the folder from its backup."
            )
        self._write(Checkpoint(origin, 0, EMPTY_ROOT))

    def _read(self, origin: str) -> Checkpoint:
        try:
            document = json.loads((self._folder / RECORD).read_bytes())
            held = Checkpoint(document["origin"], int(document["size"]), bytes.fromhex(document["root"]))
        except (ValueError, KeyError, TypeError) as error:
            raise Unavailable(
                "The notary's record of what it signed is damaged; restore its folder from the backup."
            ) from error
        if held.origin != origin:
            raise Conflict("The notary's folder belongs to another log; check FORMULARY_LOG_ORIGIN.", code="other_log")
        return held

    def _write(self, held: Checkpoint) -> None:
        """The record is on the disk under its name, whole, before this returns."""
        fresh = self._folder / f"{RECORD}.new"
        with fresh.open("wb") as file:
            file.write(canonical({"origin": held.origin, "size": held.size, "root": held.root.hex()}))
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._folder / RECORD)
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _hold_alone(folder: Path) -> int:
    held = os.open(folder / "running", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(held)
        raise Conflict("A notary already runs on this folder; end it first.", code="notary_running") from None
    return held
