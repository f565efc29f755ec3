"""Advice on a prompt that could be read: what must be mended (error) and what a person should look at (warning).

What must not live here: the form of the file (``prompt_fields``) and anything that needs a model or a suite. Sentences
never repeat a secret or an identifier.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import islice
from typing import Literal

from webapp.domain.prompts.characters import OddCharacter, odd_characters
from webapp.domain.prompts.lint_finding import LintFinding, line_of
from webapp.domain.prompts.lint_privacy import privacy_findings
from webapp.domain.prompts.prompt_file import PromptFile, prompt_document, texts_of
from webapp.domain.prompts.template import placeholders

HIGHEST_CLINICAL_TEMPERATURE = 0.7
CHARACTERS_PER_TOKEN = 4
MOST_PER_CODE = 20


def lint_prompt(prompt: PromptFile, *, raw: str, max_input_tokens: int | None = None) -> tuple[LintFinding, ...]:
    """All remarks on the prompt; ``raw`` is the file as text, so that comments are looked at too."""
    return (
        *_variable_findings(prompt, raw),
        *_character_findings(prompt, raw),
        *privacy_findings(prompt, raw),
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
            yield LintFinding("error", "undeclared_variable", sentence, "user_template", line_of(raw, f"{{{name}}}"))
    for name in prompt.variables:
        if name not in used:
            sentence = f"{name} is declared but the template does not use it; remove it or use {{{name}}}."
            yield LintFinding("warning", "unused_variable", sentence, "variables", line_of(raw, name))
    for name in placeholders(prompt.system_prompt)[:MOST_PER_CODE]:
        sentence = f"The system prompt holds {{{name}}}, which is sent as written; move it to user_template if it is a variable."
        yield LintFinding("warning", "literal_placeholder", sentence, "system_prompt", line_of(raw, f"{{{name}}}"))


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


def _parameter_findings(prompt: PromptFile, raw: str) -> Iterator[LintFinding]:
    if "max_tokens" not in prompt.parameters:
        sentence = "No max_tokens is set; an answer may become as long as the model likes. Set a limit."
        yield LintFinding("warning", "no_max_tokens", sentence, "parameters", line_of(raw, "parameters:"))
    temperature = prompt.parameters.get("temperature")
    clinical = prompt.risk_class != "administrative"
    if clinical and isinstance(temperature, (int, float)) and temperature > HIGHEST_CLINICAL_TEMPERATURE:
        sentence = f"The temperature is {temperature}; answers will vary much for clinical use. Use 0.7 or less."
        yield LintFinding(
            "warning", "high_temperature", sentence, "parameters.temperature", line_of(raw, "temperature:")
        )


def _model_findings(prompt: PromptFile, raw: str) -> Iterator[LintFinding]:
    stated = [("model", prompt.model), *(("fallbacks", name) for name in prompt.fallbacks)]
    for field, name in stated:
        if name is not None and name not in prompt.model_compatibility:
            sentence = f"{name} is not in model_compatibility; add it there or choose a model that is."
            yield LintFinding("error", "incompatible_model", sentence, field, line_of(raw, f"{field}:"))
    if prompt.model is not None and prompt.model in prompt.fallbacks:
        sentence = f"{prompt.model} is its own fallback; remove it from fallbacks."
        yield LintFinding("error", "own_fallback", sentence, "fallbacks", line_of(raw, "fallbacks:"))


def _size_findings(prompt: PromptFile, max_input_tokens: int | None) -> Iterator[LintFinding]:
    tokens = estimated_tokens(prompt)
    if max_input_tokens is not None and tokens > max_input_tokens:
        sentence = (
            f"The prompt alone takes about {tokens} tokens; the budget for input is {max_input_tokens}. Shorten it."
        )
        yield LintFinding("error", "over_input_budget", sentence, "system_prompt")
