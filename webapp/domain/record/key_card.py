"""The key card: what compliance keeps on paper, so that an export is checked with a key that did not come with it."""

from __future__ import annotations

import hashlib

from webapp.domain.record.notes import NoteKey


def fingerprint(key: NoteKey) -> str:
    """SHA-256 of the raw public key in eight groups of eight hexadecimal digits, for reading aloud."""
    digest = hashlib.sha256(key.public).hexdigest()
    return " ".join(digest[start : start + 8] for start in range(0, len(digest), 8))


def key_card(key: NoteKey) -> str:
    """The card as text: the log, its key as tools read it, and the fingerprint."""
    return (
        "KEY CARD OF THE AUDIT LOG: print it and give it to compliance\n"
        f"  log          {key.name}\n"
        f"  key          {key.to_vkey()}\n"
        f"  fingerprint  {fingerprint(key)}\n"
        "Whoever checks an export uses this card, never a key that came with the export:\n"
        "  formulary verify BUNDLE --key KEY"
    )
