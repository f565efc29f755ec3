"""Kept connections: the server sends each part of an answer at once, instead of waiting for the one before to be acknowledged."""

from __future__ import annotations

import http.client
import socket
import threading
from collections.abc import Iterable
from typing import Any

import pytest
import waitress
from waitress.adjustments import Adjustments

from webapp.cli.server import SERVER


class Door(socket.socket):
    """A listening socket that remembers the connections it let in."""

    let_in: list[socket.socket]

    def accept(self) -> tuple[socket.socket, Any]:
        connection, address = super().accept()
        self.let_in.append(connection)
        return connection, address


def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Length", "2")])
    return [b"ok"]


def delays_after_two_requests() -> list[bool]:
    """For each connection that the server took for two requests of one kept line: would its small parts wait?"""
    with Door(socket.AF_INET, socket.SOCK_STREAM) as door:
        door.let_in = []
        door.bind(("127.0.0.1", 0))
        door.listen()
        server = waitress.create_server(application, sockets=[door], **SERVER)
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        line = http.client.HTTPConnection("127.0.0.1", door.getsockname()[1])
        for _ in range(2):
            line.request("GET", "/")
            assert line.getresponse().read() == b"ok"
        found = [one.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) == 0 for one in door.let_in]
        line.close()
        server.close()
        thread.join(5)
    return found


def test_no_part_of_an_answer_over_a_kept_connection_waits_for_the_one_before() -> None:
    """With Nagle's algorithm the second part waits some 40 ms for the first to be acknowledged."""
    assert delays_after_two_requests() == [False]


def test_a_server_that_forgets_this_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Adjustments, "socket_options", [])
    assert delays_after_two_requests() == [True]
