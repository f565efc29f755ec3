"""Levels of a signature: what stands behind a name, from a password to a person's own key, in words that promise no more.

L0: the password alone. L1: password and code, given again at this signature; the server vouches. L2: the person's passkey signed;
no administrator of this server can make such a signature.
"""

from __future__ import annotations

LEVELS = ("L0", "L1", "L2")
LEVEL_WORDS = {
    "L0": "recorded with password (L0)",
    "L1": "confirmed by the server after password and one-time code (L1)",
    "L2": "signed with a passkey (L2)",
}
YOUR_LEVEL_WORDS = {
    "L0": "recorded with your password (L0)",
    "L1": "confirmed by the server after your password and one-time code (L1)",
    "L2": "signed with your passkey (L2)",
}
NEEDED_WORDS = {
    "L0": "your password",
    "L1": "your password and a code of your authenticator app",
    "L2": "your passkey",
}


def level_of(method: str) -> str:
    """The level of what was given: ``password``, ``password+totp`` or ``passkey``; anything else is the lowest."""
    return {"passkey": "L2", "password+totp": "L1"}.get(method, "L0")


def is_enough(level: str, needed: str) -> bool:
    """Is ``level`` at least ``needed``? An unknown word is never enough, and nothing is enough for one."""
    return level in LEVELS and needed in LEVELS and LEVELS.index(level) >= LEVELS.index(needed)
