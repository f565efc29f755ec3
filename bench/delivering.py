"""``formulary deliver`` against a bare Flask route on the same server: rate, p95, processor time, memory, over 16 kept connections.

The load comes from one lean process on the same machine (``bench.load``), so both share its cores with it. Then how long the process
takes from its start to its first answer, with its database and without. Rounds alternate, so that other work of the machine meets all.
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
from statistics import median

from bench.load import Rate, cpu_seconds, header_of, load
from tests import rollouts as r
from tests.conftest import Clock, Staff, make_outside
from tests.people import join
from webapp.adapters.clock import now
from webapp.adapters.outside import Outside
from webapp.assembly import prepare

ROOT = Path(__file__).resolve().parent.parent
CONNECTIONS, SECONDS, ROUNDS, SPREAD, STARTS = 16, 2.0, 5, 400, 3
PEOPLE = {"ada": ("author",), "kim": ("informaticist",), "osei": ("physician",), "ruth": ("administrator",)}
NOWHERE = "sqlite:////proc/nowhere.db"


def measure_delivery() -> None:
    """Prints the delivery route with token check and ETag, whole and as 304, as ratios to the bare route; then cold starts."""
    with tempfile.TemporaryDirectory() as folder:
        outside, staff = house(Path(folder))
        secret = r.token(outside, staff, ("deliver",))
        bare, deliver = [sys.executable, "-m", "bench.bare_route"], [sys.executable, "-m", "webapp.cli", "deliver"]
        with _server(bare, outside) as one, _server(deliver, outside) as other:
            etags = _etags(other, secret)
            loads = ((one, [""] * SPREAD), (other, [""] * SPREAD), (other, etags))
            rounds = [[_load(server, secret, held) for server, held in loads] for _ in range(ROUNDS)]
        starts = {
            words: _starts(deliver, outside, url) for words, url in (("", outside.database.url), ("out", NOWHERE))
        }
    names = ("a bare Flask route on waitress", "delivery, a whole release", "delivery, 304, nothing changed")
    for number, name in enumerate(names):
        ratio = median(each[number].per_second / each[0].per_second for each in rounds)
        print(f"{name}: {_words([each[number] for each in rounds])}; {ratio:.2f} x bare")
    for words, (took, cpu) in starts.items():
        print(f"delivery, from its start to its first answer, with{words} its database: {took:.2f} s, {cpu:.2f} CPU s")


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


def _starts(command: list[str], outside: Outside, url: str) -> tuple[float, float]:
    """Seconds of the middle one of some starts, and its processor time."""
    took = []
    for _ in range(STARTS):
        begun = time.monotonic()
        with _server(command, outside, url) as (_, pid):
            took.append((time.monotonic() - begun, cpu_seconds(pid)))
    return sorted(took)[STARTS // 2]


def _words(rates: list[Rate]) -> str:
    """The middle of all rounds, each number for itself."""
    return (
        f"{median(one.per_second for one in rates):.0f} requests/s, p95 {median(one.p95_ms for one in rates):.1f} ms, "
        f"{median(one.cpu_us for one in rates):.0f} us of processor time each, {rates[-1].megabytes:.0f} MB"
    )


def _etags(server: tuple[int, int], secret: str) -> list[str]:
    """What each unit would send back to be told that nothing changed."""
    etags = [""] * SPREAD

    def note(number: int, status: int, head: bytes) -> None:
        assert status == 200, head
        etags[number % SPREAD] = header_of(head, b"etag").decode()

    requests = [_request(number, secret, "") for number in range(SPREAD)]
    load(*server, lambda n: requests[n % SPREAD], note, connections=CONNECTIONS, seconds=SECONDS)
    assert all(etags)
    return etags


def _load(server: tuple[int, int], secret: str, etags: list[str]) -> Rate:
    """The rate of whole answers, or of 304 where every unit sends an ETag."""
    requests = [_request(number, secret, etag) for number, etag in enumerate(etags)]
    wanted = 304 if etags[0] else 200

    def note(_: int, status: int, head: bytes) -> None:
        assert status == wanted, head

    return load(*server, lambda n: requests[n % SPREAD], note, connections=CONNECTIONS, seconds=SECONDS)


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
