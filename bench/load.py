"""A load of HTTP requests over kept connections, from one thread of this process, that costs the machine little.

Each connection asks again as soon as it has its answer. Requests are bytes that were made before; of an answer the status, the ETag and
the length are read. So a measured server shares its cores with a few per cent of load, not with a second program as costly as itself.
"""

from __future__ import annotations

import os
import selectors
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

Ask = Callable[[int], bytes]
"""The bytes of the n-th request."""
Note = Callable[[int, int, bytes], None]
"""Told of each answer: of which request, its status, its head."""


@dataclass(frozen=True)
class Rate:
    """What a load of some seconds saw. ``cpu_us``: processor time of the server per request, user and system."""

    per_second: float
    p95_ms: float
    cpu_us: float
    megabytes: float


@dataclass
class _Line:
    """One kept connection and the answer it waits for. Its request is sent in one piece."""

    connection: socket.socket
    number: int = 0
    begun: float = 0.0
    got: bytearray = field(default_factory=bytearray)

    def ask(self, number: int, request: bytes) -> None:
        self.number, self.begun = number, time.monotonic()
        self.got.clear()
        self.connection.sendall(request)

    def head(self) -> bytes | None:
        """The head of the answer once all of it has come; ConnectionError where the server hung up."""
        part = self.connection.recv(65_536)
        if not part:
            raise ConnectionError("the server closed a kept connection")
        self.got += part
        head, end, body = self.got.partition(b"\r\n\r\n")
        return bytes(head) if end and len(body) >= int(header_of(head, b"content-length") or 0) else None


def header_of(head: bytes, name: bytes) -> bytes:
    """The value of a header, named in lower case; empty where the answer has none."""
    start = head.lower().find(b"\r\n" + name + b":")
    return head[start + len(name) + 3 :].partition(b"\r\n")[0].strip() if start >= 0 else b""


def load(port: int, pid: int, ask: Ask, note: Note, *, connections: int, seconds: float) -> Rate:
    """The rate at which the server of this process answered, and what it needed for that."""
    took: list[float] = []
    cpu, begun = cpu_seconds(pid), time.monotonic()
    _run(port, ask, note, took, connections, begun + seconds)
    lasted, used = time.monotonic() - begun, cpu_seconds(pid) - cpu
    took.sort()
    resident = int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
    return Rate(len(took) / lasted, took[int(len(took) * 0.95)] * 1000, used / len(took) * 1e6, resident)


def _run(port: int, ask: Ask, note: Note, took: list[float], connections: int, ends: float) -> None:
    with selectors.DefaultSelector() as waiting:
        asked = 0
        for _ in range(connections):
            connection = socket.create_connection(("127.0.0.1", port))
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            line = _Line(connection)
            waiting.register(connection, selectors.EVENT_READ, line)
            line.ask(asked, ask(asked))
            asked += 1
        while waiting.get_map():
            for key, _ in waiting.select():
                line = key.data
                head = line.head()
                if head is None:
                    continue
                took.append(time.monotonic() - line.begun)
                note(line.number, int(head[9:12]), head)
                if time.monotonic() < ends:
                    line.ask(asked, ask(asked))
                    asked += 1
                else:
                    waiting.unregister(line.connection)
                    line.connection.close()


def cpu_seconds(pid: int) -> float:
    """User and system time of the process so far (proc(5))."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
