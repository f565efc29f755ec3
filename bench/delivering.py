"""The delivery process against a bare Flask route on the same server: requests per second, p95, memory, over 16 kept connections.

The load comes from a process of its own on the same machine, so both share its cores with it.
"""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests import rollouts as r
from tests.conftest import Staff, make_outside
from tests.people import join
from webapp.adapters.outside import Outside
from webapp.assembly import prepare

ROOT = Path(__file__).resolve().parent.parent
CONNECTIONS, SECONDS, SPREAD = 16, 6.0, 400
PEOPLE = {"ada": ("author",), "kim": ("informaticist",), "osei": ("physician",), "ruth": ("administrator",)}


@dataclass(frozen=True)
class Rate:
    """What a load of some seconds saw."""

    per_second: float
    p95_ms: float
    megabytes: float


def measure_delivery() -> None:
    """Prints the delivery route with token check and ETag, as full answers and as 304, as ratios to the bare route."""
    with tempfile.TemporaryDirectory() as folder:
        outside, secret = _house(Path(folder))
        with _server("bare", outside) as bare, _server("deliver", outside) as deliver:
            base = _load(bare, "", known=False)
            full = _load(deliver, secret, known=False)
            unchanged = _load(deliver, secret, known=True)
    print(f"a bare Flask route on waitress: {base.per_second:.0f} requests/s, p95 {base.p95_ms:.1f} ms")
    for words, rate in (("a whole release", full), ("304, nothing changed", unchanged)):
        print(
            f"delivery, {words}: {rate.per_second:.0f} requests/s ({rate.per_second / base.per_second:.2f} x bare), "
            f"p95 {rate.p95_ms:.1f} ms, {rate.megabytes:.0f} MB"
        )


def _house(folder: Path) -> tuple[Outside, str]:
    """A house in which a second version is in its first step, and an application's token."""
    outside = make_outside(folder, f"sqlite:///{folder}/bench.sqlite")
    prepare(outside)
    staff = Staff(outside, {name: join(outside, name, roles) for name, roles in PEOPLE.items()})
    r.second(outside, staff)
    return outside, r.token(outside, staff, ("deliver",))


@contextmanager
def _server(kind: str, outside: Outside) -> Iterator[tuple[int, int]]:
    """(port, process id) of a server that runs as long as the block."""
    command = [sys.executable, "-m", "bench.delivery_server", kind, str(outside.settings.var_dir)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield int(process.stdout.readline()), process.pid
    finally:
        process.kill()
        process.wait()


def _load(server: tuple[int, int], secret: str, *, known: bool) -> Rate:
    port, pid = server
    took: list[list[float]] = [[] for _ in range(CONNECTIONS)]
    threads = [threading.Thread(target=_ask, args=(port, secret, known, took[n], n)) for n in range(CONNECTIONS)]
    begun = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.monotonic() - begun
    every = sorted(one for some in took for one in some)
    resident = int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
    return Rate(len(every) / seconds, every[int(len(every) * 0.95)] * 1000, resident)


def _ask(port: int, secret: str, known: bool, took: list[float], number: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.connect()
    connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    etags: dict[str, str] = {}
    ends, count = time.monotonic() + SECONDS, 0
    while time.monotonic() < ends:
        path = f"/api/v1/prompts/{r.NAME}/release?unit=encounter-{(number * 31 + count) % SPREAD}"
        headers = {"Authorization": f"Bearer {secret}"}
        if known and path in etags:
            headers["If-None-Match"] = etags[path]
        begun = time.monotonic()
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        answer.read()
        took.append(time.monotonic() - begun)
        assert answer.status in (200, 304), answer.status
        etags[path] = answer.headers.get("ETag", "")
        count += 1


if __name__ == "__main__":
    measure_delivery()
