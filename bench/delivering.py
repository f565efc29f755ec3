"""The delivery process against a bare Flask route on the same server: rate, p95, processor time, memory, over 16 kept connections.

The load comes from a lean process of its own on the same machine (``bench.load``), so both share its cores with it.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.load import Rate, load
from tests import rollouts as r
from tests.conftest import Staff, make_outside
from tests.people import join
from webapp.adapters.outside import Outside
from webapp.assembly import prepare

ROOT = Path(__file__).resolve().parent.parent
CONNECTIONS, SECONDS, SPREAD = 16, 6.0, 400
PEOPLE = {"ada": ("author",), "kim": ("informaticist",), "osei": ("physician",), "ruth": ("administrator",)}


def measure_delivery() -> None:
    """Prints the delivery route with token check and ETag, as full answers and as 304, as ratios to the bare route."""
    with tempfile.TemporaryDirectory() as folder:
        outside, secret = _house(Path(folder))
        with _server("bare", outside) as bare, _server("deliver", outside) as deliver:
            base = _load(bare, secret, known=False)
            full = _load(deliver, secret, known=False)
            unchanged = _load(deliver, secret, known=True)
    print(f"a bare Flask route on waitress: {_words(base)}")
    for words, rate in (("a whole release", full), ("304, nothing changed", unchanged)):
        print(f"delivery, {words}: {_words(rate)}; {rate.per_second / base.per_second:.2f} x bare")


def _words(rate: Rate) -> str:
    return (
        f"{rate.per_second:.0f} requests/s, p95 {rate.p95_ms:.1f} ms, {rate.cpu_us:.0f} us of processor time each, "
        f"{rate.megabytes:.0f} MB"
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
    """The rate of whole answers, or of 304 where every unit sends the ETag of its last answer."""
    etags = [""] * SPREAD

    def note(number: int, status: int, head: bytes) -> None:
        assert status in (200, 304), head
        etags[number % SPREAD] = _etag_of(head)

    def run(seconds: float) -> Rate:
        requests = [_request(number, secret, etag if known else "") for number, etag in enumerate(etags)]
        return load(*server, lambda n: requests[n % SPREAD], note, connections=CONNECTIONS, seconds=seconds)

    run(1.0)
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


def _etag_of(head: bytes) -> str:
    _, _, rest = head.partition(b"ETag: ")
    return rest.partition(b"\r\n")[0].decode()


if __name__ == "__main__":
    measure_delivery()
