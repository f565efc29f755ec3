"""The fields of a version, read from the very bytes whose digest is evaluated, signed and served, never from the column beside them.

Whoever could write to the database would else show reviewer and physician another text than the one they sign. What must not live
here: storing a version (``services.submission``).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from webapp.adapters.store.schema import Version
from webapp.adapters.yaml_source import read_yaml
from webapp.domain.prompts.prompt_file import PromptFile, prompt_document, read_prompt
from webapp.domain.prompts.template import placeholders
from webapp.domain.record.canonical import sha256_hex
from webapp.errors import Conflict


def file_of(version: Version) -> PromptFile:
    """The prompt file of this version; Conflict (``version_damaged``) where its bytes are no longer those of its digest."""
    if sha256_hex(version.content) != version.sha256:
        raise Conflict(
            f"The stored bytes of version {version.label} were changed in the database; nothing can be decided on it. "
            "Tell an administrator and an auditor.",
            code="version_damaged",
        )
    return _read(version.content)


def fields_of(version: Version) -> dict[str, Any]:
    """What the file states, by the names of the file, and the variables of its template; errors as ``file_of``."""
    file = file_of(version)
    return {**prompt_document(file), "placeholders": list(placeholders(file.user_template))}


@lru_cache(maxsize=64)
def _read(content: bytes) -> PromptFile:
    return read_prompt(read_yaml(content, "the version"), "the version")
