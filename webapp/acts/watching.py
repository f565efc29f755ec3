"""Looking at the log again and again while a process runs: whoever serves or works asks here before going on.

What must not live here: how the log stands (``standing``), and what a process does about it.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from webapp.acts.standing import Standing, State, standing_of
from webapp.adapters.outside import Outside
from webapp.errors import Unavailable

LOOK_EVERY = timedelta(seconds=10)
AGAIN_EVERY = timedelta(minutes=1)
THREAD = "formulary-watch"


@dataclass
class Watch:
    """What was seen of the log last, and when; looked at again every few seconds by whoever asks then, or every minute while broken.

    With ``is_waited_for`` false nobody waits: whoever asks is told what was seen last, and a thread looks. ``has_read_bytes`` is false
    until every root was recomputed once from the entries' own bytes.
    """

    outside: Outside
    seen: Standing
    at: datetime
    turn: threading.Lock = field(default_factory=threading.Lock)
    is_waited_for: bool = True
    has_read_bytes: bool = True

    @property
    def is_broken(self) -> bool:
        """Was it the wrong log when it was looked at last?"""
        return self.seen.state is State.BROKEN

    def look(self) -> Standing:
        """How the log stands, at most some seconds ago. What was found broken stays so until its bytes and the notary say otherwise."""
        is_due = self.outside.now() - self.at >= (AGAIN_EVERY if self.is_broken else LOOK_EVERY)
        if is_due and self.turn.acquire(blocking=False):
            if self.is_waited_for:
                self._look()
            else:
                threading.Thread(target=self._look, name=THREAD, daemon=True).start()
        return self.seen

    def _look(self) -> None:
        was_broken = self.is_broken
        try:
            self.at = self.outside.now()
            found = standing_of(self.outside, from_bytes=was_broken or not self.has_read_bytes)
            self.has_read_bytes = True
            if not (was_broken and found.state is State.UNWATCHED):  # a silent notary clears nobody
                self.seen = found
        except Unavailable:
            pass  # the database does not answer: every page says so by itself
        finally:
            self.turn.release()


def begin_watch(outside: Outside) -> Watch:
    """The log was looked at once, by its stored hashes, and is looked at again from now on."""
    return Watch(outside, standing_of(outside), outside.now())
