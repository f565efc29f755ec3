"""Request bodies of the API: one table of fields each, which both checks the body and writes its schema.

What must not live here: what is done with them.
"""

from __future__ import annotations

import json
from typing import Any

from flask import request

from webapp.domain.prompts.case_fields import CASE
from webapp.domain.prompts.faults import Fault, Faults
from webapp.domain.prompts.kinds import Anything, ListOf, MapOf, OrNull, Record, Slot, Text, YesNo
from webapp.domain.prompts.prompt_fields import LONGEST_PROMPT, PROMPT
from webapp.domain.prompts.suite import LIMIT_LINES
from webapp.errors import InvalidInput

DIGEST = Text(64, pattern=r"[0-9a-f]{64}", says="write the SHA-256 in 64 hexadecimal digits")
LINE = OrNull(Text(2_000, least=0))
CONTRIBUTOR = Record(
    {
        "name": Slot(Text(200, least=0), "the name as git records it"),
        "email": Slot(Text(254), "the mail address as git records it", required=True),
    }
)
_FREE = MapOf(Text(64), Anything(8, LONGEST_PROMPT), 60)


class SuiteKind:
    """A test set: its JSON lines as text, a list of cases, or the digest of a stored one."""

    def complaints(self, value: object, field: str) -> Any:
        """Only the form; what stands in the cases is checked line by line when the set is read."""
        if not isinstance(value, str | list):
            yield field, "must be JSON lines as text, a list of cases, or the digest of a stored test set"
        elif isinstance(value, list) and not 1 <= len(value) <= LIMIT_LINES:
            yield field, f"has {len(value)} cases; 1 to {LIMIT_LINES} are allowed"

    def schema(self) -> dict[str, object]:
        """Text or list."""
        return {"anyOf": [{"type": "string"}, {"type": "array", "items": CASE.schema(), "minItems": 1}]}


class VersionKind:
    """The guide's fields. The reader of prompt files checks them; ``name`` may be left out where ``prompt`` says it."""

    def complaints(self, value: object, field: str) -> Any:
        """Only that it is a mapping of a bounded size."""
        yield from _FREE.complaints(value, field)

    def schema(self) -> dict[str, object]:
        """The published schema of a prompt file, with the name optional."""
        schema = PROMPT.schema()
        required = [name for name in PROMPT.slots if PROMPT.slots[name].required and name != "name"]
        return {**schema, "required": required}


_SUBMISSION: dict[str, Slot] = {
    "prompt": Slot(OrNull(Text(64)), "the prompt's name; must be that of the file"),
    "title": Slot(LINE, "a title for lists, at most 200 characters"),
    "risk_class": Slot(LINE, "administrative, clinical or high_risk; proposed, not decided"),
    "changes": Slot(LINE, "what changes for patients and clinicians, at most 300 characters"),
    "intended_use": Slot(LINE, "what it is meant for, and for whom"),
    "not_for": Slot(LINE, "what it must not be used for"),
    "downtime_text": Slot(LINE, "what staff do while it is not available"),
    "model": Slot(OrNull(Text(120)), "the model to run on, one of model_compatibility"),
    "fallbacks": Slot(OrNull(ListOf(Text(120), 10)), "models to fall back to; each needs a complete run of its own"),
    "plan": Slot(OrNull(Anything(5)), "the rollout plan; the policy's plan for the class where left out"),
    "contributors": Slot(OrNull(ListOf(CONTRIBUTOR, 200)), "git authors and co-authors"),
    "suite": Slot(OrNull(SuiteKind()), "the test set; the live one's where left out"),
    "suite_contains_phi": Slot(OrNull(YesNo()), "whether the test set holds patient data"),
    "version": Slot(OrNull(VersionKind()), "the guide's fields of the prompt file; serialised once, here"),
    "file": Slot(
        OrNull(Text(LONGEST_PROMPT * 2)), "the prompt file itself as text, instead of version; kept byte for byte"
    ),
}
SUBMISSION = Record(_SUBMISSION)
REVISION = Record({"expected_digest": Slot(DIGEST, "the change's digest as last read", required=True), **_SUBMISSION})
MOVE = Record(
    {
        "expected_digest": Slot(DIGEST, "the change's digest as last read", required=True),
        "evidence": Slot(
            OrNull(Anything(8, LONGEST_PROMPT * 2)), "what the move needs: reason for withdraw, a submission for revise"
        ),
    }
)
WITHDRAWAL = Record({"reason": Slot(Text(2_000), "why, in your own words", required=True)})
NOTHING = Record({})
SUITE = Record(
    {
        "name": Slot(Text(200), "a name for lists", required=True),
        "suite": Slot(SuiteKind(), "the cases, as JSON lines or as a list", required=True),
        "contains_phi": Slot(OrNull(YesNo()), "whether the cases hold patient data"),
    }
)


def read_body(record: Record) -> dict[str, Any]:
    """The JSON body as the table allows it; InvalidInput names every field that is wrong or unknown."""
    try:
        document = json.loads(request.get_data(), object_pairs_hook=_without_duplicates)
    except (ValueError, RecursionError):
        raise InvalidInput("The body is not JSON; send one JSON object in UTF-8, each name once.") from None
    return checked(record, document, "the body")


def checked(record: Record, document: object, source: str) -> dict[str, Any]:
    """The document, good by the table."""
    faults = Faults()
    for field, sentence in record.complaints(document, ""):
        faults.add(Fault(source, field, sentence))
    faults.raise_if_any()
    assert isinstance(document, dict)
    return document


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) < len(pairs):
        raise ValueError("a name stands twice")
    return document
