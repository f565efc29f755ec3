"""The notary's folder: the log key (mode 0400) and what was signed last, written durably before any signature leaves.

While a new key takes over, both keys lie here and both sign. The record names the key that counts, so that a kill between any two
steps leaves either the old state or the new one. What must not live here: sockets, and the database of the log.
"""

from __future__ import annotations

import fcntl
import json
import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from webapp.adapters.chance import Chance
from webapp.adapters.keys import ServiceKey, is_signed_by, read_or_make_key
from webapp.domain.record.canonical import canonical
from webapp.domain.record.checkpoints import Checkpoint, read_checkpoint
from webapp.domain.record.growth import require_growth
from webapp.domain.record.handover import Known, Shown, require_handover, require_restored
from webapp.domain.record.merkle import EMPTY_ROOT
from webapp.domain.record.notes import NoteKey, read_note, sign_note
from webapp.errors import Conflict, FormularyError, InvalidInput, Unavailable

RECORD, KEY, CARD = "signed.json", "log.key", "card.printed"
NO_ROTATION = "no_rotation"


@dataclass(frozen=True)
class Record:
    """What the notary remembers. ``number`` counts its keys; ``both_since`` is the size from which the next one signs too, or None.

    ``retired`` are keys that signed earlier; ``restores`` the losses that were accepted: size and root before, size after.
    """

    held: Checkpoint
    number: int = 1
    both_since: int | None = None
    retired: tuple[str, ...] = ()
    restores: tuple[tuple[int, str, int], ...] = ()

    def to_bytes(self) -> bytes:
        """The record as it lies in the folder."""
        document: dict[str, Any] = {"origin": self.held.origin, "size": self.held.size, "root": self.held.root.hex()}
        document |= {"key": self.number, "both_since": self.both_since, "retired": list(self.retired)}
        restores = [{"size": size, "root": root, "signed": signed} for size, root, signed in self.restores]
        return canonical({**document, "restores": restores})


