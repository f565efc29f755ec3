"""The prompt file: the guide's fields and a few of ours, read with all faults at once.

What must not live here: YAML (an adapter reads it), advice on content (``lint``), writing (``serialise``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from webapp.domain.prompts.faults import Fault, Faults
from webapp.domain.prompts.prompt_fields import PROMPT

CLAIMS = ("evaluation_score", "healthcare_reviewed")
STATED_ONLY = "stated by the author, not used"


@dataclass(frozen=True)
class PromptFile:
    """One version of a prompt as its author wrote it; ``label`` is the file's own ``version``."""

    name: str
    label: str
    description: str
    model_compatibility: tuple[str, ...]
    system_prompt: str
    user_template: str
    parameters: Mapping[str, object] = field(default_factory=dict)
    metadata: Mapping[str, object] = field(default_factory=dict)
    variables: tuple[str, ...] = ()
    changes: str | None = None
    intended_use: str | None = None
    not_for: str | None = None
    downtime_text: str | None = None
    risk_class: str | None = None
    model: str | None = None
    fallbacks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Claim:
    """Something the author states about the prompt; ``standing`` says what we make of it."""

    name: str
    value: object
    standing: str = STATED_ONLY


def read_prompt(document: object, source: str) -> PromptFile:
    """The prompt that the document describes; InvalidInput with every fault otherwise."""
    faults = Faults()
    for where, sentence in PROMPT.complaints(document, ""):
        faults.add(Fault(source, where, sentence))
    faults.raise_if_any()
    assert isinstance(document, dict)  # the table refuses anything else
    return _prompt(document)


def prompt_document(prompt: PromptFile) -> dict[str, Any]:
    """The prompt under the names of the file, in the guide's order; what is not stated is left out."""
    fields = {"name": prompt.name, "version": prompt.label, **vars(prompt)}
    fields.pop("label")
    document = {name: list(value) if isinstance(value, tuple) else value for name, value in fields.items()}
    return {name: document[name] for name in PROMPT.slots if document[name] not in (None, [], {})}


def claims(prompt: PromptFile) -> tuple[Claim, ...]:
    """What the author claims in the metadata; none of it decides anything."""
    return tuple(Claim(name, prompt.metadata[name]) for name in CLAIMS if name in prompt.metadata)


def texts_of(value: object, field: str = "") -> Iterator[tuple[str, str]]:
    """Every text in a document with the field it stands in; names chosen by the author count as texts too."""
    if isinstance(value, str):
        yield field, value
    elif isinstance(value, list):
        for item in value:
            yield from texts_of(item, field)
    elif isinstance(value, dict):
        for name, item in value.items():
            if field:
                yield field, name
            yield from texts_of(item, f"{field}.{name}" if field else name)


def _prompt(document: dict[str, Any]) -> PromptFile:
    """The prompt of a document that the table found good."""
    stated: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in document.items()
        if value is not None
    }
    return PromptFile(label=stated.pop("version"), **stated)
