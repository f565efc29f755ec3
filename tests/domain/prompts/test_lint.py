"""Lint: what must be mended and what a person should look at."""

from __future__ import annotations

from typing import Any

import pytest

from tests.domain.prompts.examples import FULL_PROMPT, PROMPT
from webapp.domain.prompts.lint import LintFinding, estimated_tokens, lint_prompt, unknown_variables
from webapp.domain.prompts.prompt_file import PromptFile, read_prompt
from webapp.domain.prompts.serialise import serialise_prompt

CLEAN: dict[str, Any] = FULL_PROMPT | {"parameters": {"max_tokens": 2000}}


def prompt_with(**fields: Any) -> PromptFile:
    return read_prompt(CLEAN | fields, "p.yaml")


def findings(raw: str | None = None, **fields: Any) -> dict[str, LintFinding]:
    text = serialise_prompt(CLEAN | fields).decode() if raw is None else raw
    return {finding.code: finding for finding in lint_prompt(prompt_with(**fields), raw=text)}


def test_a_clean_prompt_has_no_findings() -> None:
    assert findings() == {}


def test_an_undeclared_variable_is_an_error_with_its_line() -> None:
    fields = {"variables": ["other"], "user_template": "One\nTwo {encounter_text} {other}"}
    finding = findings(**fields)["undeclared_variable"]
    assert finding.level == "error" and finding.field == "user_template" and "{encounter_text}" in finding.sentence
    assert finding.line is not None
    lines = serialise_prompt(CLEAN | fields).decode().split("\n")
    assert lines[finding.line - 1] == "  Two {encounter_text} {other}"


def test_a_declared_variable_that_is_not_used_is_a_warning() -> None:
    finding = findings(variables=["encounter_text", "spare"])["unused_variable"]
    assert finding.level == "warning" and "spare" in finding.sentence


def test_nothing_declared_means_nothing_undeclared() -> None:
    assert findings(variables=[]) == {}


def test_a_placeholder_in_the_system_prompt_is_named_as_literal() -> None:
    assert findings(system_prompt="Use {language}.")["literal_placeholder"].level == "warning"


@pytest.mark.parametrize(
    ("letter", "code", "level"),
    [
        ("\u200b", "hidden_character", "error"),
        ("\u202e", "bidirectional_character", "error"),
        ("\uff21", "confusable_character", "warning"),
        ("\u00a0", "unusual_character", "warning"),
    ],
)
def test_odd_characters_are_found_in_every_text(letter: str, code: str, level: str) -> None:
    for field in ("system_prompt", "user_template", "description", "changes", "downtime_text"):
        finding = findings(**{field: f"text {{encounter_text}} {letter}{letter}"})[code]
        assert (finding.level, finding.field) == (level, field)
        assert f"U+{ord(letter):04X}" in finding.sentence and "1 more" in finding.sentence


def test_a_hidden_character_written_as_an_escape_is_found_without_a_line() -> None:
    finding = findings(raw='system_prompt: "a\\u200b"', system_prompt="a\u200b")["hidden_character"]
    assert finding.field == "system_prompt" and finding.line is None


def test_a_hidden_character_in_a_comment_is_found_with_its_line() -> None:
    finding = findings(raw="name: x\n# \u202e comment\n")["bidirectional_character"]
    assert (finding.level, finding.field, finding.line) == ("error", "", 2)


def test_a_hidden_character_in_a_metadata_name_is_found() -> None:
    assert findings(metadata={"au\u200bthor": "x"})["hidden_character"].field == "metadata"


@pytest.mark.parametrize(
    "secret",
    [
        "sk-" + "a1B2" * 6,
        "AKIA" + "A1B2C3D4" * 2,
        "ghp_" + "a1" * 12,
        "xoxb-" + "1234567890-a",
        "AIza" + "x1" * 18,
        "eyJhbGciOiJIUzI1.eyJzdWIiOiIxMjM0",
        "-----BEGIN RSA PRIVATE KEY-----",
        "-----BEGIN PRIVATE KEY-----",
        "api_key: " + "a1b2c3" * 4,
        "password = 'a1b2c3d4e5f6g7h8i9j0'",
        "Authorization: Bearer " + "a1b2c3d4" * 3,
        "postgresql://reader:s3cret-word@db.example.org/notes",
        "https://:hunter22@example.org",
        "sk_live_" + "a1B2c3D4" * 3,
    ],
)
def test_a_secret_is_an_error_and_never_repeated(secret: str) -> None:
    finding = findings(system_prompt=f"Line one.\nUse {secret} for it.")["secret"]
    assert finding.level == "error" and finding.field == "system_prompt" and finding.line is not None
    assert secret not in finding.sentence


