"""The most memory of a process that exports everything, for a log of 10,000 entries and for one ten times as long: it must stay flat.

Every fourth entry has a payload, which comes along as a file of its own; each step is a process of its own.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import insert

from tests.conftest import make_outside
from webapp import verify
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Leaf, LogState, Payload
from webapp.adapters.store.tiles import store_full_tiles
from webapp.assembly import prepare
from webapp.domain.record.canonical import canonical, sha256_hex
from webapp.domain.record.leaf import Entry, LeafActor, Place, leaf_bytes
from webapp.domain.record.merkle import Frontier, leaf_hash
from webapp.domain.workflow import Actor
from webapp.services.exporting import Wanted, export_here

SHORT, TIMES, WITH_PAYLOAD, AT_ONCE = 10_000, 10, 4, 1000
READER = LeafActor("per_bench", "Bench", ("auditor",), "session")
CONSOLE = Actor(id="console", name="Console", via="console")


class _Took(NamedTuple):
    megabytes: float
    seconds: float
    bundle_megabytes: float


def measure_export_memory() -> None:
    """Prints the most memory for both lengths and their ratio; both bundles are verified."""
    short, long = _measure(SHORT), _measure(SHORT * TIMES)
    print(
        f"export, {SHORT:,} and {SHORT * TIMES:,} entries: {short.megabytes:.0f} and {long.megabytes:.0f} MB at most, "
        f"ratio {long.megabytes / short.megabytes:.2f}; {short.seconds:.1f} and {long.seconds:.1f} s, ratio {long.seconds / short.seconds:.1f}; "
        f"bundles of {short.bundle_megabytes:.0f} and {long.bundle_megabytes:.0f} MB"
    )


def _measure(count: int) -> _Took:
    with tempfile.TemporaryDirectory() as folder:
        bundle = Path(folder) / "bundle.zip"
        key = _run("fill", folder, str(count))
        began = time.perf_counter()
        megabytes = float(_run("export", folder))
        seconds = time.perf_counter() - began
        code, report = verify.verify(bundle, [verify.Key(key)], None)
        assert code == verify.GOOD, report
        return _Took(megabytes, seconds, bundle.stat().st_size / 2**20)


def _run(*arguments: str) -> str:
    """What a process of its own prints: the notary's folder is only for one at a time."""
    done = subprocess.run([sys.executable, "-m", "bench.exporting", *arguments], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def main(act: str, folder: str, count: str = "0") -> None:
    """``fill`` makes the log and prints its key; ``export`` writes the bundle and prints the most memory of its process in MB."""
    outside = _house(Path(folder))
    if act == "fill":
        prepare(outside)
        _fill(outside, int(count))
        print(outside.notary.held().key.to_vkey())
    else:
        export_here(outside, CONSOLE, Wanted("all"), Path(folder) / "bundle.zip", _tell_nobody)
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def _tell_nobody(done: int, planned: int) -> None:
    assert done <= planned


def _house(folder: Path) -> Outside:
    return replace(make_outside(folder, f"sqlite:///{folder}/bench.sqlite"), chance=os.urandom)


def _fill(outside: Outside, count: int) -> None:
    """The rows that entering so many acts would have left."""
    with outside.database.writing() as session:
        state = session.get_one(LogState, 1)
        frontier = Frontier.from_hex(state.size, state.frontier)
        for start in range(state.size, count, AT_ONCE):
            made = list(_rows(outside, state.origin, range(start, min(start + AT_ONCE, count))))
            session.execute(insert(Leaf), [leaf for leaf, _ in made])
            session.execute(insert(Payload), [payload for _, payload in made if payload])
            for leaf, _ in made:
                frontier = frontier.append(bytes.fromhex(leaf["leaf_sha256"]))
                store_full_tiles(session, leaf["seq"] + 1)
        state.size, state.frontier, state.last_ts = count, frontier.to_hex(), outside.now()


def _rows(outside: Outside, origin: str, numbers: range) -> Iterator[tuple[dict[str, Any], dict[str, Any] | None]]:
    for seq in numbers:
        text = (
            canonical({"comment": f"comment {seq}", "salt": os.urandom(16).hex()}) if seq % WITH_PAYLOAD == 0 else b""
        )
        kept = (sha256_hex(text), len(text), "application/json") if text else None
        entry = Entry("comment.written", READER, "comment", f"com_{seq}", payload=kept)
        content = leaf_bytes(entry, Place(origin, seq, outside.now(), os.urandom(16).hex(), None, "bench", "0" * 64))
        leaf = {"seq": seq, "leaf_sha256": leaf_hash(content).hex(), "content": content, "type": entry.type,
                "actor_id": READER.id, "entity_type": "comment", "entity_id": entry.entity_id, "at": outside.now()}  # fmt: skip
        yield leaf, {"sha256": kept[0], "media": kept[2], "content": text, "stored_at": outside.now()} if kept else None


if __name__ == "__main__":
    main(*sys.argv[1:])
