"""The file with which a delivery host stops a prompt, holds its new version back, or both for all, while everything else may be down.

It is read at every decision. One that cannot be read stops everything: it would not be there without a reason.
What must not live here: what an application is told, and the entry in the audit log.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import threading
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

EVERYTHING = "*"
STOP, HOLD = "stop", "hold"
UNREADABLE = "The list of stopped prompts on this host cannot be read; everything is stopped until it can."


@dataclass(frozen=True)
class Stop:
    """One stop, or with ``kind`` hold one that only keeps the new version back. ``prompt``: a name, or ``*`` for all; ``at``: RFC 3339.

    ``by``: the account on the host, or the name of the ``person`` (id, name, roles, and when they were known so) who gave a password.
    """

    id: str
    prompt: str
    reason: str
    at: str
    by: str
    lifted_at: str | None = None
    lifted_by: str | None = None
    lift_reason: str | None = None
    kind: str = STOP
    person: Mapping[str, Any] | None = None
    lifted_person: Mapping[str, Any] | None = None

    @property
    def stands(self) -> bool:
        """Was it not lifted yet?"""
        return self.lifted_at is None

    def concerns(self, name: str) -> bool:
        """Does it hold for this prompt now?"""
        return self.stands and self.prompt in (EVERYTHING, name)


@dataclass(frozen=True)
class _Seen:
    """One state of the file. Threads exchange it whole, so that none ever takes the stops of one state for those of another."""

    stamp: tuple[int, int, int] | None
    stops: tuple[Stop, ...] = ()
    is_readable: bool = True


class StopFlags:
    """The stops of this host, read again whenever the file changed. Where the disk takes nothing they hold in this process.

    Every write of ours is a file of its own that is longer than the last one, so inode, time and size together tell any two apart.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._seen = _Seen(None)
        self._turn = threading.Lock()
        self.unsaved: tuple[Stop, ...] = ()
        """Stops that the disk did not take; they end with this process unless ``save`` brings them there."""

    @property
    def is_readable(self) -> bool:
        """Can the file be read, or is there none?"""
        return self._read().is_readable

    def standing_for(self, name: str) -> tuple[str | None, bool]:
        """Why this prompt is stopped here, or None, and whether its new version is kept back: of one state of the file."""
        unsaved = self.unsaved  # first: what is saved meanwhile stands in the file when that is read
        seen = self._read()
        if not seen.is_readable:
            return UNREADABLE, False
        found = [stop for stop in (*seen.stops, *unsaved) if stop.concerns(name)]
        reason = next((stop.reason for stop in found if stop.kind == STOP), None)
        return reason, any(stop.kind == HOLD for stop in found)

    def reason_for(self, name: str) -> str | None:
        """Why this prompt is stopped here, or None."""
        return self.standing_for(name)[0]

    def is_held(self, name: str) -> bool:
        """Is the new version of this prompt kept back here?"""
        return self.standing_for(name)[1]

    def all(self) -> tuple[Stop, ...]:
        """Every stop and hold that was ever made here, also those that were lifted; empty where the file cannot be read."""
        unsaved, stops = self.unsaved, self._read().stops
        return (*stops, *(one for one in unsaved if one not in stops))

    def add(self, stop: Stop) -> bool:
        """It holds from the next decision on, in this process also where OSError says that the disk takes nothing; False where one stands."""
        with self._turn:
            try:
                with self._alone():
                    is_new = not self._has(stop)
                    if is_new:
                        self._write((*self._known(), stop))
                        self.unsaved = ()
                    return is_new
            except OSError:
                if self._has(stop):
                    return False
                self.unsaved = (*self.unsaved, stop)
                raise

    def lift(self, ids: Collection[str], **end: Any) -> int:
        """Those of these that stand are over, with ``end`` as their ``lifted_...`` fields and ``lift_reason``; returns how many."""
        with self._turn, self._alone():
            stops = self.all()
            lifted = tuple(replace(stop, **end) if stop.id in ids and stop.stands else stop for stop in stops)
            count = sum(old is not new for old, new in zip(stops, lifted, strict=True))
            if count:
                self._write(lifted)
                self.unsaved = ()
        return count

    def save(self) -> None:
        """What only this process knew is on the disk, where that takes it now."""
        if not self.unsaved:
            return
        try:
            with self._turn, self._alone():
                self._write(self._known())
                self.unsaved = ()
        except OSError:
            return

    def _known(self) -> tuple[Stop, ...]:
        """All stops, for writing them anew; OSError where the file cannot be read, because what stands in it would be lost."""
        seen = self._read()
        if not seen.is_readable:
            raise OSError(errno.EIO, UNREADABLE)
        return (*seen.stops, *self.unsaved)

    def _has(self, new: Stop) -> bool:
        """Does one stand to which the new one would add nothing?"""
        return any(one.stands and (one.prompt, one.kind) == (new.prompt, new.kind) for one in self.all())

    def _read(self) -> _Seen:
        """The file's state now or a later one. Its stamp is older than its stops: what changed in between is read again."""
        try:
            found = self.path.stat()
        except FileNotFoundError:
            return _Seen(None)
        except OSError:
            return _Seen(None, is_readable=False)
        stamp, seen = (found.st_ino, found.st_mtime_ns, found.st_size), self._seen
        if stamp != seen.stamp:
            seen = self._seen = self._parse(stamp)
        return seen

    def _parse(self, stamp: tuple[int, int, int]) -> _Seen:
        try:
            rows = json.loads(self.path.read_bytes())
            return _Seen(stamp, tuple(Stop(**row) for row in rows))
        except OSError:
            return _Seen(None, is_readable=False)  # it may pass, as too many open files do: looked at again
        except (ValueError, TypeError):
            return _Seen(stamp, is_readable=False)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Nobody else, in this process or another one, changes the list meanwhile: of two stops at once none is lost."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        folder = os.open(self.path.parent, os.O_RDONLY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            yield
        finally:
            os.close(folder)

    def _write(self, stops: tuple[Stop, ...]) -> None:
        """The whole file anew, complete or not at all, and on the disk before anybody is told."""
        fresh = self.path.with_suffix(f".{os.getpid()}")
        with fresh.open("wb") as file:
            file.write(json.dumps([asdict(stop) for stop in stops], indent=1).encode())
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self.path)