class Book:
    """The record and the keys of one log. Only one notary at a time has a folder open."""

    def __init__(self, folder: Path, origin: str, chance: Chance) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._folder, self._chance = folder, chance
        self._turn = threading.Lock()
        self._lock = _hold_alone(folder)
        try:
            self._begin(origin)
            self._record = self._read(origin)
            self._signer = self._key(self._record.number)
            self._next = None if self._record.both_since is None else self._key(self._record.number + 1)
            self._forget_retired()
        except FormularyError:
            self.close()
            raise

    @property
    def key(self) -> NoteKey:
        """The key that counts now."""
        return NoteKey(self._record.held.origin, self._signer.public)

    @property
    def next_key(self) -> NoteKey | None:
        """The key that signs beside it until it takes over; None when no rotation is under way."""
        return None if self._next is None else NoteKey(self._record.held.origin, self._next.public)

    def held(self) -> Checkpoint:
        """What was signed last; size 0 before the first signature."""
        return self._record.held

    def sign(self, asked: Checkpoint, proof: Sequence[bytes]) -> bytes:
        """The signed note over ``asked``; Conflict when it does not continue what was signed. Recorded before it is returned."""
        with self._turn:
            require_growth(self._record.held, asked, proof)
            if asked != self._record.held:
                self._keep(replace(self._record, held=asked))
            return self._signed(asked)

    def sign_restored(self, asked: Checkpoint, shown: Shown, known_note: bytes, known_proof: Sequence[bytes]) -> bytes:
        """The signed note over a log that lost entries and says so; the loss is recorded. Conflict when the log does not say so."""
        with self._turn:
            record, known = self._record, self._known(known_note)
            require_restored(shown, record.held, asked, Known(known, tuple(known_proof)))
            loss = (record.held.size, record.held.root.hex(), asked.size)
            self._keep(replace(record, held=asked, restores=(*record.restores, loss)))
            return self._signed(asked)

    def begin_rotation(self) -> NoteKey:
        """A new key signs beside the present one from now on; the same key again when a rotation is under way."""
        with self._turn:
            if self._next is None:
                fresh = self._key(self._record.number + 1)
                self._keep(replace(self._record, both_since=self._record.held.size))
                self._next = fresh
            return NoteKey(self._record.held.origin, self._next.public)

    def finish_rotation(self, shown: Shown) -> None:
        """The new key counts alone, and the old one is destroyed; Conflict unless the signed log says that it takes over."""
        with self._turn:
            record, new = self._record, self.next_key
            if new is None or record.both_since is None or self._next is None:
                raise Conflict("No rotation of the log key is under way.", code=NO_ROTATION)
            require_handover(shown, record.held, self.key, new, record.both_since)
            retired = (*record.retired, self.key.to_vkey())
            self._keep(replace(record, number=record.number + 1, both_since=None, retired=retired))
            self._signer, self._next = self._next, None
            self._forget_retired()

    def is_card_due(self) -> bool:
        """Was the card of the present key never printed by this folder's notary? It counts as printed from now on."""
        place, line = self._folder / CARD, self.key.to_vkey()
        if place.exists() and place.read_text(encoding="utf-8") == line:
            return False
        place.write_text(line, encoding="utf-8")
        return True

    def close(self) -> None:
        """Another notary may open the folder."""
        os.close(self._lock)

    def _signed(self, asked: Checkpoint) -> bytes:
        signers = [(self.key, self._signer.sign)]
        if self._next is not None:
            signers.append((NoteKey(asked.origin, self._next.public), self._next.sign))
        return sign_note(asked.to_text(), signers).to_bytes()

    def _known(self, content: bytes) -> Checkpoint:
        """The checkpoint of a note that a key of this notary signed, now or earlier; Conflict for any other."""
        try:
            note = read_note(content)
            found = read_checkpoint(note.text)
        except InvalidInput as error:
            raise Conflict("The restored log holds no checkpoint of this notary.", code=error.code) from error
        keys = [self.key, *(NoteKey.from_vkey(text) for text in self._record.retired)]
        if not any(note.is_signed_by(key, is_signed_by) for key in keys):
            raise Conflict("The restored log holds no checkpoint that this notary signed.", code="log_unproven")
        return found

    def _key(self, number: int) -> ServiceKey:
        return ServiceKey.from_seed(read_or_make_key(self._folder / key_file(number), self._chance))

    def _forget_retired(self) -> None:
        """Private keys that were taken over from are gone, also when the notary was killed before it came to this."""
        for number in range(1, self._record.number):
            (self._folder / key_file(number)).unlink(missing_ok=True)

    def _begin(self, origin: str) -> None:
        """A new folder has a record before it has a key, so that a key without a record is known to have lost it."""
        if (self._folder / RECORD).exists():
            return
        if any(self._folder.glob("log*.key")):
            raise Unavailable(
                "The notary's folder has a key but no record of what it signed; restore the folder from its backup."
            )
        self._write(Record(Checkpoint(origin, 0, EMPTY_ROOT)))

    def _read(self, origin: str) -> Record:
        try:
            document = json.loads((self._folder / RECORD).read_bytes())
            held = Checkpoint(document["origin"], int(document["size"]), bytes.fromhex(document["root"]))
            since = document.get("both_since")
            record = Record(
                held,
                number=int(document.get("key", 1)),
                both_since=None if since is None else int(since),
                retired=tuple(NoteKey.from_vkey(text).to_vkey() for text in document.get("retired", ())),
                restores=tuple((row["size"], row["root"], row["signed"]) for row in document.get("restores", ())),
            )
        except (ValueError, KeyError, TypeError, InvalidInput) as error:
            raise Unavailable(
                "The notary's record of what it signed is damaged; restore its folder from the backup."
            ) from error
        if held.origin != origin:
            raise Conflict("The notary's folder belongs to another log; check FORMULARY_LOG_ORIGIN.", code="other_log")
        self._require_keys(record)
        return record

    def _require_keys(self, record: Record) -> None:
        """The keys of the record are there; only a folder that never signed may still be without its first one."""
        needed = [record.number] if record.held.size or record.number > 1 else []
        needed += [record.number + 1] if record.both_since is not None else []
        if any(not (self._folder / key_file(number)).exists() for number in needed):
            raise Unavailable("A key of the notary's folder is missing; restore the folder from its backup.")

    def _keep(self, record: Record) -> None:
        self._write(record)
        self._record = record

    def _write(self, record: Record) -> None:
        """The record is on the disk under its name, whole, before this returns."""
        fresh = self._folder / f"{RECORD}.new"
        with fresh.open("wb") as file:
            file.write(record.to_bytes())
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._folder / RECORD)
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def key_file(number: int) -> str:
    """The name of the notary's first, second, third key."""
    return KEY if number == 1 else f"log.{number}.key"


def _hold_alone(folder: Path) -> int:
    held = os.open(folder / "running", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(held)
        raise Conflict("A notary already runs on this folder; end it first.", code="notary_running") from None
    return held
