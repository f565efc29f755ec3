"""``formulary deliver`` against a bare Flask route on the same server: rate, p95, processor time, memory, over 16 kept connections.

The load comes from one lean process on the same machine (``bench.load``), so both share its cores with it. Then how long the process
takes from its start to its first answer, with its database and without.
"""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from bench.load import Rate, header_of, load
from tests import rollouts as r
from tests.conftest import Clock, Staff, make_outside
from tests.people import join
from webapp.adapters.clock import now
from webapp.adapters.outside import Outside
from webapp.assembly import prepare

ROOT = Path(__file__).resolve().parent.parent
CONNECTIONS, SECONDS, SPREAD, STARTS = 16, 6.0, 400, 3
PEOPLE = {"ada": ("author",), "kim": ("informaticist",), "osei": ("physician",), "ruth": ("administrator",)}
NOWHERE = "sqlite:////proc/nowhere.db"


def measure_delivery() -> None:
    """Prints the delivery route with token check and ETag, whole and as 304, as ratios to the bare route; then cold starts."""
    with tempfile.TemporaryDirectory() as folder:
        outside, staff = house(Path(folder))
        secret = r.token(outside, staff, ("deliver",))
        bare, deliver = [sys.executable, "-m", "bench.bare_route"], [sys.executable, "-m", "webapp.cli", "deliver"]
        with _server(bare, outside) as one, _server(deliver, outside) as other:
            base = _load(one, secret, known=False)
            full = _load(other, secret, known=False)
            unchanged = _load(other, secret, known=True)
        starts = {
            words: _starts(deliver, outside, url) for words, url in (("", outside.database.url), ("out", NOWHERE))
        }
    print(f"a bare Flask route on waitress: {_words(base)}")
    for words, rate in (("a whole release", full), ("304, nothing changed", unchanged)):
        print(f"delivery, {words}: {_words(rate)}; {rate.per_second / base.per_second:.2f} x bare")
    for words, took in starts.items():
        print(
            f"delivery, from its start to its first answer, with{words} its database: {took:.2f} s (slowest of {STARTS})"
        )


def house(folder: Path) -> tuple[Outside, Staff]:
    """A house of today in which a second version is in its first step and watched."""
    made = make_outside(folder, f"sqlite:///{folder}/bench.sqlite")
    outside = replace(made, now=Clock(now() - timedelta(days=1)))
    keys = folder / "keys"
    keys.mkdir()
    (keys / "service.key").write_bytes(b"\x03" * 32)
    (keys / "decision.key").write_bytes(outside.keyring.mac_key)
    prepare(outside)
    staff = Staff(outside, {name: join(outside, name, roles) for name, roles in PEOPLE.items()})
    r.second(outside, staff)
    r.wait(outside, int((now() - outside.now()).total_seconds()))
    return outside, staff


@contextmanager
def _server(command: list[str], outside: Outside, url: str = "") -> Iterator[tuple[int, int]]:
    """(port, process id) of a server that answers, as long as the block runs."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings = {
        "FORMULARY_VAR_DIR": str(outside.settings.var_dir),
        "FORMULARY_DATABASE_URL": url or outside.database.url,
        "FORMULARY_SECRET_KEY": "of a benchmark, known to everybody",
        "FORMULARY_DELIVERY_PORT": str(port),
    }
    surroundings = {name: text for name, text in os.environ.items() if not name.startswith("FORMULARY_")} | settings
    process = subprocess.Popen(
        command, cwd=ROOT, env=surroundings, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _wait_for(port, process)
        yield port, process.pid
    finally:
        process.kill()
        process.wait()


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    """The server answers."""
    while process.poll() is None:
        try:
            asking = http.client.HTTPConnection("127.0.0.1", port)
            asking.request("GET", "/healthz")
            assert b"null" not in asking.getresponse().read()
            return
        except OSError:
            time.sleep(0.005)
    raise AssertionError("the server ended")


def _starts(command: list[str], outside: Outside, url: str) -> float:
    """Seconds of the slowest of some starts."""
    took = []
    for _ in range(STARTS):
        begun = time.monotonic()
        with _server(command, outside, url):
            took.append(time.monotonic() - begun)
    return max(took)


def _words(rate: Rate) -> str:
    return (
        f"{rate.per_second:.0f} requests/s, p95 {rate.p95_ms:.1f} ms, {rate.cpu_us:.0f} us of processor time each, "
        f"{rate.megabytes:.0f} MB"
    )


def _load(server: tuple[int, int], secret: str, *, known: bool) -> Rate:
    """The rate of whole answers, or of 304 where every unit sends the ETag of its last answer."""
    etags = [""] * SPREAD
    wanted = {200}

    def note(number: int, status: int, head: bytes) -> None:
        assert status in wanted, head
        etags[number % SPREAD] = header_of(head, b"etag").decode()

    def run(seconds: float) -> Rate:
        requests = [_request(number, secret, etag if known else "") for number, etag in enumerate(etags)]
        return load(*server, lambda n: requests[n % SPREAD], note, connections=CONNECTIONS, seconds=seconds)

    run(1.5)
    if known:
        wanted = {304}
    return run(SECONDS)


def _request(number: int, secret: str, etag: str) -> bytes:
    lines = [
        f"GET /api/v1/prompts/{r.NAME}/release?unit=encounter-{number} HTTP/1.1",
        "Host: 127.0.0.1",
        f"Authorization: Bearer {secret}",
        *([f"If-None-Match: {etag}"] if etag else []),
        "\r\n",
    ]
    return "\r\n".join(lines).encode()


if __name__ == "__main__":
    measure_delivery()
