"""Work that is repeated in threads of its own until it is over, also in processes that are forked from this one."""

from __future__ import annotations

import logging
import os
import threading
import weakref
from collections.abc import Callable

from formulary_client.asking import ANSWER_SECONDS

EVERY_SECONDS = 5.0
log = logging.getLogger("formulary_client")


class Background:
    """Each of ``works`` every five seconds, each in a thread. ``renew``: called first in a fork, whose threads are its own."""

    def __init__(self, works: tuple[Callable[[], bool], ...], renew: Callable[[], None]) -> None:
        self._works, self._renew = works, renew
        self._is_over = threading.Event()
        self._threads: list[threading.Thread] = []

    def begin(self) -> None:
        """It is done in this process, and in those that are forked from it: servers fork after they loaded an application."""
        self._run()
        known = weakref.ref(self)

        def go_on() -> None:
            """The fork's own copy, if it is still wanted."""
            found = known()
            if found is not None:
                found._go_on()

        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=go_on)

    def end(self) -> None:
        """It is done no more; waits until what is being done is done."""
        self._is_over.set()
        for thread in self._threads:
            thread.join(ANSWER_SECONDS + 1)

    def _go_on(self) -> None:
        if not self._is_over.is_set():
            self._renew()
            self._is_over, self._threads = threading.Event(), []
            self._run()

    def _run(self) -> None:
        for work in self._works:
            thread = threading.Thread(target=self._repeat, args=(work,), name=f"formulary-{work.__name__}", daemon=True)
            thread.start()
            self._threads.append(thread)

    def _repeat(self, work: Callable[[], bool]) -> None:
        while True:
            try:
                work()
            except Exception:  # the edge: a thread that ended would let the application age unseen
                log.exception("work in the background failed; it is tried again")
            if self._is_over.wait(EVERY_SECONDS):
                return
