"""The client decides as the server does: the published vectors of assignment and serving."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from formulary_client.deciding import Place, bucket_of, choose, read_rule, unit_hash

VECTORS = Path(__file__).resolve().parents[2] / "docs/vectors"
ASSIGNMENT = json.loads((VECTORS / "assignment.json").read_bytes())["vectors"]
SHELVES = json.loads((VECTORS / "serving.json").read_bytes())["shelves"]


def test_the_buckets_are_the_published_ones() -> None:
    assert [bucket_of(one["unit"], one["salt"]) for one in ASSIGNMENT] == [one["bucket"] for one in ASSIGNMENT]


@pytest.mark.parametrize("vector", SHELVES, ids=lambda vector: vector["name"])
def test_the_published_vectors_hold(vector: dict[str, Any]) -> None:
    shelf, at = vector["shelf"], datetime.fromisoformat(vector["at"]).timestamp()
    rule = None if shelf["rule"] is None else read_rule(shelf["rule"])
    for answer in vector["answers"]:
        choice = choose(shelf["live"], shelf["new"], rule, Place(**answer["place"]), at)
        if choice is None:
            assert answer["choice"] is None
            continue
        assert answer["choice"] == {
            "release_id": shelf["new" if choice.is_new else "live"]["release_id"],
            "arm": choice.arm,
            "step": choice.step,
            "reason": choice.reason,
            "unit_hash": unit_hash(answer["place"]["unit"], choice.salt),
            "silent": shelf["new"]["release_id"] if choice.is_silent else None,
        }
