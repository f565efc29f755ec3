"""Manifest and revision digest: they name everything that is decided on, and move with each of it."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest

from webapp.domain.manifest import ManifestFacts, RevisionFacts, manifest_document
from webapp.domain.record.canonical import canonical, digest_of

REVISION = RevisionFacts(
    prompt_name="notes",
    version_number=3,
    prompt_sha256="a" * 64,
    model="offline-clinical-1",
    fallbacks=(),
    suites=("b" * 64,),
    risk_class="clinical",
    plan={"steps": []},
)
FACTS = ManifestFacts(
    change_id="chg_1",
    revision_number=1,
    parameters={"temperature": 0.2, "stop": ["END"]},
    run_id="run_1",
    result_sha256="c" * 64,
    verdict="pass",
    policy_sha256="d" * 64,
    baseline_manifest_sha256=None,
    contributors=("per_2", "per_1"),
    exceptions=(),
    changes="Doses with route.",
    intended_use="Drafts.",
    not_for="Triage.",
    downtime_text="By hand.",
)
OTHER: dict[type, Any] = {str: "other", int: 9, tuple: ("other",), dict: {"other": 1}, type(None): "e" * 64}


def other(value: object) -> Any:
    return OTHER[type(value)]


@pytest.mark.parametrize("name", [field.name for field in fields(RevisionFacts)])
def test_the_revision_digest_moves_with_every_part(name: str) -> None:
    changed = replace(REVISION, **{name: other(getattr(REVISION, name))})
    assert changed.digest() != REVISION.digest()


@pytest.mark.parametrize("name", [field.name for field in fields(ManifestFacts) if field.name != "exceptions"])
def test_the_manifest_moves_with_every_part(name: str) -> None:
    changed = replace(FACTS, **{name: other(getattr(FACTS, name))})
    assert digest_of(manifest_document(REVISION, changed)) != digest_of(manifest_document(REVISION, FACTS))


def test_the_manifest_moves_with_an_exception() -> None:
    changed = replace(FACTS, exceptions=({"measure": "completeness"},))
    assert manifest_document(REVISION, changed) != manifest_document(REVISION, FACTS)


def test_the_order_of_contributors_says_nothing() -> None:
    turned = replace(FACTS, contributors=tuple(reversed(FACTS.contributors)))
    assert manifest_document(REVISION, turned) == manifest_document(REVISION, FACTS)


def test_fractions_stand_as_text_so_that_the_bytes_are_canonical() -> None:
    document = manifest_document(REVISION, FACTS)
    assert document["parameters"] == {"temperature": "0.2", "stop": ["END"]}
    assert b'"temperature":"0.2"' in canonical(document)
