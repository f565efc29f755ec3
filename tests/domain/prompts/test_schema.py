"""The published schemas are the tables' own, and agree with the readers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.domain.prompts.examples import CASE, FULL_PROMPT, PROMPT, changed, jsonl
from webapp.domain.prompts.prompt_file import read_prompt
from webapp.domain.prompts.schema import case_schema, prompt_schema
from webapp.domain.prompts.suite import read_suite
from webapp.errors import InvalidInput

DOCS = Path(__file__).parents[3] / "docs"

PROMPT_CHANGES: list[tuple[str, Any]] = [
    ("name", "Upper"), ("name", "ab"), ("name", "abc"), ("name", ...), ("version", 2.0), ("version", "2.0_a-b"),
    ("version", "a b"), ("description", " "), ("description", ...), ("changes", "x" * 300), ("changes", "x" * 301),
    ("changes", None), ("risk_class", "high_risk"), ("risk_class", "low"), ("risk_class", None), ("model", "a b"),
    ("model", "azure/gpt-4o"), ("fallbacks", []), ("fallbacks", ["a", "a"]), ("variables", ["a_b", "A"]),
    ("model_compatibility", []), ("model_compatibility", "x"), ("system_prompt", ""), ("user_template", "none"),
    ("user_template", "{a}"), ("parameters", None), ("parameters.temperature", 2), ("parameters.temperature", 2.01),
    ("parameters.temperature", True), ("parameters.max_tokens", 1.5), ("parameters.max_tokens", 200_001),
    ("parameters.stop", ["a"]), ("parameters.stop", [""]), ("parameters.wrong", 1), ("metadata.any", {"x": [1, None]}),
    ("metadata", []), ("wrong", 1),
]  # fmt: skip
CASE_CHANGES: list[tuple[str, Any]] = [
    ("id", ...), ("id", "-a"), ("id", "a:b.c_d-e"), ("category", "cost"), ("category", "other"), ("inputs", {}),
    ("inputs", {"A": "x"}), ("inputs", {"a": ""}), ("inputs", {"a": 5}), ("context", [{"id": "a", "text": "b"}]),
    ("context", [{"id": "a"}]), ("expected", ...), ("expected", {}), ("expected", None), ("expected.reference", None),
    ("expected.must_include", [" "]), ("expected.medications.0.dose", 5), ("expected.medications.0.dose", "0.05"),
    ("expected.medications.0.dose", ".5"), ("expected.medications.0.dose", None), ("expected.medications.0.drug", None),
    ("expected.medications.0.x", 1), ("expected.icd10", ["U07.1"]), ("expected.icd10", ["?"]), ("expected.icd10", ["A00", "A00"]),
    ("expected.identifiers.0.type", "MRN"), ("expected.refusal", 1), ("expected.canary", "X-1"), ("expected.canary", ""),
    ("cluster", None), ("cluster", 5), ("subgroup", {"sex": ""}), ("wrong", 1),
    ("supersedes", "a-1"), ("supersedes", "a 1"), ("supersedes", None), ("provenance", {"run": "run_1"}),
    ("provenance", {"run": 1}), ("provenance", {"Run": "x"}),
]  # fmt: skip


def reads(reader: Any, *arguments: Any) -> bool:
    try:
        reader(*arguments)
    except InvalidInput:
        return False
    return True


@pytest.mark.parametrize(("file", "schema"), [("prompt", prompt_schema()), ("suite", case_schema())])
def test_the_published_file_is_what_the_tables_say(file: str, schema: dict[str, Any]) -> None:
    Draft202012Validator.check_schema(schema)
    assert (DOCS / f"{file}.schema.json").read_text("utf-8") == json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def test_the_good_documents_are_good_to_both() -> None:
    assert all(Draft202012Validator(prompt_schema()).is_valid(document) for document in (PROMPT, FULL_PROMPT))
    assert Draft202012Validator(case_schema()).is_valid(CASE)
    assert reads(read_prompt, FULL_PROMPT, "p") and reads(read_suite, jsonl(CASE), "s")


@pytest.mark.parametrize(("path", "value"), PROMPT_CHANGES)
def test_schema_and_reader_agree_on_prompts(path: str, value: Any) -> None:
    document = changed(FULL_PROMPT | {"metadata": {}}, path, value)
    assert Draft202012Validator(prompt_schema()).is_valid(document) == reads(read_prompt, document, "p")


@pytest.mark.parametrize(("path", "value"), CASE_CHANGES)
def test_schema_and_reader_agree_on_cases(path: str, value: Any) -> None:
    document = changed(CASE, path, value)
    assert Draft202012Validator(case_schema()).is_valid(document) == reads(read_suite, jsonl(document), "s")


def test_the_lists_hold_good_and_bad_documents() -> None:
    prompts = {reads(read_prompt, changed(FULL_PROMPT | {"metadata": {}}, *row), "p") for row in PROMPT_CHANGES}
    cases = {reads(read_suite, jsonl(changed(CASE, *row)), "s") for row in CASE_CHANGES}
    assert prompts == cases == {True, False}
