"""The key card and the checkpoint slip: what compliance and auditors keep on paper, so that an export is checked with what did not come along.

Words are proquints (five letters for 16 bits, consonant and vowel in turn): the whole SHA-256 of the key is sixteen of them, short enough to
be read over the telephone, and every word that is heard wrongly is another key.
"""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime

from webapp.domain.record.checkpoints import Checkpoint
from webapp.domain.record.leaf import timestamp
from webapp.domain.record.notes import NoteKey

CONSONANTS, VOWELS = "bdfghjklmnprstvz", "aiou"
WORDS_IN_A_LINE = 8


def fingerprint(key: NoteKey) -> str:
    """SHA-256 of the raw public key in eight groups of eight hexadecimal digits, for reading aloud."""
    digest = hashlib.sha256(key.public).hexdigest()
    return " ".join(digest[start : start + 8] for start in range(0, len(digest), 8))


def words(key: NoteKey) -> str:
    """The same SHA-256 as sixteen words of five letters, each two bytes of it, in order."""
    digest = hashlib.sha256(key.public).digest()
    return " ".join(_word(int.from_bytes(digest[start : start + 2])) for start in range(0, len(digest), 2))


def key_card(key: NoteKey, picture: str = "") -> str:
    """The card as text: the log, its key as tools read it, fingerprint, words, and room for date and signature.

    ``picture`` is the key as a QR code of characters; without it the card has none.
    """
    spoken = words(key).split()
    return (
        "KEY CARD OF THE AUDIT LOG: print it and give it to compliance\n"
        f"  log          {key.name}\n"
        f"  key          {key.to_vkey()}\n"
        f"  fingerprint  {fingerprint(key)}\n"
        f"  words        {' '.join(spoken[:WORDS_IN_A_LINE])}\n"
        f"               {' '.join(spoken[WORDS_IN_A_LINE:])}\n"
        f"{picture}"
        "  printed on ______________  by ______________________________\n"
        "  received on _____________  by ______________________________\n"
        "Whoever checks an export uses this card, never a key that came with the export:\n"
        "  formulary verify BUNDLE --key KEY"
    )


def slip_line(checkpoint: Checkpoint, at: datetime) -> str:
    """A checkpoint as one line: origin, size, root in base64, and when the server kept it. Only the first three are signed."""
    return f"{checkpoint.origin} {checkpoint.size} {base64.b64encode(checkpoint.root).decode()} {timestamp(at)}"


def _word(number: int) -> str:
    """Sixteen bits as consonant, vowel, consonant, vowel, consonant: four, two, four, two and four of them, highest first."""
    return (
        CONSONANTS[number >> 12]
        + VOWELS[number >> 10 & 3]
        + CONSONANTS[number >> 6 & 15]
        + VOWELS[number >> 4 & 3]
        + CONSONANTS[number & 15]
    )
