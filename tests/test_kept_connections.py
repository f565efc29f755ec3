"""Kept connections: each part of an answer is sent at once, without waiting for the one before to be acknowledged, and 304 keeps them."""

from __future__ import annotations

import http.client
import os
import resource
import socket
import threading
from collections.abc import Iterable
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.task import WSGITask

from tests.listening import stop
from webapp.cli.server import make_server


class Door(socket.socket):
    """A listening socket that keeps a second hold on each connection that it lets in, so that it can be looked at later."""

    let_in: list[socket.socket]

    def accept(self) -> tuple[socket.socket, Any]:
        connection, address = super().accept()
        self.let_in.append(connection.dup())
        return connection, address


def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    if environ["PATH_INFO"] == "/unchanged":
        start_response("304 NOT MODIFIED", [])
        return [b""]
    start_response("200 OK", [("Content-Length", "2")])
    return [b"ok"]


@dataclass(frozen=True)
class Taken:
    """The connections that a server took for some requests over one line; do small parts of an answer wait for the ones before?"""

    count: int
    parts_wait: bool


def ask(*requests: tuple[str, dict[str, str]]) -> Taken:
    with Door(socket.AF_INET, socket.SOCK_STREAM) as door:
        door.let_in = []
        door.bind(("127.0.0.1", 0))
        door.listen()
        server = make_server(application, sockets=[door])
        running = threading.Thread(target=server.run, daemon=True)
        running.start()
        with closing(http.client.HTTPConnection("127.0.0.1", door.getsockname()[1], timeout=60)) as line:
            for path, headers in requests:
                line.request("GET", path, headers=headers)
                assert line.getresponse().read() == (b"" if path == "/unchanged" else b"ok")
        delays = [one.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) == 0 for one in door.let_in]
        stop(server, running)
        for one in door.let_in:
            one.close()
    return Taken(len(delays), any(delays))


def test_no_part_of_an_answer_over_a_kept_connection_waits_for_the_one_before() -> None:
    """With Nagle's algorithm the second part waits some 40 ms for the first to be acknowledged."""
    assert ask(("/", {}), ("/", {})) == Taken(1, parts_wait=False)


def test_a_process_with_more_than_a_thousand_open_files_goes_on_answering() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < 4096:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, hard), hard))
    with ExitStack() as kept, Path(os.devnull).open("rb") as file:
        for _ in range(1100):
            kept.callback(os.close, os.dup(file.fileno()))
        assert ask(("/", {})).count == 1


def test_a_server_that_forgets_this_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Adjustments, "socket_options", [])
    assert ask(("/", {}), ("/", {})) == Taken(1, parts_wait=True)


def test_an_answer_that_nothing_changed_keeps_its_connection() -> None:
    assert ask(("/unchanged", {}), ("/unchanged", {}), ("/", {})).count == 1


def test_a_connection_ends_where_the_application_asks_for_it() -> None:
    assert ask(("/unchanged", {"Connection": "close"}), ("/", {"Connection": "close"}), ("/", {})).count == 3


def test_a_server_that_hangs_up_after_304_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(HTTPChannel, "task_class", WSGITask)
    assert ask(("/unchanged", {}), ("/unchanged", {})).count == 2
