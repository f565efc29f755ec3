"""Templates: ``{name}`` in the user template is replaced once, everything else is literal.

``{context}`` stands for the retrieved texts of a case, one ``[id] text`` after the other; a case that gives its own input named
context keeps it.

What must not live here: any other template language, and the checks of a prompt file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from webapp.domain.prompts.prompt_file import PromptFile
from webapp.domain.prompts.suite import Case, Chunk
from webapp.errors import InvalidInput

CONTEXT = "context"
PLACEHOLDER = re.compile(r"\{([a-z_][a-z0-9_]*)\}")


@dataclass(frozen=True)
class Message:
    """One message to a model; ``role`` is ``system`` or ``user``."""

    role: str
    text: str


def placeholders(template: str) -> tuple[str, ...]:
    """The names of the template's placeholders, each once, in the order of first use."""
    return tuple(dict.fromkeys(PLACEHOLDER.findall(template)))


def fill(template: str, values: Mapping[str, str]) -> str:
    """The template with every placeholder replaced in one pass; values are never looked at for placeholders."""
    missing = [name for name in placeholders(template) if name not in values]
    if missing:
        raise InvalidInput(
            f"The template asks for {', '.join(missing[:10])}, but no value was given; add it to the inputs.",
            details={"missing": missing},
        )
    return PLACEHOLDER.sub(lambda found: values[found[1]], template)


def template_values(case: Case) -> Mapping[str, str]:
    """A value for each variable that a template may use for this case."""
    if not case.context or CONTEXT in case.inputs:
        return case.inputs
    return {**case.inputs, CONTEXT: context_text(case.context)}


def context_text(chunks: Sequence[Chunk]) -> str:
    """The retrieved texts, each begun by its id in brackets; further lines are indented, so that no text can pass for another."""
    return "\n".join(f"[{' '.join(chunk.id.split())}] " + "\n  ".join(chunk.text.splitlines()) for chunk in chunks)


def messages(prompt: PromptFile, inputs: Mapping[str, str]) -> tuple[Message, ...]:
    """What the model is sent. The system prompt goes as written: text of the encounter never enters it."""
    return Message("system", prompt.system_prompt), Message("user", fill(prompt.user_template, inputs))
