"""How many requests of delivery may wait for the database at a time: others are turned away, so that those that need none are answered.

A database that hangs would otherwise hold up the whole process by the reports of calls, and with it serving and stopping.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

from webapp.errors import Unavailable

AT_ONCE = 8
"""Of the 16 threads with which delivery is run."""


class Slots:
    """A few places; Unavailable at once where all are taken."""

    def __init__(self, count: int = AT_ONCE) -> None:
        self._free = threading.BoundedSemaphore(count)

    @contextmanager
    def one(self) -> Iterator[None]:
        """One of them is taken meanwhile."""
        if not self._free.acquire(blocking=False):
            raise Unavailable("The database is slow now; send this again in a moment.")
        try:
            yield
        finally:
            self._free.release()

    def limit(self, view: Callable[..., Any]) -> Callable[..., Any]:
        """The view, which takes one of them while it runs."""

        @wraps(view)
        def limited(*args: Any, **kwargs: Any) -> Any:
            with self.one():
                return view(*args, **kwargs)

        return limited
