"""Reports of calls: queued in memory, sent in batches, kept on the disk while the server is away. Nothing here raises or waits.

What must not live here: threads and sending (``client``).
"""

from __future__ import annotations

import json
import logging
import threading
import uuid
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from formulary_client.copies import write

MOST_WAITING = 10_000
MOST_IN_A_BATCH = 100
MOST_SPOOLED_BATCHES = 1_000
REFUSED_FORM = (400, 413, 422)
"""Answers that will be the same however often the batch is sent."""
log = logging.getLogger("formulary_client")
Post = Callable[[list[dict[str, Any]]], int]


class Reports:
    """What waits to be sent. ``lost``: how many reports had to be given up, for want of room or of a form that the server takes."""

    def __init__(self, folder: Path | None) -> None:
        self.folder = None if folder is None else folder / "reports"
        self.lost = 0
        self._waiting: deque[dict[str, Any]] = deque()
        self._lock = threading.Lock()
        self._sending = threading.Lock()

    def add(self, event: dict[str, Any]) -> None:
        """The report waits; one that is no JSON is given up, and where too many wait, the oldest."""
        try:
            json.dumps(event, allow_nan=False)
        except (TypeError, ValueError):
            self._give_up(1, "it holds something that is no JSON")
            return
        with self._lock:
            if len(self._waiting) >= MOST_WAITING:
                self._waiting.popleft()
                self._give_up(1, "too many reports are waiting")
            self._waiting.append(event)

    def waiting(self) -> int:
        """How many reports wait in memory."""
        return len(self._waiting)

    def send(self, post: Post) -> bool:
        """Everything is sent, oldest first; False where the server does not take it now: then it lies on the disk, or waits."""
        with self._sending:
            return self._send_spooled(post) and self._send_waiting(post)

    def keep(self) -> None:
        """What waits in memory lies on the disk, where there is a folder."""
        while self.folder is not None and (batch := self._take()):
            self._spool(batch)

    def _send_waiting(self, post: Post) -> bool:
        while batch := self._take():
            if not self._deliver(batch, post):
                self._put_back(batch)
                self.keep()
                return False
        return True

    def _send_spooled(self, post: Post) -> bool:
        for path in self._spooled():
            batch = _read(path)
            if batch and not self._deliver(batch, post):
                return False
            path.unlink(missing_ok=True)
        return True

    def _deliver(self, batch: list[dict[str, Any]], post: Post) -> bool:
        """Was the batch taken, or one by one all of it that ever will be?"""
        try:
            status = post(batch)
            if status in REFUSED_FORM and len(batch) > 1:
                return all(self._deliver([event], post) for event in batch)
        except (httpx.HTTPError, httpx.InvalidURL, OSError):
            return False
        if status in REFUSED_FORM:
            self._give_up(1, f"the server does not take it ({status})")
            return True
        return 200 <= status < 300

    def _take(self) -> list[dict[str, Any]]:
        with self._lock:
            return [self._waiting.popleft() for _ in range(min(MOST_IN_A_BATCH, len(self._waiting)))]

    def _put_back(self, batch: list[dict[str, Any]]) -> None:
        with self._lock:
            self._waiting.extendleft(reversed(batch))

    def _spool(self, batch: list[dict[str, Any]]) -> None:
        """The batch lies behind those before it; processes and threads that share the folder never take each other's place."""
        assert self.folder is not None
        found = self._spooled()
        if len(found) >= MOST_SPOOLED_BATCHES:
            self._give_up(len(_read(found[0])), "too many reports lie on the disk")
            found[0].unlink(missing_ok=True)
        number = int(found[-1].stem.partition("-")[0]) + 1 if found else 1
        try:
            write(self.folder / f"{number:010}-{uuid.uuid4().hex[:8]}.json", json.dumps(batch).encode())
        except OSError as error:
            self._give_up(len(batch), f"the disk does not take it ({type(error).__name__})")

    def _spooled(self) -> list[Path]:
        return [] if self.folder is None else sorted(self.folder.glob("[0-9]*.json"))

    def _give_up(self, count: int, why: str) -> None:
        self.lost += count
        log.warning("%d reports are given up: %s", count, why)


def _read(path: Path) -> list[dict[str, Any]]:
    """The batch in this file; none where it is not one."""
    try:
        return [dict(event) for event in json.loads(path.read_bytes())]
    except (OSError, ValueError, TypeError):
        return []
