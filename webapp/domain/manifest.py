"""Revision digest and release manifest: the canonical documents that decisions are bound to.

What must not live here: signatures over them (``record``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from webapp.domain.record.canonical import digest_of, normalised


@dataclass(frozen=True)
class RevisionFacts:
    """What a revision is made of. Digests are SHA-256 in hexadecimal; ``plan`` is the plan's document."""

    prompt_name: str
    version_number: int
    prompt_sha256: str
    model: str
    fallbacks: tuple[str, ...]
    suites: tuple[str, ...]
    risk_class: str
    plan: dict[str, Any]

    def document(self) -> dict[str, Any]:
        """What the revision digest is computed over."""
        document: dict[str, Any] = normalised(
            {
                "prompt": {"name": self.prompt_name, "version": self.version_number, "sha256": self.prompt_sha256},
                "model": self.model,
                "fallbacks": list(self.fallbacks),
                "suites": list(self.suites),
                "risk_class": self.risk_class,
                "plan": self.plan,
            }
        )
        return document

    def digest(self) -> str:
        """The revision digest: the expected digest until an evaluation has finished."""
        return digest_of(self.document())


@dataclass(frozen=True)
class ManifestFacts:
    """What a manifest adds to its revision. ``contributors`` are ids of people or ``external``; ``exceptions`` documents."""

    change_id: str
    revision_number: int
    parameters: dict[str, Any]
    run_id: str
    result_sha256: str
    verdict: str
    policy_sha256: str
    baseline_manifest_sha256: str | None
    contributors: Sequence[str]
    exceptions: Sequence[dict[str, Any]]
    changes: str
    intended_use: str
    not_for: str
    downtime_text: str
    live_answers_recorded_on: str | None = None
    fallback_evaluations: Sequence[dict[str, Any]] = ()


def manifest_document(revision: RevisionFacts, facts: ManifestFacts) -> dict[str, Any]:
    """The release manifest: everything that reviewer and physician sign, by digest."""
    document: dict[str, Any] = normalised(
        {
            "kind": "prompt-formulary/release-manifest/v1",
            "change": {"id": facts.change_id, "revision": facts.revision_number},
            **revision.document(),
            "parameters": _without_floats(facts.parameters),
            "evaluation": _evaluation(facts),
            "policy_sha256": facts.policy_sha256,
            "baseline_manifest_sha256": facts.baseline_manifest_sha256,
            "contributors": sorted(facts.contributors),
            "exceptions": list(facts.exceptions),
            "texts": {
                "changes": facts.changes,
                "intended_use": facts.intended_use,
                "not_for": facts.not_for,
                "downtime": facts.downtime_text,
            },
        }
    )
    return document


def _evaluation(facts: ManifestFacts) -> dict[str, Any]:
    """The run and its result, those of each fallback model, and the day of the live answers where they were not asked anew."""
    document: dict[str, Any] = {"run": facts.run_id, "result_sha256": facts.result_sha256, "verdict": facts.verdict}
    if facts.live_answers_recorded_on is not None:
        document["live_answers_recorded_on"] = facts.live_answers_recorded_on
    if facts.fallback_evaluations:
        document["fallbacks"] = list(facts.fallback_evaluations)
    return document


def _without_floats(value: Any) -> Any:
    """Numbers with a fraction as their shortest decimal text: canonical JSON of the record has no floats."""
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, dict):
        return {key: _without_floats(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_without_floats(item) for item in value]
    return value
