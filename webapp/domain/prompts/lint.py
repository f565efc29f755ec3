"""Advice on a prompt that could be read: what must be mended (error) and what a person should look at (warning).

What must not live here: the form of the file (``prompt_fields``) and anything that needs a model or a suite. Sentences
never repeat a secret or an identifier.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from webapp.domain.prompts.characters import OddCharacter, odd_characters
from webapp.domain.prompts.prompt_file import PromptFile, prompt_document, texts_of
from webapp.domain.prompts.template import placeholders

HIGHEST_CLINICAL_TEMPERATURE = 0.7
CHARACTERS_PER_TOKEN = 4
MOST_PER_CODE = 20

_SECRETS = {
    "an API key": re.compile(
        r"\b(?:sk-[A-Za-z0-9_-]{16,}|AKIA[0-9A-Z]{16}|AIza[0-9A-Za-z_-]{30,}|gh[pousr]_[A-Za-z0-9]{20,}"
        r"|github_pat_\w{20,}|glpat-[\w-]{16,}|xox[abeprs]-[A-Za-z0-9-]{10,}|hf_[A-Za-z0-9]{20,}|eyJ[\w-]{10,}\.eyJ[\w-]{10,})"
    ),
    "a private key": re.compile(r"-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----"),
    "a password or token": re.compile(
        r"(?i)\b(?:api[_-]?key|secret|token|password|passwd|authorization)\b[ \t]?[:=][ \t]?[\"']?(?:bearer )?"
        r"(?=[A-Za-z/+_.-]{0,80}[0-9])(?=[0-9/+_.-]{0,80}[A-Za-z])[A-Za-z0-9/+_.-]{20,}"
    ),
}
_IDENTIFIERS = {
    "a social security number": re.compile(r"(?<![\d-])\d{3}-\d{2}-\d{4}(?![\d-])"),
    "a medical record number": re.compile(r"(?i)\bMRN\b[\s:#]{0,3}[A-Z]{0,3}\d[\d-]{3,20}"),
    "a date of birth": re.compile(r"(?i)\b(?:DOB|date of birth)\b[\s:]{0,3}\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4}"),
    "a telephone number": re.compile(r"(?<![\d-])(?:\+?\d{1,2}[ .-])?\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}(?![\d-])"),
    "a mail address": re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}\.[\w.-]{2,63}"),
}


@dataclass(frozen=True)
class LintFinding:
    """One remark; ``line`` counts from 1 in the file, None where the text stands there in another form."""

    level: Literal["error", "warning"]
    code: str
    sentence: str
    field: str
    line: int | None = None


def lint_prompt(prompt: PromptFile, *, raw: str, max_input_tokens: int | None = None) -> tuple[LintFinding, ...]:
    """All remarks on the prompt; ``raw`` is the file as text, so that comments are looked at too."""
    return (
        *_variable_findings(prompt, raw),
        *_character_findings(prompt, raw),
        *_pattern_findings(prompt, raw, _SECRETS, "error", "secret"),
        *_pattern_findings(prompt, raw, _IDENTIFIERS, "warning", "identifier"),
        *_parameter_findings(prompt, raw),
        *_model_findings(prompt, raw),
        *_size_findings(prompt, max_input_tokens),
    )


def unknown_variables(prompt: PromptFile, inputs_available: Collection[str]) -> tuple[str, ...]:
    """The template's variables for which the inputs have no value, in order of first use."""
    return tuple(name for name in placeholders(prompt.user_template) if name not in inputs_available)


