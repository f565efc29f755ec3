"""A proof as one file (C2SP tlog-proof): an entry's index, its audit path, and the checkpoint it leads to."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass

from webapp.domain.record.checkpoints import HASH_BYTES, read_checkpoint, read_number
from webapp.domain.record.merkle import includes
from webapp.domain.record.notes import Note, exact_base64, read_note
from webapp.errors import InvalidInput

HEADER = "c2sp.org/tlog-proof@v1"
LONGEST_PATH = 63


@dataclass(frozen=True)
class ProofFile:
    """That entry ``index`` stands under the checkpoint; the note's signatures are not checked here."""

    index: int
    path: tuple[bytes, ...]
    note: Note

    def shows(self, hash_of_leaf: bytes) -> bool:
        """Does the path lead from this leaf's hash to the checkpoint's root?"""
        checkpoint = read_checkpoint(self.note.text)
        return includes(checkpoint.root, checkpoint.size, self.index, hash_of_leaf, self.path)


def write_proof(index: int, path: Sequence[bytes], checkpoint: bytes) -> bytes:
    """The file; ``checkpoint`` is the signed note, copied byte for byte."""
    hashes = "".join(base64.b64encode(item).decode() + "\n" for item in path)
    return f"{HEADER}\nindex {index}\n{hashes}\n".encode() + checkpoint


def read_proof(content: bytes) -> ProofFile:
    """The proof in ``content``; InvalidInput when it is not exactly as the format says. Extra data, which nobody signs, is refused."""
    head, blank, checkpoint = content.partition(b"\n\n")
    if not blank or not head.isascii():
        raise InvalidInput("The proof holds no checkpoint.")
    lines = head.decode().split("\n")
    if lines[0] != HEADER or len(lines) < 2 or not lines[1].startswith("index "):
        raise InvalidInput(f"A proof begins with the lines {HEADER} and index.")
    path = tuple(exact_base64(line) for line in lines[2:])
    if len(path) > LONGEST_PATH or any(len(item) != HASH_BYTES for item in path):
        raise InvalidInput("A hash of the proof has not 32 bytes, or there are too many.")
    note = read_note(checkpoint)
    read_checkpoint(note.text)
    return ProofFile(read_number(lines[1].removeprefix("index ")), path, note)
