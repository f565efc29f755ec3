"""Form input becomes one file, and the file says what the form said."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.prompts.examples import FULL_PROMPT, PROMPT
from webapp.adapters.yaml_source import read_yaml
from webapp.domain.prompts.prompt_file import read_prompt
from webapp.domain.prompts.serialise import serialise_prompt
from webapp.errors import InvalidInput


def read_back(fields: dict[str, Any]) -> object:
    return read_prompt(read_yaml(serialise_prompt(fields), "form"), "form")


def test_the_layout_is_the_guides() -> None:
    assert serialise_prompt(PROMPT).decode() == (
        "name: clinical-summarization\n"
        'version: "2.0"\n'
        'description: "SOAP note from an encounter"\n'
        "model_compatibility:\n"
        "  - gpt-4o\n"
        "  - gemini-2.0-flash\n"
        "system_prompt: |\n"
        "  You write clinical notes.\n"
        "  Keep allergies.\n"
        "user_template: |\n"
        "  Summarize:\n"
        "  {encounter_text}\n"
        "parameters:\n"
        "  temperature: 0.2\n"
        "  max_tokens: 2000\n"
        "metadata:\n"
        "  author: clinical-ai-team\n"
        "  evaluation_score: 0.92\n"
        "  healthcare_reviewed: true\n"
    )


def test_the_same_fields_in_another_order_give_the_same_bytes() -> None:
    assert serialise_prompt(dict(reversed(FULL_PROMPT.items()))) == serialise_prompt(FULL_PROMPT)


def test_browser_line_ends_become_newlines() -> None:
    windows = PROMPT | {"system_prompt": PROMPT["system_prompt"].replace("\n", "\r\n")}
    assert serialise_prompt(windows) == serialise_prompt(PROMPT)


@pytest.mark.parametrize("name", ["null", "true", "yes", "off"])
def test_a_name_that_yaml_takes_for_something_else_is_quoted(name: str) -> None:
    assert read_back(PROMPT | {"name": name}) == read_prompt(PROMPT | {"name": name}, "form")


def test_faulty_fields_are_refused_all_at_once() -> None:
    with pytest.raises(InvalidInput, match="the form, field name") as found:
        serialise_prompt(PROMPT | {"version": 2.0, "name": "X"})
    assert len(found.value.details["faults"]) == 2


def test_form_input_nested_without_end_is_refused() -> None:
    deep: list[object] = []
    for _ in range(5_000):
        deep = [deep]
    with pytest.raises(InvalidInput, match="nested too deeply"):
        serialise_prompt(PROMPT | {"metadata": {"deep": deep}})


def test_a_control_character_is_refused_by_field() -> None:
    with pytest.raises(InvalidInput, match="field system_prompt: holds a control character"):
        serialise_prompt(PROMPT | {"system_prompt": "a\x07b"})


TEXTS = st.text(
    st.one_of(st.sampled_from(" \n\t:#-|>{}[]\"'\\&*!%@`,?x1\u2028\x85\ufeff\ufffe\u00a0é😀"), st.characters(exclude_categories=["Cs", "Cc"])),
    min_size=0,
    max_size=40,
).map(lambda text: "x" + text)  # fmt: skip
LOOSE_TEXTS = TEXTS.map(lambda text: text[1:] + "x") | TEXTS
NUMBERS = st.floats(-1e15, 1e15) | st.integers(-(2**53) + 1, 2**53 - 1)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | LOOSE_TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)


@given(LOOSE_TEXTS, LOOSE_TEXTS, LOOSE_TEXTS, st.dictionaries(TEXTS, VALUES, max_size=3), st.floats(0, 2))
def test_what_is_written_reads_back_equal(
    system_prompt: str, template: str, description: str, metadata: dict[str, Any], temperature: float
) -> None:
    fields = PROMPT | {
        "system_prompt": system_prompt,
        "user_template": template + "{a}" + template,
        "description": description,
        "metadata": metadata,
        "parameters": {"temperature": temperature, "stop": [description]},
    }
    assert read_back(fields) == read_prompt(fields, "form")
