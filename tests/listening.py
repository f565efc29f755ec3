"""An application on a port of its own of this machine, until it is killed."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from flask import Flask

from webapp.cli.server import make_server


@dataclass
class Listening:
    """A process at ``url`` until ``kill``."""

    server: Any
    thread: threading.Thread
    url: str

    def kill(self) -> None:
        """Nothing listens there any more."""
        if self.thread.is_alive():
            stop(self.server, self.thread)


def stop(server: Any, thread: threading.Thread) -> None:
    """The server's loop ends in its own thread, and then its sockets are closed.

    Taken away under the loop, their numbers might be those of another server's sockets before it looks again.
    """
    parts = [*server._map.values()]
    server.trigger.pull_trigger(lambda: (parts.extend(server._map.values()), server._map.clear()))
    thread.join(30)
    assert not thread.is_alive()
    for part in parts:
        part.close()
    server.task_dispatcher.shutdown()


@contextmanager
def listen(app: Flask) -> Iterator[Listening]:
    """The application answers over HTTP, by the server that the commands run."""
    server = make_server(app, host="127.0.0.1", port=0)

    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    made = Listening(server, thread, f"http://127.0.0.1:{server.effective_port}")
    try:
        yield made
    finally:
        made.kill()
