"""How both servers, pages and delivery, are run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import waitress
from waitress.channel import HTTPChannel
from waitress.task import WSGITask

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

SERVER: dict[str, Any] = {
    "threads": 16,
    "connection_limit": 1000,
    "channel_timeout": 20,
    "ident": None,
    "asyncore_use_poll": True,
}
"""Slow connections hold up nobody. Without ``poll`` a server ends when it holds more than 1,023 files and connections (select(2))."""


class KeepingTask(WSGITask):  # type: ignore[misc]
    """An answer that has no body (304) ends with its head (RFC 9112, 6.3), so its connection is kept; waitress 3.0 closes it."""

    def set_close_on_finish(self) -> None:
        """The connection ends with this answer, where that is needed or was asked for."""
        is_asked = self.request.headers.get("CONNECTION", "").lower() == "close"
        if self.has_body or is_asked or self.version != "1.1":
            super().set_close_on_finish()


HTTPChannel.task_class = KeepingTask


def make_server(application: WSGIApplication, **where: Any) -> Any:
    """A server that ``run`` starts; ``where`` as waitress takes it: host and port, or sockets."""
    return waitress.create_server(application, **where, **SERVER)
