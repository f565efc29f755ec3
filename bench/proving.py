"""What an inclusion proof costs in a log of a million entries: from stored tiles, against hashing the tree once in the same run."""

from __future__ import annotations

import hashlib
import tempfile
import time
from pathlib import Path

from sqlalchemy import text

from tests.conftest import make_outside
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import TileRow
from webapp.adapters.store.tiles import tree_of
from webapp.assembly import prepare
from webapp.domain.record.merkle import includes, root_of

SIZE, TRIES, WIDTH = 1_000_000, 200, 256
LEAF = (
    "INSERT INTO ledger_leaves VALUES (:seq, :hash, x'00', 'bench', 'system', 'bench', 'bench', '2026-01-01 00:00:00')"
)


def measure_proofs() -> None:
    """Prints the median and the largest time of an inclusion proof in milliseconds; every proof is verified."""
    with tempfile.TemporaryDirectory() as folder:
        outside = make_outside(Path(folder), f"sqlite:///{folder}/bench.sqlite")
        prepare(outside)
        hashes = [hashlib.sha256(number.to_bytes(8)).digest() for number in range(SIZE)]
        began = time.perf_counter()
        root = root_of(hashes)
        whole = time.perf_counter() - began
        _fill(outside, hashes)
        times = [_prove(outside, root, hashes, turn * 4999 % SIZE) for turn in range(TRIES)]
        outside.database.close()
    middle, most = sorted(times)[TRIES // 2], max(times)
    print(
        f"inclusion proof at {SIZE:,} entries: median {middle * 1000:.1f} ms, largest {most * 1000:.1f} ms; "
        f"hashing the tree: {whole:.2f} s; ratio {middle / whole:.5f}"
    )


def _prove(outside: Outside, root: bytes, hashes: list[bytes], seq: int) -> float:
    began = time.perf_counter()
    with outside.database.reading() as session:
        proof = tree_of(session, SIZE).inclusion_proof(seq)
    took = time.perf_counter() - began
    assert includes(root, SIZE, seq, hashes[seq], proof)
    return took


def _fill(outside: Outside, hashes: list[bytes]) -> None:
    """The rows that appending these entries would have left."""
    with outside.database.writing() as session:
        session.execute(text("DROP TRIGGER ledger_leaves_no_delete"))
        session.execute(text("DELETE FROM ledger_leaves"))
        session.execute(text(LEAF), [{"seq": seq, "hash": item.hex()} for seq, item in enumerate(hashes)])
        level, below = 0, hashes
        while len(below) >= WIDTH:
            tiles = [below[at : at + WIDTH] for at in range(0, len(below) - WIDTH + 1, WIDTH)]
            below = [root_of(tile) for tile in tiles]
            rows = zip(range(len(tiles)), tiles, below, strict=True)
            session.add_all(
                TileRow(level=level, position=at, root_sha256=root.hex(), content=b"".join(tile))
                for at, tile, root in rows
            )
            level += 1