def estimated_tokens(prompt: PromptFile) -> int:
    """About how many tokens the prompt takes before an input is filled in (characters / 4, rounded up)."""
    return -(-(len(prompt.system_prompt) + len(prompt.user_template)) // CHARACTERS_PER_TOKEN)


def _variable_findings(prompt: PromptFile, raw: str) -> Iterator[LintFinding]:
    used = placeholders(prompt.user_template)
    if prompt.variables:
        for name in islice((name for name in used if name not in prompt.variables), MOST_PER_CODE):
            sentence = (
                f"The template uses {{{name}}}, which variables does not declare; declare it or correct the name."
            )
            yield LintFinding("error", "undeclared_variable", sentence, "user_template", _line_of(raw, f"{{{name}}}"))
    for name in prompt.variables:
        if name not in used:
            sentence = f"{name} is declared but the template does not use it; remove it or use {{{name}}}."
            yield LintFinding("warning", "unused_variable", sentence, "variables", _line_of(raw, name))
    for name in placeholders(prompt.system_prompt)[:MOST_PER_CODE]:
        sentence = f"The system prompt holds {{{name}}}, which is sent as written; move it to user_template if it is a variable."
        yield LintFinding("warning", "literal_placeholder", sentence, "system_prompt", _line_of(raw, f"{{{name}}}"))


def _character_findings(prompt: PromptFile, raw: str) -> Iterator[LintFinding]:
    """One finding per field and kind of odd character; what stands only in comments has no field."""
    first_line: dict[str, int] = {}
    for odd in (in_file := odd_characters(raw)):
        first_line.setdefault(odd.code_point, odd.line)
    seen: set[str] = set()
    for field, text in texts_of(prompt_document(prompt)):
        found = odd_characters(text)
        seen.update(odd.code_point for odd in found)
        yield from (_character_finding(group, field, first_line) for group in _by_kind(found))
    outside = tuple(odd for odd in in_file if odd.code_point not in seen)
    yield from (_character_finding(group, "", first_line) for group in _by_kind(outside))


def _by_kind(found: tuple[OddCharacter, ...]) -> list[list[OddCharacter]]:
    groups: dict[str, list[OddCharacter]] = {}
    for odd in found:
        groups.setdefault(odd.kind, []).append(odd)
    return list(groups.values())


def _character_finding(group: list[OddCharacter], field: str, first_line: dict[str, int]) -> LintFinding:
    first = group[0]
    level: Literal["error", "warning"] = "error" if first.kind in ("hidden", "bidirectional") else "warning"
    step = "remove it" if level == "error" else "check that it is meant"
    more = f" and {len(group) - 1} more of its kind" if len(group) > 1 else ""
    sentence = f"There is a {first.kind} character {first.code_point} ({first.name}){more}; {step}."
    return LintFinding(level, f"{first.kind}_character", sentence, field, first_line.get(first.code_point))


def _pattern_findings(
    prompt: PromptFile, raw: str, patterns: dict[str, re.Pattern[str]], level: Literal["error", "warning"], code: str
) -> Iterator[LintFinding]:
    """One finding per field and pattern; then what stands only in comments of the file."""
    texts = [*texts_of(prompt_document(prompt)), ("", raw)]
    for what, pattern in patterns.items():
        seen: set[str] = set()
        for field, text in texts:
            found = [match[0] for match in pattern.finditer(text) if field or match[0] not in seen]
            seen.update(found)
            if found:
                sentence = (
                    f"This looks like {what}; a prompt is read by many people and sent with every call. Remove it."
                )
                yield LintFinding(level, code, sentence, field, _line_of(raw, found[0]))


def _parameter_findings(prompt: PromptFile, raw: str) -> Iterator[LintFinding]:
    if "max_tokens" not in prompt.parameters:
        sentence = "No max_tokens is set; an answer may become as long as the model likes. Set a limit."
        yield LintFinding("warning", "no_max_tokens", sentence, "parameters", _line_of(raw, "parameters:"))
    temperature = prompt.parameters.get("temperature")
    clinical = prompt.risk_class != "administrative"
    if clinical and isinstance(temperature, (int, float)) and temperature > HIGHEST_CLINICAL_TEMPERATURE:
        sentence = f"The temperature is {temperature}; answers will vary much for clinical use. Use 0.7 or less."
        yield LintFinding(
            "warning", "high_temperature", sentence, "parameters.temperature", _line_of(raw, "temperature:")
        )


def _model_findings(prompt: PromptFile, raw: str) -> Iterator[LintFinding]:
    stated = [("model", prompt.model), *(("fallbacks", name) for name in prompt.fallbacks)]
    for field, name in stated:
        if name is not None and name not in prompt.model_compatibility:
            sentence = f"{name} is not in model_compatibility; add it there or choose a model that is."
            yield LintFinding("error", "incompatible_model", sentence, field, _line_of(raw, f"{field}:"))
    if prompt.model is not None and prompt.model in prompt.fallbacks:
        sentence = f"{prompt.model} is its own fallback; remove it from fallbacks."
        yield LintFinding("error", "own_fallback", sentence, "fallbacks", _line_of(raw, "fallbacks:"))


def _size_findings(prompt: PromptFile, max_input_tokens: int | None) -> Iterator[LintFinding]:
    tokens = estimated_tokens(prompt)
    if max_input_tokens is not None and tokens > max_input_tokens:
        sentence = (
            f"The prompt alone takes about {tokens} tokens; the budget for input is {max_input_tokens}. Shorten it."
        )
        yield LintFinding("error", "over_input_budget", sentence, "system_prompt")


def _line_of(raw: str, wanted: str) -> int | None:
    """The line of the first occurrence, from 1; None where the file writes it in another form."""
    place = raw.find(wanted)
    return raw.count("\n", 0, place) + 1 if place >= 0 else None
