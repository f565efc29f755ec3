"""Benchmarks, run by ``make bench``: each prints a ratio against a baseline measured in the same run."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "client"))  # the package that applications install
