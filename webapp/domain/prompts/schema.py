"""The published JSON Schemas (draft 2020-12), written from the same tables that the readers use."""

from __future__ import annotations

from webapp.domain.prompts.case_fields import CASE
from webapp.domain.prompts.prompt_fields import PROMPT

DRAFT = "https://json-schema.org/draft/2020-12/schema"


def prompt_schema() -> dict[str, object]:
    """The schema of a prompt file."""
    return {"$schema": DRAFT, "title": "Prompt file", "description": "One version of a prompt."} | PROMPT.schema()


def case_schema() -> dict[str, object]:
    """The schema of one line of a suite; that ids are unique in the suite no schema of a line can say."""
    return {"$schema": DRAFT, "title": "Test case", "description": "One line of test-cases.jsonl."} | CASE.schema()
