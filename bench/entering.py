"""What an entered act costs, durable on SQLite, against the bare insert of the same rows in the same run."""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from tests.conftest import make_outside
from webapp.acts.actors import SYSTEM
from webapp.acts.outbox import post
from webapp.acts.recording import enter
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Leaf, Outbox
from webapp.assembly import prepare

WRITERS, EACH, ROUNDS = 16, 25, 3


def compare_act_with_bare_insert() -> None:
    """Prints acts per second, bare inserts per second and their ratio, as medians over rounds taken in turn."""
    with tempfile.TemporaryDirectory() as folder:
        outside = make_outside(Path(folder), f"sqlite:///{folder}/bench.sqlite")
        prepare(outside)
        pairs = [(_rate(outside, _act), _rate(outside, _bare_insert)) for _ in range(ROUNDS)]
        outside.database.close()
    ratios = sorted(act / bare for act, bare in pairs)
    acts, bare = sorted(act for act, _ in pairs), sorted(bare for _, bare in pairs)
    middle = ROUNDS // 2
    print(
        f"entered act, {WRITERS} writers: {acts[middle]:.0f}/s; bare insert: {bare[middle]:.0f}/s; ratio {ratios[middle]:.2f}"
    )


def _rate(outside: Outside, write: Callable[[Outside, str], None]) -> float:
    def work(name: str) -> None:
        for turn in range(EACH):
            write(outside, f"{name}-{turn}-{time.monotonic_ns()}")

    threads = [threading.Thread(target=work, args=(f"w{number}",)) for number in range(WRITERS)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return WRITERS * EACH / (time.perf_counter() - began)


def _act(outside: Outside, name: str) -> None:
    with outside.database.writing() as session:
        post(outside, session, "bench", {"name": name})
        enter(outside, session, SYSTEM, "person.changed", ("person", name[:80], None))


_lock = threading.Lock()
_next = [10_000_000]


def _bare_insert(outside: Outside, name: str) -> None:
    now = outside.now()
    with _lock:
        _next[0] += 1
        seq = _next[0]
    with outside.database.writing() as session:
        session.add(Outbox(id=outside.new_id("out"), topic="bench", body={"name": name}, created_at=now))
        session.add(
            Leaf(
                seq=seq,
                leaf_sha256="0" * 64,
                content=b"x" * 500,
                type="bench",
                actor_id="system",
                entity_type="bench",
                entity_id=name[:80],
                at=now,
            )
        )
