"""Passwords: argon2id with the OWASP profile (m = 19 MiB, t = 2, p = 1), and what a new one must be like."""

from __future__ import annotations

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from webapp.errors import InvalidInput

SHORTEST = 12
LONGEST = 200
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_NOBODY = _hasher.hash("nobody has this password")


def hash_password(password: str, *, not_like: tuple[str, ...] = ()) -> str:
    """The argon2id hash; InvalidInput for a password that is too short, too long, too plain or like the person's own words."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise InvalidInput(f"A password has {SHORTEST} to {LONGEST} characters; a sentence is a good one.")
    if len(set(password)) < 5:
        raise InvalidInput("This password repeats a few characters only; choose a more varied one.")
    lower = password.lower()
    if any(len(word) >= 4 and word.lower() in lower for word in not_like):
        raise InvalidInput("The password contains your name or mail address; choose another one.")
    return _hasher.hash(password)


def is_password(stored: str | None, password: str) -> bool:
    """Does ``password`` belong to the stored hash? Takes as long for somebody who has none."""
    try:
        return _hasher.verify(stored or _NOBODY, password[: LONGEST + 1]) and stored is not None
    except (VerificationError, InvalidHashError):
        return False
