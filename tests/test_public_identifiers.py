"""Planted identifiers in public notes, and public texts without any, where the folder with them stands beside the project."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from webapp.adapters.phi import IdentifierSearch
from webapp.domain.identifiers.kinds import DIRECT
from webapp.domain.statistics.bounds import wilson

FOLDER = Path(__file__).resolve().parent.parent.parent / "shared" / "data"
PLANTED, CORRECT = FOLDER / "phi_planted_dev.jsonl", FOLDER / "medec_val_correct.jsonl"
DIRECT_TYPES = {
    "NAME",
    "MRN",
    "PHONE",
    "FAX",
    "EMAIL",
    "ADDRESS",
    "SSN",
    "ACCOUNT",
    "HEALTHPLAN",
    "LICENSE",
    "VEHICLE",
    "DEVICE",
    "URL",
    "IP",
}
DIRECT_SHARE, OTHER_SHARE, FALSE_ALARM_SHARE = 0.98, 0.95, 0.02


def rows_of(path: Path) -> list[dict[str, Any]]:
    if not path.exists():
        pytest.skip(f"the public data ({path.name}) is not beside the project")
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def covered(found: Any) -> set[int]:
    assert found is not None
    return {place for one in found for place in range(one.start, one.end)}


def test_planted_identifiers_are_found_by_type(
    real_search: IdentifierSearch, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = rows_of(PLANTED)
    planted, hits = Counter[str](), Counter[str]()
    for row, found in zip(rows, real_search.find([row["text"] for row in rows]), strict=True):
        places = covered(found)
        for span in row["spans"]:
            letters = [at for at in range(span["start"], span["end"]) if row["text"][at].isalnum()]
            planted[span["type"]] += 1
            hits[span["type"]] += places.issuperset(letters)
    with capsys.disabled():
        for kind, count in sorted(planted.items()):
            low, high = wilson(hits[kind], count)
            print(f"\n{kind:11} {hits[kind]:3} of {count:3}  {low:.3f} to {high:.3f}", end="")
    for kind, count in planted.items():
        assert hits[kind] >= (DIRECT_SHARE if kind in DIRECT_TYPES else OTHER_SHARE) * count, kind


def test_public_texts_without_identifiers_raise_few_alarms(real_search: IdentifierSearch) -> None:
    found = real_search.find([row["text"] for row in rows_of(CORRECT)])
    counting = [any(one.sure and one.kind in DIRECT for one in seen or ()) for seen in found]
    assert sum(counting) <= FALSE_ALARM_SHARE * len(counting)
    assert sum(bool(seen) for seen in found) <= 2 * FALSE_ALARM_SHARE * len(found)
