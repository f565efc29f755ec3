"""Good documents that the tests of this room vary one fault at a time."""

from __future__ import annotations

import json
from typing import Any

PROMPT: dict[str, Any] = {
    "name": "clinical-summarization",
    "version": "2.0",
    "description": "SOAP note from an encounter",
    "model_compatibility": ["gpt-4o", "gemini-2.0-flash"],
    "system_prompt": "You write clinical notes.\nKeep allergies.\n",
    "user_template": "Summarize:\n{encounter_text}\n",
    "parameters": {"temperature": 0.2, "max_tokens": 2000},
    "metadata": {"author": "clinical-ai-team", "evaluation_score": 0.92, "healthcare_reviewed": True},
}
FULL_PROMPT: dict[str, Any] = PROMPT | {
    "changes": "Doses are now listed with their route.",
    "intended_use": "Notes of adult outpatients.",
    "not_for": "Triage.",
    "downtime_text": "Write the note by hand.",
    "risk_class": "clinical",
    "model": "gpt-4o",
    "fallbacks": ["gemini-2.0-flash"],
    "variables": ["encounter_text"],
    "parameters": {"temperature": 0, "top_p": 1, "seed": 7, "stop": ["END"], "presence_penalty": -0.5},
}
CASE: dict[str, Any] = {
    "id": "e1-001",
    "category": "unit",
    "inputs": {"encounter_text": "Takes metformin 500 mg twice daily."},
    "expected": {
        "reference": "Plan: metformin 500 mg twice daily.",
        "must_include": ["500 mg"],
        "must_not_include": [],
        "medications": [{"drug": "metformin", "dose": "500", "unit": "mg", "route": None, "frequency": "twice daily"}],
        "icd10": ["E11.9"],
        "identifiers": [{"type": "name", "text": "Ada Nwosu"}],
        "refusal": False,
        "canary": None,
    },
    "cluster": "pt-1",
    "subgroup": {"sex": "female"},
}


def changed(document: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """A deep copy with one field (``a.b.0.c``) set; setting ``...`` removes it."""
    copy = json.loads(json.dumps(document))
    *folders, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    place = copy
    for folder in folders:
        place = place[folder]
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return copy


def jsonl(*documents: object) -> bytes:
    """The documents one a line."""
    return b"".join(json.dumps(document).encode() + b"\n" for document in documents)