def test_a_secret_in_a_comment_is_found() -> None:
    finding = findings(raw="a: 1\n# key AKIAA1B2C3D4A1B2C3D4\n")["secret"]
    assert (finding.field, finding.line) == ("", 2)


@pytest.mark.parametrize(
    "text",
    [
        "The token limit is 2000 tokens.",
        "password: ask the desk",
        "Use sk- as a prefix",
        "secret: none-of-it",
        "The bearer of this letter",
        "Write to https://example.org:8443/path",
        "see {user}:{name}@example",
    ],
)
def test_ordinary_words_are_no_secret(text: str) -> None:
    assert "secret" not in findings(system_prompt=text)


@pytest.mark.parametrize(
    "identifier",
    [
        "123-45-6789",
        "MRN 8841-207",
        "MRN: 00412345",
        "(555) 555-0142",
        "555-555-0142",
        "ada@example.org",
        "DOB 14/02/1961",
        "Mrs. Ottilie Fairweather",
        "Patient: Marta Delacroix",
        "14 Linden Row, Springfield, IL 62704",
        "Member ID XQJ468804211",
        "+44 20 7946 0958",
    ],
)
def test_an_identifier_is_a_warning_and_never_repeated(identifier: str) -> None:
    finding = findings(system_prompt=f"For example {identifier} here.")["identifier"]
    assert finding.level == "warning" and identifier not in finding.sentence


@pytest.mark.parametrize(
    "text",
    [
        "Give 500 mg at 10-12 h.",
        "ICD-10 codes such as E11.9",
        "BP 120/80, 2026-02-05",
        "Follow Dr. Osei's format.",
        "Crohn disease and Foley catheter",
        "See https://example.org/guideline/3",
        "Patient: {patient_name}",
    ],
)
def test_clinical_numbers_are_no_identifier(text: str) -> None:
    assert "identifier" not in findings(system_prompt=text)


def test_no_limit_of_the_answer_is_a_warning() -> None:
    assert findings(parameters={"temperature": 0.2})["no_max_tokens"].level == "warning"


@pytest.mark.parametrize(
    ("temperature", "risk_class", "warned"),
    [(0.7, "clinical", False), (0.8, "clinical", True), (0.8, "high_risk", True), (0.8, None, True),
     (1.5, "administrative", False)],
)  # fmt: skip
def test_a_high_temperature_is_a_warning_unless_administrative(
    temperature: float, risk_class: str | None, warned: bool
) -> None:
    found = findings(parameters={"temperature": temperature, "max_tokens": 5}, risk_class=risk_class)
    assert ("high_temperature" in found) is warned


def test_a_model_outside_the_compatibility_list_is_an_error() -> None:
    assert findings(model="other")["incompatible_model"].field == "model"
    assert findings(fallbacks=["other"])["incompatible_model"].field == "fallbacks"


def test_a_model_is_not_its_own_fallback() -> None:
    assert findings(fallbacks=["gpt-4o"])["own_fallback"].level == "error"


def test_the_token_estimate_is_a_quarter_of_the_characters_rounded_up() -> None:
    assert estimated_tokens(prompt_with(system_prompt="x" * 9, user_template="{abc}")) == 4


def test_a_prompt_over_the_input_budget_is_an_error() -> None:
    prompt = prompt_with(system_prompt="x" * 400)
    tokens = estimated_tokens(prompt)
    assert not lint_prompt(prompt, raw="", max_input_tokens=tokens)
    over = lint_prompt(prompt, raw="", max_input_tokens=tokens - 1)
    assert [(finding.code, finding.level) for finding in over] == [("over_input_budget", "error")]


def test_variables_without_an_input_are_named_in_order() -> None:
    prompt = read_prompt(PROMPT | {"user_template": "{b} {a} {c}"}, "p")
    assert unknown_variables(prompt, ["a"]) == ("b", "c")
    assert unknown_variables(prompt, {"a", "b", "c"}) == ()
