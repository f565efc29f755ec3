"""Secrets and identifiers in a prompt. Sentences name the kind and never repeat the value.

Identifiers are looked for by our own anchored recognisers alone: a check of a file must be quick, and the language model that
evaluations use takes seconds to start. Names without a title, label or common given name are therefore not noticed here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from webapp.domain.identifiers.kinds import DIRECT, words_for
from webapp.domain.identifiers.reading import find_anchored
from webapp.domain.prompts.lint_finding import LintFinding, line_of
from webapp.domain.prompts.prompt_file import PromptFile, prompt_document, texts_of

SENTENCE = "This looks like {what}; a prompt is read by many people and sent with every call. Remove it."
SENT_FIELDS = (
    "system_prompt",
    "user_template",
)  # a person may sign a file elsewhere in it, but is not named to the model
SECRETS = {
    "an API key": re.compile(
        r"\b(?:sk-[A-Za-z0-9_-]{16,}|(?:AKIA|ASIA)[0-9A-Z]{16}|AIza[0-9A-Za-z_-]{30,}|gh[pousr]_[A-Za-z0-9]{20,}"
        r"|github_pat_\w{20,}|glpat-[\w-]{16,}|xox[abeprs]-[A-Za-z0-9-]{10,}|xapp-[A-Za-z0-9-]{20,}|hf_[A-Za-z0-9]{20,}|npm_[A-Za-z0-9]{30,}"
        r"|pypi-[\w-]{30,}|SG\.[\w-]{16,}\.[\w-]{16,}|[rs]k_(?:live|test)_[A-Za-z0-9]{16,}|AccountKey=[A-Za-z0-9+/=]{30,}"
        r"|eyJ[\w-]{10,}\.eyJ[\w-]{10,})"
    ),
    "a private key": re.compile(r"-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----"),
    "a bearer token": re.compile(r"(?i)\bbearer[ \t]{1,3}(?=[A-Za-z._~+/=-]{0,200}[0-9])[A-Za-z0-9._~+/-]{16,}=*"),
    "a password in a web address": re.compile(
        r"\b[a-z][a-z0-9+.-]{1,20}://[^\s/:@{}<>]{0,64}:[^\s/@{}<>]{3,100}@[\w.-]{1,100}"
    ),
    "a password or token": re.compile(
        r"(?i)\b(?:api[_-]?key|secret|client[_-]?secret|access[_-]?key|token|password|passwd|pwd|authorization)\b"
        r"[ \t]?[:=][ \t]?[\"']?(?:basic )?"
        r"(?=[A-Za-z/+_.-]{0,80}[0-9])(?=[0-9/+_.-]{0,80}[A-Za-z])[A-Za-z0-9/+_.-]{20,}"
    ),
}
COUNTING = DIRECT - {"url", "ip"}  # a link to a guideline is no identifier


def privacy_findings(prompt: PromptFile, raw: str) -> Iterator[LintFinding]:
    """One finding per field and kind of secret (error) or identifier (warning); then what stands only in comments of the file."""
    texts = [*texts_of(prompt_document(prompt)), ("", raw)]
    for what, pattern in SECRETS.items():
        seen: set[str] = set()
        for field, text in texts:
            found = [match[0] for match in pattern.finditer(text) if field or match[0] not in seen]
            seen.update(found)
            if found:
                yield LintFinding("error", "secret", SENTENCE.format(what=what), field, line_of(raw, found[0]))
    known: set[str] = set()
    for field, text in texts:
        kinds: dict[str, str] = {}
        for kind, value in _identifiers(field, text):
            if field or value not in known:
                kinds.setdefault(kind, value)
            known.add(value)
        for kind, value in kinds.items():
            yield LintFinding(
                "warning", "identifier", SENTENCE.format(what=words_for(kind)), field, line_of(raw, value)
            )


def _identifiers(field: str, text: str) -> Iterator[tuple[str, str]]:
    """The sure ones with their values, names only where the model reads them."""
    for one in find_anchored(text):
        is_named = one.kind != "name" or field.startswith(SENT_FIELDS)
        if one.sure and one.kind in COUNTING and is_named:
            yield one.kind, text[one.start : one.end]
