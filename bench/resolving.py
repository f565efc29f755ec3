"""What the client needs to resolve a prompt in memory, against reading the same answer from JSON, as a client without memory must."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from bench.delivering import house
from tests import rollouts as r
from tests.client.ward import make_ward
from tests.conftest import Staff
from webapp.adapters.outside import Outside

ROUNDS, CALLS = 20, 1_000


def measure_resolving() -> None:
    """Prints microseconds per resolve, decided anew for each of many units, and the slowest of all rounds."""
    with tempfile.TemporaryDirectory() as folder:
        outside, staff = house(Path(folder))
        resolve, read = _resolve_us(outside, staff, Path(folder))
    print(
        f"client, resolve in memory: {median(resolve):.1f} us, slowest of {ROUNDS} rounds {max(resolve):.1f} us; "
        f"reading the same answer from JSON: {median(read):.1f} us"
    )


def _resolve_us(outside: Outside, staff: Staff, folder: Path) -> tuple[list[float], list[float]]:
    ward = make_ward(outside, staff, folder / "application")
    with ward.client() as client:
        units = [f"encounter-{number}" for number in range(CALLS)]
        arms = {client.resolve(r.NAME, unit=unit).arm for unit in units}
        assert arms == {"live", "candidate"}, arms
        resolve = [_each_us(lambda unit: client.resolve(r.NAME, unit=unit), units) for _ in range(ROUNDS)]
    served = json.dumps(r.serve(outside, units[0]))
    return resolve, [_each_us(lambda _: json.loads(served), units) for _ in range(ROUNDS)]


def _each_us(act: Callable[[str], object], units: list[str]) -> float:
    """Processor time per call, which other work on the machine hardly touches."""
    begun = time.process_time()
    for unit in units:
        act(unit)
    return (time.process_time() - begun) / len(units) * 1e6


if __name__ == "__main__":
    measure_resolving()
