"""Diagnosis codes: right, near, wrong, invented, and what only looks like one."""

from __future__ import annotations

import pytest

from tests.domain.scorers.examples import LOOKUPS, case_with, codes, score
from webapp.domain.scorers.icd10_codes import find_codes

DIABETES = case_with(icd10=("E11.9",))


@pytest.mark.parametrize(
    "text", ["Diabetes (E11.9)", "e11.9", "ICD-10: E119", "E11.9.", "[E11.9]", '"icd10": ["E11.9"]', "E119 - diabetes"]
)
def test_the_expected_code_is_right_in_any_dress(text: str) -> None:
    assert score("icd10_correct", DIABETES, text).value == 1.0


@pytest.mark.parametrize(
    ("text", "value", "found"),
    [
        ("Diabetes (E11.65)", 0.5, ["same_category"]),
        ("Diabetes (E11)", 0.25, ["not_billable"]),
        ("Asthma (J45.901)", 0.0, ["wrong_code", "missing_code"]),
        ("Diabetes (E11.9), asthma (J45.901)", 2 / 3, ["wrong_code"]),
        ("Diabetes", 0.0, ["missing_code"]),
    ],
)
def test_near_and_wrong_codes_cost_by_how_wrong_they_are(text: str, value: float, found: list[str]) -> None:
    one = score("icd10_correct", DIABETES, text)
    assert one.value == pytest.approx(value)
    assert codes(one) == found
    assert not any(finding.critical for finding in one.findings)


@pytest.mark.parametrize("text", ["Diabetes (E11.999)", "ICD-10: Q99.77", "Code E88.888A"])
def test_an_invented_code_is_critical(text: str) -> None:
    one = score("icd10_correct", DIABETES, text)
    (critical,) = [finding for finding in one.findings if finding.critical]
    assert critical.code == "invented_code"
    assert critical.span is not None
    assert text[slice(*critical.span)] in critical.sentence


def test_an_invented_code_is_critical_where_no_code_is_expected_too() -> None:
    one = score("icd10_correct", case_with(), "Something (E11.999)")
    assert one.state == "not_applicable"
    assert one.findings[0].critical


def test_letter_o_for_zero_is_a_typing_error_and_earns_nothing() -> None:
    case = case_with(icd10=("I10",))
    one = score("icd10_correct", case, "Hypertension, ICD-10 code I1O")
    assert (one.value, codes(one)) == (0.0, ["missing_code"])
    dotted = score("icd10_correct", case_with(icd10=("J45.901",)), "Asthma (J45.9O1)")
    assert dotted.value == 0.0
    assert codes(dotted) == ["mistyped_code", "missing_code"]
    assert dotted.findings[0].sentence == "Code J45.9O1 is mistyped; the case says J45.901"
    assert not any(finding.critical for finding in dotted.findings)


@pytest.mark.parametrize(
    "text",
    [
        "Vitamin B12 low (B12 180)",
        "Wedge fracture of T12 (T12)",
        "H1N1 influenza (H1N1)",
        "T37.3, P88, BP 120/80",
        "Temp T38.5",
        "L4-L5 disc, C5 root, S1",
        "version 2.0, room A12, A1C 7.9",
        "L12 vertebra",
        "www.c19.org",
    ],
)
def test_vertebrae_vitamins_and_temperatures_are_no_codes(text: str) -> None:
    assert find_codes(text, (), LOOKUPS.code_exists) == ()


def test_two_expected_codes_of_one_category_are_matched_one_to_one() -> None:
    case = case_with(icd10=("J45.901", "J45.909"))
    assert score("icd10_correct", case, "(J45.901) (J45.909)").value == 1.0
    assert score("icd10_correct", case, "(J45.901)").value == pytest.approx(2 / 3)


def test_a_code_given_twice_counts_once() -> None:
    assert score("icd10_correct", DIABETES, "E11.9 ... again E11.9").value == 1.0
