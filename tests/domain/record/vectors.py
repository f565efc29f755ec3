"""The published vectors of ``docs/vectors``, which any second implementation can read too."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[3] / "docs" / "vectors"


def vectors(name: str) -> dict[str, Any]:
    """The document ``docs/vectors/<name>.json``."""
    return dict(json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8")))
