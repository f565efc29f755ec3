"""The real ICD-10-CM table behind the look-ups."""

from __future__ import annotations

import subprocess
import sys

import pytest

from webapp.adapters.codes import category_of, code_exists, icd10_lookups, is_billable


@pytest.mark.parametrize(
    "code", ["E11.9", "e11.9", "E119", " E11.9 ", "I10", "S72.001A", "s72001a", "U07.1", "C7A.00", "Z3A.34"]
)
def test_codes_are_known_in_any_case_with_or_without_dot(code: str) -> None:
    assert code_exists(code)
    assert is_billable(code)


@pytest.mark.parametrize("code", ["E11", "S72.00", "S72.001", "J45.90"])
def test_codes_with_more_specific_ones_below_exist_but_are_not_billable(code: str) -> None:
    assert code_exists(code)
    assert not is_billable(code)


@pytest.mark.parametrize(
    "code", ["", "1", "E", "E08-E13", "E11.99", "E1O.9", "Z99.999", "T12", "A" * 9, "E11.9é", "E.11.9", "🙂🙂🙂"]
)
def test_what_is_no_code_is_unknown(code: str) -> None:
    assert not code_exists(code)
    assert not is_billable(code)
    assert category_of(code) is None


def test_the_category_is_the_first_three_characters() -> None:
    assert category_of("e119") == category_of("E11.65") == "E11"


def test_the_look_ups_are_those_that_scorers_ask() -> None:
    table = icd10_lookups()
    assert table.code_exists("E11.9")
    assert not table.is_billable("E11")
    assert table.category_of("E11.9") == "E11"


def test_the_table_is_loaded_only_when_a_code_is_asked_for() -> None:
    script = (
        "import sys, webapp.adapters.codes as codes; codes.icd10_lookups(); print('simple_icd_10_cm' in sys.modules)"
    )
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "False"
