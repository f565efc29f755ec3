"""What ``verify.py`` needs for a long log, in a process of its own, against hashing the same bytes in the same run.

``python -m bench.verifying 1000000`` measures the promised size (a minute, 500 MB); ``make bench`` takes a tenth of it.
"""

from __future__ import annotations

import hashlib
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.verify.synthetic import VERIFIER, VKEY, write_long_bundle

LIMIT_SECONDS, LIMIT_MEGABYTES = 60, 500


def measure_verifier(count: int = 100_000) -> None:
    """Prints seconds and peak memory of the verifier for ``count`` entries, and the ratio to bare hashing."""
    with tempfile.TemporaryDirectory() as folder:
        bundle = Path(folder) / "bundle.zip"
        size = write_long_bundle(
            bundle, count, entities=count
        )  # every entry of a thing of its own: the most to remember
        began = time.perf_counter()
        done = subprocess.run([sys.executable, "-I", VERIFIER, bundle, "--key", VKEY], capture_output=True, text=True)
        seconds = time.perf_counter() - began
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    assert done.returncode == 0, done.stdout + done.stderr
    bare = _hash_seconds(count, size)
    print(
        f"verify.py, {count:,} entries of as many things ({size / 2**20:.0f} MB): {seconds:.1f} s, {peak:.0f} MB at most, "
        f"load of the machine {os.getloadavg()[0]:.1f}; "
        f"bare leaf hashes {bare:.1f} s; ratio {seconds / bare:.0f} (for 1,000,000: under {LIMIT_SECONDS} s and {LIMIT_MEGABYTES} MB)"
    )


def _hash_seconds(count: int, size: int) -> float:
    leaf = bytes(size // count)
    began = time.perf_counter()
    for _ in range(count):
        hashlib.sha256(b"\x00" + leaf).digest()
    return time.perf_counter() - began


if __name__ == "__main__":
    measure_verifier(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
