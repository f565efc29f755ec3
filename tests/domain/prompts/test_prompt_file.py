"""Prompt files: what is read, and each fault with its sentence."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.prompts.examples import FULL_PROMPT, PROMPT, changed
from webapp.domain.prompts.faults import LISTED_FAULTS
from webapp.domain.prompts.prompt_file import claims, prompt_document, read_prompt
from webapp.errors import InvalidInput


def refusal(document: object) -> InvalidInput:
    with pytest.raises(InvalidInput) as found:
        read_prompt(document, "p.yaml")
    return found.value


def test_the_guides_prompt_is_read() -> None:
    prompt = read_prompt(PROMPT, "p.yaml")
    assert (prompt.name, prompt.label) == ("clinical-summarization", "2.0")
    assert prompt.model_compatibility == ("gpt-4o", "gemini-2.0-flash")
    assert prompt.parameters == {"temperature": 0.2, "max_tokens": 2000}
    assert prompt.changes is None and prompt.variables == () and prompt.fallbacks == ()


def test_every_optional_field_is_read_and_written_back() -> None:
    prompt = read_prompt(FULL_PROMPT, "p.yaml")
    assert prompt.risk_class == "clinical" and prompt.fallbacks == ("gemini-2.0-flash",)
    assert prompt_document(prompt) == FULL_PROMPT


def test_an_empty_optional_field_means_not_stated() -> None:
    prompt = read_prompt(PROMPT | {"parameters": None, "metadata": None, "model": None, "variables": None}, "p.yaml")
    assert prompt.parameters == {} and prompt.metadata == {} and prompt.model is None and prompt.variables == ()


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("name", ..., "is missing"),
        ("name", "Clinical", "lower-case"),
        ("name", "ab", "lower-case"),
        ("name", "a" * 65, "at most 64"),
        ("name", "ab-\n", "lower-case"),
        ("version", 2.0, 'write version: "2.0" with quotes'),
        ("version", 2, 'write version: "2" with quotes'),
        ("version", 10**400, "with quotes"),
        ("version", True, "must be text, not true"),
        ("version", "", "is empty"),
        ("version", "1 0", "letters, digits"),
        ("version", "1" * 33, "at most 32"),
        ("description", None, "must be text"),
        ("description", "  \n", "is blank"),
        ("changes", "x" * 301, "at most 300"),
        ("risk_class", "low", "administrative, clinical, high_risk"),
        ("risk_class", ["clinical"], "must be one of"),
        ("model_compatibility", [], "1 to 50"),
        ("model_compatibility", ["a", "a"], "twice"),
        ("model_compatibility", "gpt-4o", "must be a list"),
        ("model_compatibility", [4.0], 'write "4.0" with quotes'),
        ("model", "two words", "without spaces"),
        ("variables", ["Encounter"], "lower-case"),
        ("system_prompt", "nul \0", "NUL"),
        ("system_prompt", "half \ud800", "half a character"),
        ("user_template", "no variable, {Not} {0}", "no placeholder"),
        ("parameters", [], "must be a mapping"),
        ("parameters.temperature", 2.1, "from 0 to 2"),
        ("parameters.temperature", float("nan"), "from 0 to 2"),
        ("parameters.temperature", True, "must be a number, not true"),
        ("parameters.temperature", "0.2", "must be a number, not text"),
        ("parameters.max_tokens", 0, "from 1 to 200000"),
        ("parameters.max_tokens", 5.5, "whole number"),
        ("parameters.top_p", -0.1, "from 0 to 1"),
        ("parameters.seed", 2**60, "must be from"),
        ("parameters.stop", "END", "must be a list"),
        ("parameters.frequency_penalty", 3, "from -2 to 2"),
        ("parameters.temprature", 0.2, "did you mean temperature"),
        ("metadata.score", float("inf"), "too large a number"),
        ("metadata.deep", [[[[[[[[1]]]]]]]], "nested too deeply"),
        ("sytem_prompt", "x", "did you mean system_prompt"),
        ("zzz", "x", "known are name, version"),
    ],
)
def test_a_fault_names_its_field(path: str, value: Any, words: str) -> None:
    document = PROMPT | {}
    if value is ...:
        document.pop(path)
    elif "." in path:
        outer, inner = path.split(".")
        document[outer] = document[outer] | {inner: value}
    else:
        document[path] = value
    error = refusal(document)
    fault = error.details["faults"][0]
    assert fault["field"].split("[")[0] == path
    assert words in fault["sentence"]
    assert error.sentence == f"p.yaml, field {fault['field']}: {fault['sentence']}"


def test_all_faults_are_collected_and_the_sentence_counts_them() -> None:
    error = refusal(changed(changed(PROMPT, "version", 2.0), "parameters.max_tokens", 0) | {"extra": 1})
    assert [row["field"] for row in error.details["faults"]] == ["version", "parameters.max_tokens", "extra"]
    assert error.sentence.endswith("(2 more faults)")


def test_a_thousand_faults_are_counted_and_fifty_listed() -> None:
    error = refusal(PROMPT | {f"key{number}": 1 for number in range(1000)})
    assert len(error.details["faults"]) == LISTED_FAULTS
    assert error.details["count"] == 1000


@pytest.mark.parametrize("document", [None, [], "text", 5, {1: 2}])
def test_what_is_no_mapping_of_fields_is_refused(document: object) -> None:
    assert refusal(document).details["faults"]


def test_a_key_with_hidden_characters_is_shown_by_number() -> None:
    assert "<U+202E>" in refusal(PROMPT | {"na\u202eme": 1}).sentence


def test_claims_are_shown_and_not_used() -> None:
    found = claims(read_prompt(PROMPT, "p.yaml"))
    assert [(claim.name, claim.value) for claim in found] == [("evaluation_score", 0.92), ("healthcare_reviewed", True)]
    assert {claim.standing for claim in found} == {"stated by the author, not used"}


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), st.lists, max_leaves=5))
def test_any_value_in_any_field_is_read_or_refused(value: object) -> None:
    for name in FULL_PROMPT:
        try:
            read_prompt(FULL_PROMPT | {name: value}, "p.yaml")
        except InvalidInput as error:
            assert error.details["faults"]
