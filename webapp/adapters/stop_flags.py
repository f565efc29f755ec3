"""The file with which a delivery host stops a prompt, or all of them, while everything else may be down.

It is read at every decision. One that cannot be read stops everything: it would not be there without a reason.
What must not live here: what an application is told, and the entry in the audit log.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

EVERYTHING = "*"
UNREADABLE = "The list of stopped prompts on this host cannot be read; everything is stopped until it can."


@dataclass(frozen=True)
class Stop:
    """One stop. ``prompt``: a name, or ``*`` for all; ``at``: RFC 3339; ``by``: the account on the host."""

    id: str
    prompt: str
    reason: str
    at: str
    by: str
    lifted_at: str | None = None
    lifted_by: str | None = None
    lift_reason: str | None = None


class StopFlags:
    """The stops of this host, read again whenever the file changed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._seen: tuple[int, int] | None = None
        self._stops: tuple[Stop, ...] = ()
        self._is_readable = True

    def reason_for(self, name: str) -> str | None:
        """Why this prompt is stopped here, or None."""
        self._read()
        if not self._is_readable:
            return UNREADABLE
        return next((stop.reason for stop in self._stops if _stops(stop, name)), None)

    def all(self) -> tuple[Stop, ...]:
        """Every stop that was ever made here, also those that were lifted; empty where the file cannot be read."""
        self._read()
        return self._stops

    def add(self, stop: Stop) -> None:
        """The stop holds from the next decision on."""
        self._write((*self.all(), stop))

    def lift(self, name: str, *, at: str, by: str, reason: str) -> int:
        """Stops of exactly this name (or ``*``) are over; returns how many."""
        lifted = [
            Stop(**{**asdict(stop), "lifted_at": at, "lifted_by": by, "lift_reason": reason})
            if stop.prompt == name and stop.lifted_at is None
            else stop
            for stop in self.all()
        ]
        count = sum(old != new for old, new in zip(self.all(), lifted, strict=True))
        if count:
            self._write(tuple(lifted))
        return count

    def _read(self) -> None:
        try:
            found = self.path.stat()
        except FileNotFoundError:
            self._seen, self._stops, self._is_readable = None, (), True
            return
        except OSError:
            self._seen, self._is_readable = None, False
            return
        stamp = (found.st_mtime_ns, found.st_size)
        if stamp == self._seen:
            return
        try:
            rows = json.loads(self.path.read_bytes())
            self._stops, self._is_readable = tuple(Stop(**row) for row in rows), True
        except (OSError, ValueError, TypeError):
            self._stops, self._is_readable = (), False
        self._seen = stamp

    def _write(self, stops: tuple[Stop, ...]) -> None:
        """The whole file anew, complete or not at all, and on the disk before anybody is told."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self.path.with_suffix(f".{os.getpid()}")
        with fresh.open("wb") as file:
            file.write(json.dumps([asdict(stop) for stop in stops], indent=1).encode())
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self.path)


def _stops(stop: Stop, name: str) -> bool:
    return stop.lifted_at is None and stop.prompt in (EVERYTHING, name)
