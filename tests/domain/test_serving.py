"""Serving: what a shelf gives to whom, as published for everybody who decides by themselves."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from webapp.domain.cohorts import Place
from webapp.domain.decision import unit_hash
from webapp.domain.serving import choose, decisions_of
from webapp.domain.serving_document import read_shelf_document, shelf_document

SHELVES = json.loads((Path(__file__).resolve().parents[2] / "docs/vectors/serving.json").read_bytes())["shelves"]


@pytest.mark.parametrize("vector", SHELVES, ids=lambda vector: vector["name"])
def test_the_published_vectors_hold(vector: dict[str, Any]) -> None:
    shelf, at = read_shelf_document(vector["shelf"]), datetime.fromisoformat(vector["at"])
    assert shelf_document(shelf) == vector["shelf"]
    for answer in vector["answers"]:
        choice = choose(shelf, Place(**answer["place"]), at)
        if choice is None:
            assert answer["choice"] is None
            continue
        assert answer["choice"] == {
            "release_id": choice.offered.release_id,
            "arm": choice.arm,
            "step": choice.step,
            "reason": choice.reason,
            "unit_hash": unit_hash(answer["place"]["unit"], choice.salt),
            "silent": None if choice.silent is None else choice.silent.release_id,
        }
        assert (choice.offered.release_id, choice.arm, choice.step) in decisions_of(shelf)


def test_the_vectors_meet_every_arm_and_reason() -> None:
    choices = [answer["choice"] for vector in SHELVES for answer in vector["answers"] if answer["choice"]]
    assert {choice["arm"] for choice in choices} == {"live", "candidate", "shadowed"}
    assert {choice["reason"] for choice in choices} == {"SPLIT", "STATIC", "TARGETING_MATCH"}
    assert {choice["silent"] for choice in choices} == {None, "rel_new"}
