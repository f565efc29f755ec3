"""An application on a port of its own of this machine, until it is killed."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
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
        self.server.close()
        for channel in list(self.server.active_channels.values()):
            channel.handle_close()
        self.thread.join(10)
        self.server.task_dispatcher.shutdown()


@contextmanager
def listen(app: Flask) -> Iterator[Listening]:
    """The application answers over HTTP, by the server that the commands run."""
    server = make_server(app, host="127.0.0.1", port=0)

    def run() -> None:
        """Until the socket is taken away under it."""
        with suppress(OSError):
            server.run()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    made = Listening(server, thread, f"http://127.0.0.1:{server.effective_port}")
    try:
        yield made
    finally:
        made.kill()
