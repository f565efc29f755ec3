"""Suites: reading, each fault with its line, canonical form and digest."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import time
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.prompts.examples import CASE, changed, jsonl
from webapp.domain.prompts.suite import Case, Expected, Identifier, Medication, case_document, read_suite
from webapp.errors import InvalidInput


def refusal(raw: bytes) -> InvalidInput:
    with pytest.raises(InvalidInput) as found:
        read_suite(raw, "evaluation/test-cases.jsonl")
    return found.value


def test_a_case_is_read_with_all_its_expectations() -> None:
    case = read_suite(jsonl(CASE), "cases.jsonl").cases[0]
    assert case.expected.medications == (Medication("metformin", "500", "mg", None, "twice daily"),)
    assert case.expected.identifiers == (Identifier("name", "Ada Nwosu"),)
    assert case.expected.icd10 == ("E11.9",) and case.expected.canary is None
    assert (case.cluster, case.subgroup) == ("pt-1", {"sex": "female"})


def test_a_case_without_cluster_is_its_own() -> None:
    suite = read_suite(jsonl({"id": "a", "category": "cost", "inputs": {"x": ""}}), "cases.jsonl")
    assert suite.cases == (Case("a", "cost", {"x": ""}, (), Expected(), "a", {}),)


def test_blank_lines_and_windows_line_ends_are_skipped() -> None:
    raw = b"\r\n" + jsonl(CASE).replace(b"\n", b"\r\n") + b"  \n" + json.dumps(CASE | {"id": "b"}).encode()
    assert [case.id for case in read_suite(raw, "s.jsonl").cases] == ["e1-001", "b"]


def test_a_line_separator_inside_a_text_is_no_new_line() -> None:
    raw = json.dumps(changed(CASE, "inputs.encounter_text", "a\u2028b\x85c"), ensure_ascii=False).encode()
    assert read_suite(raw, "s.jsonl").cases[0].inputs["encounter_text"] == "a\u2028b\x85c"


def test_the_suite_is_named_after_its_file_unless_told() -> None:
    assert read_suite(jsonl(CASE), "sets/night.jsonl").name == "night"
    assert read_suite(jsonl(CASE), "x/evaluation/test-cases.jsonl", name="x").name == "x"


@pytest.mark.parametrize(
    ("path", "value", "field", "words"),
    [
        ("id", ..., "id", "is missing"),
        ("id", 5, "id", 'write id: "5" with quotes'),
        ("id", "a b", "id", "letters, digits"),
        ("category", "smoke", "category", "unit, regression, safety, adversarial, performance, cost"),
        ("inputs", ..., "inputs", "is missing"),
        ("inputs", {}, "inputs", "1 to 50"),
        ("inputs", ["x"], "inputs", "must be a mapping"),
        ("inputs.encounter_text", 5, "inputs.encounter_text", "with quotes"),
        ("inputs.Bad", "x", "inputs.Bad", "name: "),
        ("inputs.encounter_text", "\ud800", "inputs.encounter_text", "half a character"),
        ("context", [{"id": "c1"}], "context[0].text", "is missing"),
        ("expected.must_include", "500 mg", "expected.must_include", "must be a list"),
        ("expected.must_include", [" "], "expected.must_include[0]", "is blank"),
        ("expected.must_not_include", [None], "expected.must_not_include[0]", "must be text"),
        ("expected.medications.0.dose", 500, "expected.medications[0].dose", 'write dose: "500" with quotes'),
        ("expected.medications.0.dose", "1,5", "expected.medications[0].dose", "decimal number"),
        ("expected.medications.0.dose", "05", "expected.medications[0].dose", "decimal number"),
        ("expected.medications.0.drug", ..., "expected.medications[0].drug", "is missing"),
        ("expected.medications.0.freq", "bid", "expected.medications[0].freq", "did you mean frequency"),
        ("expected.icd10", ["e11.9"], "expected.icd10[0]", "such as E11.9"),
        ("expected.icd10", ["E11.9", "E11.9"], "expected.icd10", "twice"),
        ("expected.identifiers.0.type", "Full Name", "expected.identifiers[0].type", "lower-case"),
        ("expected.refusal", "no", "expected.refusal", "true or false"),
        ("expected.canary", "", "expected.canary", "is empty"),
        ("expected.mustinclude", [], "expected.mustinclude", "did you mean must_include"),
        ("cluster", 7, "cluster", "with quotes"),
        ("subgroup", {"sex": 1}, "subgroup.sex", "with quotes"),
        ("weight", 1.5, "weight", "not a known field"),
    ],
)
def test_a_fault_names_file_line_and_field(path: str, value: Any, field: str, words: str) -> None:
    error = refusal(jsonl(CASE | {"id": "good"}) + jsonl(changed(CASE, path, value)))
    fault = error.details["faults"][0]
    assert (fault["source"], fault["line"], fault["field"]) == ("evaluation/test-cases.jsonl", 2, field)
    assert words in fault["sentence"]


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "the suite is empty"),
        (b"\n \n", "the suite is empty"),
        (b"[]", "not a JSON object"),
        (b'{"id": "a"', "not JSON at column"),
        (b'{"id": NaN}', "holds NaN"),
        (b'{"id": -Infinity}', "holds -Infinity"),
        (b'{"id": "a", "id": "b"}', "names 'id' twice"),
        (b'{"id": "a", "expected": {"icd10": [], "icd10": []}}', "names 'icd10' twice"),
        (b'{"id": ' + b"1" * 5_000 + b"}", "number that is too long"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"a":' * 100_000, "nested too deeply"),
        (b"\xef\xbb\xbf{}", "byte order mark"),
        (b'{"id": "\xff"}', "not UTF-8"),
        (b"\n" * 20_001, "more than 20000 lines"),
    ],
)
def test_a_file_that_is_no_suite_is_refused(raw: bytes, words: str) -> None:
    assert words in refusal(raw).sentence


def test_an_id_used_twice_names_both_lines() -> None:
    assert "line 3, field id: 'e1-001' is used in line 1 already" in refusal(jsonl(CASE) + b"\n" + jsonl(CASE)).sentence


def test_too_many_bytes_are_refused_unread() -> None:
    with pytest.raises(InvalidInput, match="at most 10"):
        read_suite(jsonl(CASE), "s.jsonl", limit_bytes=10)


def test_fifty_faults_are_listed_and_all_counted_in_good_time() -> None:
    began = time.process_time()
    error = refusal(b"{}\n" * 20_000)
    assert len(error.details["faults"]) == 50
    assert error.details["count"] == 60_000
    assert time.process_time() - began < 5


def test_the_digest_is_the_hash_of_the_canonical_lines() -> None:
    suite = read_suite(jsonl(CASE, CASE | {"id": "b"}), "s.jsonl")
    lines = [rfc8785.dumps(case_document(case)) for case in suite.cases]
    assert suite.digest == hashlib.sha256(b"\n".join(lines)).hexdigest()
    assert suite.to_jsonl() == b"\n".join(lines) + b"\n"


def test_the_canonical_form_reads_as_the_same_suite() -> None:
    suite = read_suite(jsonl(CASE, CASE | {"id": "b", "context": [{"id": "c", "text": "t"}]}), "s.jsonl")
    assert read_suite(suite.to_jsonl(), "s.jsonl") == suite


def test_key_order_spacing_and_explicit_nulls_change_no_digest() -> None:
    bare = {"inputs": {"x": "1"}, "category": "unit", "id": "a"}
    full = {"id": "a", "category": "unit", "inputs": {"x": "1"}, "context": [], "expected": {"canary": None}}
    assert read_suite(jsonl(bare), "s").digest == read_suite(json.dumps(full, indent=None).encode(), "s").digest


@pytest.mark.parametrize("field", [field.name for field in dataclasses.fields(Case)])
def test_every_field_of_a_case_is_in_the_digest(field: str) -> None:
    other = {
        "id": "z", "category": "cost", "inputs": {"x": "1"}, "context": [{"id": "c", "text": "t"}],
        "expected": {}, "cluster": "pt-9", "subgroup": {}, "supersedes": "y", "provenance": {"run": "run_1"},
    }  # fmt: skip
    before = read_suite(jsonl(CASE), "s").digest
    assert read_suite(jsonl(CASE | {field: other[field]}), "s").digest != before


def test_the_order_of_cases_is_in_the_digest() -> None:
    one, two = CASE, CASE | {"id": "b"}
    assert read_suite(jsonl(one, two), "s").digest != read_suite(jsonl(two, one), "s").digest


@given(st.binary(max_size=200))
def test_random_bytes_give_a_suite_or_invalid_input(raw: bytes) -> None:
    try:
        read_suite(raw, "random")
    except InvalidInput as error:
        assert error.details["faults"]


@given(st.text(max_size=30))
def test_any_storable_text_survives_the_round_trip(text: str) -> None:
    try:
        suite = read_suite(jsonl(changed(CASE, "inputs.encounter_text", text)), "s")
    except InvalidInput as error:
        assert "cannot be stored" in error.sentence
    else:
        assert read_suite(suite.to_jsonl(), "s").cases[0].inputs["encounter_text"] == text


@pytest.mark.parametrize(
    ("rows", "line", "words"),
    [
        ([{"id": "a", "supersedes": "a"}], 1, "names the case itself"),
        ([{"id": "b", "supersedes": "a"}, {"id": "a"}], 1, "still stands in line 2"),
        ([{"id": "a", "supersedes": "not an id"}], 1, "letters, digits"),
    ],
)
def test_a_case_replaces_neither_itself_nor_one_that_is_still_there(
    rows: list[dict[str, Any]], line: int, words: str
) -> None:
    fault = refusal(jsonl(*(CASE | row for row in rows))).details["faults"][0]
    assert (fault["line"], fault["field"]) == (line, "supersedes")
    assert words in fault["sentence"]


def test_each_case_knows_its_line() -> None:
    assert read_suite(b"\n" + jsonl(CASE) + b"\n" + jsonl(CASE | {"id": "b"}), "s.jsonl").lines == (2, 4)
