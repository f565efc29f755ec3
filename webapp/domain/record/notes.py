"""Signed notes with Ed25519 (C2SP signed-note, signature type 0x01): a text and the names of the keys that signed it.

Signing and checking are passed in. What must not live here: what a note says (``checkpoints``).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from webapp.domain.record.public_keys import require_sound_public_key
from webapp.errors import InvalidInput

ED25519 = b"\x01"
LARGEST_NOTE_BYTES = 64 * 1024
MOST_SIGNATURES = 100
_LINE = re.compile(r"— (\S+) ([A-Za-z0-9+/]+={0,2})")
_VKEY = re.compile(r"([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+={0,2})")

Check = Callable[[bytes, bytes, bytes], bool]


@dataclass(frozen=True)
class NoteKey:
    """A public key with its name: what a verifier must have obtained beforehand."""

    name: str
    public: bytes

    def __post_init__(self) -> None:
        require_key_name(self.name)
        require_sound_public_key(self.public)

    @property
    def id(self) -> bytes:
        """The four bytes by which a signature line names this key."""
        return hashlib.sha256(self.name.encode() + b"\n" + ED25519 + self.public).digest()[:4]

    def to_vkey(self) -> str:
        """The key as one line of text: name, id and key."""
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(ED25519 + self.public).decode()}"

    @classmethod
    def from_vkey(cls, text: str) -> NoteKey:
        """The key that ``to_vkey`` wrote; InvalidInput for any other form, a false id or a key that must not be believed."""
        match = _VKEY.fullmatch(text)
        if match is None:
            raise InvalidInput("A log key is one line of the form name+id+key.")
        content = exact_base64(match[3])
        if content[:1] != ED25519:
            raise InvalidInput("This is no Ed25519 log key.")
        key = cls(match[1], content[1:])
        if key.id.hex() != match[2]:
            raise InvalidInput("The id in the log key does not belong to its name and key; it was copied wrongly.")
        return key


@dataclass(frozen=True)
class NoteSignature:
    """One signature line: the key's name, its id (4 bytes), the signature."""

    name: str
    key_id: bytes
    signature: bytes


@dataclass(frozen=True)
class Note:
    """A text with its signature lines, not yet checked. ``text`` ends with a newline."""

    text: str
    signatures: tuple[NoteSignature, ...]

    def is_signed_by(self, key: NoteKey, check: Check) -> bool:
        """Does a line of this key stand under the text, and does every such line verify? ``check(public, signature, text)``."""
        ours = [line for line in self.signatures if (line.name, line.key_id) == (key.name, key.id)]
        return bool(ours) and all(check(key.public, line.signature, self.text.encode()) for line in ours)

    def to_bytes(self) -> bytes:
        """The note as it is published."""
        lines = (
            f"— {line.name} {base64.b64encode(line.key_id + line.signature).decode()}\n" for line in self.signatures
        )
        return (self.text + "\n" + "".join(lines)).encode()


def sign_note(text: str, signers: Sequence[tuple[NoteKey, Callable[[bytes], bytes]]]) -> Note:
    """The text signed by each key, in this order; InvalidInput for a text that no note can hold."""
    lines = tuple(NoteSignature(key.name, key.id, sign(text.encode())) for key, sign in signers)
    return read_note(Note(text, lines).to_bytes())


def read_note(content: bytes) -> Note:
    """The note in ``content``; InvalidInput when a byte of it is not as the format says."""
    if len(content) > LARGEST_NOTE_BYTES:
        raise InvalidInput("The note is too large.")
    try:
        whole = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InvalidInput("The note is not UTF-8.") from error
    if any(character < " " and character != "\n" for character in whole):
        raise InvalidInput("The note holds control characters.")
    text, blank, lines = whole.rpartition("\n\n")
    if not blank or not text or not lines.endswith("\n"):
        raise InvalidInput("The note has no signature lines after an empty line.")
    signatures = [_read_line(line) for line in lines[:-1].split("\n")]
    if len(signatures) > MOST_SIGNATURES:
        raise InvalidInput("The note has too many signatures.")
    return Note(text + "\n", tuple(signatures))


def require_key_name(name: str) -> None:
    """The name may stand in a signature line; InvalidInput for an empty one, spaces, control characters or a plus."""
    if not name or "+" in name or not name.isprintable() or any(character.isspace() for character in name):
        raise InvalidInput("The name of a log key is not empty and has neither spaces nor a plus.")


def exact_base64(text: str) -> bytes:
    """The bytes whose only standard base64 form is ``text``; InvalidInput for any other spelling."""
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidInput("What should be base64 is not.") from error
    if base64.b64encode(content).decode() != text:
        raise InvalidInput("A base64 text has stray bits at its end.")
    return content


def _read_line(line: str) -> NoteSignature:
    match = _LINE.fullmatch(line)
    if match is None:
        raise InvalidInput("A signature line of the note is malformed.")
    require_key_name(match[1])
    content = exact_base64(match[2])
    if len(content) <= 4:
        raise InvalidInput("A signature line of the note holds no signature.")
    return NoteSignature(match[1], content[:4], content[4:])
