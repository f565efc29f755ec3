"""The signed snapshot on the disk: whole or not at all, and believed only as far as its signature and its age go."""

from __future__ import annotations

import os
from pathlib import Path

COPY = "snapshot.json"


def store(folder: Path, envelope: bytes) -> None:
    """The copy in ``folder`` is this one, complete, readable by this account only."""
    write(folder / COPY, envelope)


def load(folder: Path) -> bytes | None:
    """The copy in ``folder``; None where there is none to be read."""
    try:
        return (folder / COPY).read_bytes()
    except OSError:
        return None


def write(path: Path, content: bytes) -> None:
    """The file is there whole, or as it was before."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_name(f"{path.name}.{os.getpid()}.part")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
