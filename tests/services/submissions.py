"""Good submissions that tests vary one fault at a time, and a count of every stored row."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from sqlalchemy import func, select

from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Base
from webapp.domain.prompts.serialise import serialise_prompt
from webapp.domain.workflow import Actor
from webapp.services.submission import Submission
from webapp.services.suites import Imported, SuiteGiven, import_suite

PROMPT: dict[str, Any] = {
    "name": "clinical-summarization",
    "version": "1.0",
    "description": "A SOAP note from an encounter.",
    "changes": "Doses are listed with their route.",
    "intended_use": "Draft notes of adult outpatients, read by the clinician.",
    "not_for": "Triage or dosing.",
    "downtime_text": "Write the note by hand.",
    "risk_class": "clinical",
    "model_compatibility": ["offline-clinical-1"],
    "system_prompt": "You write clinical notes with Subjective, Objective, Assessment and Plan.\n",
    "user_template": "Summarize:\n{encounter_text}\n",
    "parameters": {"temperature": 0, "max_tokens": 800},
}


def prompt_bytes(**fields: Any) -> bytes:
    """The prompt as YAML; a field set to ``...`` is left out."""
    document = {name: value for name, value in {**PROMPT, **fields}.items() if value is not ...}
    return serialise_prompt(document)


def suite_bytes(count: int = 3, **fields: Any) -> bytes:
    """A test set of ``count`` small cases as JSON lines."""
    rows = [
        {
            "id": f"case-{number:03}",
            "category": "unit",
            "inputs": {"encounter_text": f"Visit {number}. Takes metformin 500 mg twice daily."},
            "expected": {"must_include": ["500 mg"]},
            **fields,
        }
        for number in range(1, count + 1)
    ]
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


def good(**changed: Any) -> Submission:
    """A submission that is taken, with these parts changed."""
    return replace(Submission(prompt=prompt_bytes(), suite=suite_bytes()), **changed)


def rows_of(outside: Outside) -> dict[str, int]:
    """How many rows each table has."""
    with outside.database.reading() as session:
        return {
            table.name: session.scalar(select(func.count()).select_from(table)) or 0
            for table in Base.metadata.sorted_tables
        }


def hand_in(outside: Outside, actor: Actor, content: bytes, name: str = "notes", **more: Any) -> Imported:
    """The test set is imported under this name."""
    return import_suite(outside, actor, SuiteGiven(content, name, **more))
