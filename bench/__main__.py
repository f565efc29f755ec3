"""All benchmarks, one after the other, each in a process of its own, with how long it took.

A process that is started by one which grew large counts that one's memory as its own peak (getrusage(2) on Linux), so none starts the next.
"""

import subprocess
import sys
import time
from pathlib import Path

PARTS = {
    "entering": "compare_act_with_bare_insert",
    "moving": "measure_moves",
    "proving": "measure_proofs",
    "running": "main",
    "scoring": "measure_scoring",
    "verifying": "measure_verifier",
    "exporting": "measure_export_memory",
    "delivering": "measure_delivery",
    "resolving": "measure_resolving",
}


def main(chosen: list[str]) -> int:
    """The chosen parts ran, or all; how many of them failed."""
    failed = 0
    for module in chosen or PARTS:
        print(f"== {module}", flush=True)
        begun = time.monotonic()
        command = [sys.executable, "-c", f"from bench.{module} import {PARTS[module]}; {PARTS[module]}()"]
        failed += subprocess.run(command, cwd=Path(__file__).resolve().parent.parent, check=False).returncode != 0
        print(f"   {time.monotonic() - begun:.0f} s", flush=True)
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
