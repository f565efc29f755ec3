"""Suites as tables: the same cases as from JSON lines, and each fault with its line and column."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.domain.prompts.suite import LIMIT_BYTES, LIMIT_LINES, read_suite
from webapp.domain.prompts.suite_csv import COLUMNS, read_suite_csv
from webapp.domain.prompts.suite_files import read_suite_file
from webapp.errors import InvalidInput

DOCS = Path(__file__).parents[3] / "docs"
HEAD = ["id", "category", "inputs.encounter_text"]
ROW = ["night-1", "unit", "Takes metformin 500 mg twice daily."]


def table(*rows: list[str]) -> bytes:
    """The rows as a spreadsheet would save them."""
    stream = io.StringIO(newline="")
    csv.writer(stream).writerows(rows)
    return stream.getvalue().encode()


def faults(raw: bytes) -> list[tuple[int | None, str, str]]:
    with pytest.raises(InvalidInput) as found:
        read_suite_csv(raw, "cases.csv")
    assert {row["source"] for row in found.value.details["faults"]} == {"cases.csv"}
    return [(row["line"], row["field"], row["sentence"]) for row in found.value.details["faults"]]


def test_a_table_says_the_same_as_json_lines() -> None:
    document = {
        "id": "night-1",
        "category": "safety",
        "inputs": {"encounter_text": "Line one,\nline two.", "setting": "ward"},
        "context": [{"id": "leaflet", "text": "Take with food."}],
        "expected": {
            "reference": "Plan: metformin.",
            "must_include": ["500 mg", "with food, please"],
            "must_not_include": ["5000 mg"],
            "medications": [
                {"drug": "metformin", "dose": "500", "unit": "mg", "route": "oral", "frequency": "twice daily"},
                {"drug": "aspirin", "frequency": "as needed"},
            ],
            "icd10": ["E11.9", "I10"],
            "identifiers": [{"type": "name", "text": "Ada Nwosu"}],
            "refusal": True,
            "canary": "BLUE-7",
        },
        "cluster": "pt-1",
        "subgroup": {"sex": "female"},
        "supersedes": "night-0",
        "provenance": {"run": "run_1"},
    }
    columns = {
        "id": "night-1",
        "category": " safety ",
        "inputs.encounter_text": "Line one,\r\nline two.",
        "inputs.setting": "ward",
        "context.leaflet": "Take with food.",
        "expected.reference": "Plan: metformin.",
        "expected.must_include": "500 mg\nwith food, please\n",
        "expected.must_not_include": "5000 mg",
        "expected.medications": "metformin | 500 | mg | oral | twice daily\naspirin | | | | as needed",
        "expected.icd10": "E11.9; I10",
        "expected.identifiers": "name | Ada Nwosu",
        "expected.refusal": "TRUE",
        "expected.canary": "BLUE-7",
        "cluster": "pt-1",
        "subgroup.sex": "female",
        "supersedes": "night-0",
        "provenance.run": "run_1",
    }
    read = read_suite_csv(table(list(columns), list(columns.values())), "cases.csv")
    assert read == read_suite(json.dumps(document).encode(), "cases.jsonl")


def test_empty_cells_say_nothing_and_empty_rows_are_skipped() -> None:
    raw = table([*HEAD, "cluster", "expected.must_include"], [*ROW, "", ""], ["", "", "", "", ""])
    suite = read_suite_csv(raw, "cases.csv")
    assert suite == read_suite(
        b'{"id":"night-1","category":"unit","inputs":{"encounter_text":"%s"}}' % ROW[2].encode(), "cases"
    )
    assert suite.lines == (2,)


def test_the_mark_that_spreadsheets_put_before_utf_8_is_taken_off() -> None:
    assert read_suite_csv(b"\xef\xbb\xbf" + table(HEAD, ROW), "x/night.csv").name == "night"


def test_a_text_longer_than_the_readers_own_limit_is_read() -> None:
    long = "word " * 60_000
    assert read_suite_csv(table(HEAD, ["a", "unit", long]), "s.csv").cases[0].inputs["encounter_text"] == long


def test_a_row_that_spans_lines_is_named_by_the_line_where_it_begins() -> None:
    raw = table(HEAD, ["a", "unit", "one\ntwo\nthree"], ["b", "fun", "x"])
    assert faults(raw)[0][:2] == (5, "category")


def test_all_faults_of_all_rows_are_told_together() -> None:
    raw = table(
        [*HEAD, "expected.icd10"],
        ["a b", "fun", "x", "?"],
        ["c", "unit", "x"],
        ["d", "unit", "x", ""],
        ["d", "unit", "y", ""],
    )
    assert [row[:2] for row in faults(raw)] == [
        (2, "id"), (2, "category"), (2, "expected.icd10[0]"), (3, ""), (5, "id"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("raw", "line", "field", "words"),
    [
        (b"", 1, "id", "is missing"),
        (table(HEAD), None, "", "the suite is empty"),
        (table([*HEAD, "id"], [*ROW, "x"]), 1, "id", "the same name as column 1"),
        (table([*HEAD, ""], [*ROW, "x"]), 1, "", "column 4 has no name"),
        (table([*HEAD, "expected.must_inclde"], [*ROW, ""]), 1, "expected.must_inclde", "did you mean expected.must_include?"),
        (table(["id", "category"], ["a", "unit"]), 1, "inputs", "no column inputs.NAME"),
        (table([*HEAD, "inputs."], [*ROW, "x"]), 1, "inputs.", "is not a known column"),
        (table(HEAD, ROW[:2]), 2, "", "has 2 cells"),
        (table(HEAD, [*ROW, "more"]), 2, "", "has 4 cells"),
        (table(HEAD, ["a", "unit", "=SUM(A1:A3)"]), 2, "inputs.encounter_text", "formula"),
        (table(HEAD, ["a", "unit", "#REF!"]), 2, "inputs.encounter_text", "formula"),
        (table(HEAD, ["a", "unit", "x\0y"]), 2, "inputs.encounter_text", "NUL"),
        (table(HEAD, ["a", "unit", "x" * 1_000_001]), 2, "inputs.encounter_text", "at most 1000000"),
        (table([*HEAD, "expected.refusal"], [*ROW, "maybe"]), 2, "expected.refusal", "true or false"),
        (table([*HEAD, "expected.medications"], [*ROW, "a|b"]), 2, "expected.medications[0].dose", "decimal number"),
        (table([*HEAD, "expected.identifiers"], [*ROW, "name"]), 2, "expected.identifiers[0].text", "is missing"),
        (b"id;category;inputs.x\na;unit;b\n", 1, "", "not separated by commas"),
        ("\ufeff".join(["", "id"]).encode("utf-16"), 1, "", "not UTF-8"),
        (table(HEAD, ["a", "unit", "caf\u00e9"]).decode().encode("latin-1"), 2, "", "not UTF-8"),
        (table(HEAD) + b'a,unit,"open\n', 2, "", "quotation mark out of place"),
        (table(HEAD) + b'a,unit,"x"y\n', 2, "", "quotation mark out of place"),
        (b"x" * (LIMIT_BYTES + 1), None, "", "bytes; at most"),
        (table(HEAD) + b",,\n" * LIMIT_LINES, LIMIT_LINES + 1, "", f"more than {LIMIT_LINES} rows"),
    ],
)  # fmt: skip
def test_a_fault_is_named_by_line_and_column(raw: bytes, line: int | None, field: str, words: str) -> None:
    found = faults(raw)[0]
    assert found[:2] == (line, field)
    assert words in found[2]


def test_text_that_only_looks_a_little_like_a_formula_is_text() -> None:
    for text in ("- metformin", "+ oedema", "@ 9 am", "=== Visit ===", "#1 fracture", "'quoted'"):
        assert read_suite_csv(table(HEAD, ["a", "unit", text]), "s.csv").cases[0].inputs["encounter_text"] == text


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused_in_words(text: str) -> None:
    try:
        read_suite_csv(text.encode("utf-8", "surrogatepass"), "s.csv")
    except InvalidInput as error:
        assert error.details["count"] >= 1


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), min_size=1, max_size=40))
def test_every_text_survives_its_cell(text: str) -> None:
    try:
        case = read_suite_csv(table(HEAD, ["a", "unit", f"t{text}"]), "s.csv").cases[0]
    except InvalidInput as error:  # a spreadsheet's error after the t is none
        raise AssertionError(error.sentence) from error
    assert case.inputs["encounter_text"] == f"t{text}"


def test_the_form_is_told_by_the_name_of_the_file_or_in_words() -> None:
    assert read_suite_file(table(HEAD, ROW), "a.CSV") == read_suite_file(table(HEAD, ROW), "a", form="csv")
    assert read_suite_file(b'{"id":"a","category":"unit","inputs":{"x":"y"}}', "a.txt").cases[0].id == "a"


def test_the_published_example_is_a_good_test_set() -> None:
    raw = (DOCS / "test-cases.example.csv").read_bytes()
    suite = read_suite_file(raw, "test-cases.example.csv")
    assert [case.id for case in suite.cases] == ["clinic-001", "clinic-002b", "ward-001"]
    assert suite.cases[1].supersedes == "clinic-002"


def test_every_column_is_documented() -> None:
    told = (DOCS / "test-sets.md").read_text("utf-8")
    assert [name for name in COLUMNS if f"`{name.replace('context.NAME', 'context.ID')}`" not in told] == []
