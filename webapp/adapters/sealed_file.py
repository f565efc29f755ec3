"""Files that only this server reads and whose every change it notices: sealed with its key, mode 600, whole or as before."""

from __future__ import annotations

import os
from pathlib import Path

from webapp.adapters.chance import Chance
from webapp.adapters.keys import Keyring


def write_sealed(path: Path, content: bytes, keyring: Keyring, owner: str, chance: Chance) -> None:
    """``content`` lies there for this server and purpose alone, whole or as before; OSError where the disk takes nothing."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_suffix(f".{os.getpid()}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(keyring.seal(content, owner, chance))
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def read_sealed(path: Path, keyring: Keyring, owner: str) -> bytes:
    """What ``write_sealed`` wrote; OSError where there is nothing, Unavailable for what this server did not write for this purpose."""
    return keyring.unseal(path.read_bytes(), owner)
