"""Sections and key facts."""

from __future__ import annotations

import pytest

from tests.domain.scorers.examples import CASE, REFERENCE, case_with, codes, score
from webapp.domain.scorers.sections import present_sections

ALL = {"subjective", "objective", "assessment", "plan"}


@pytest.mark.parametrize(
    "text",
    [
        "Subjective: cough\nObjective: T 38\nAssessment: cold\nPlan: rest",
        "S: cough\nO: T 38\nA: cold\nP: rest",
        "# SUBJECTIVE\ncough\n## Objective\nT 38\n### Assessment\ncold\n#### Plan\nrest",
        "**Subjective:** cough\n**Objective:** T 38\n**Assessment:** cold\n**Plan:** rest",
        "**S (Subjective)**\ncough\n**O (Objective)**\nT 38\n**A (Assessment)**\ncold\n**P (Plan)**\nrest",
        "SUBJECTIVE\ncough\n\nOBJECTIVE\nT 38\n\nASSESSMENT AND PLAN\ncold, rest",
        "HPI: cough\nPhysical exam: T 38\nA/P: cold, rest",
        "1. History of Present Illness\ncough\n2. Examination\nT 38\n3. Impression & Plan\ncold, rest",
        "- **Subjective**: cough\n- **Objective**: T 38\n- **Assessment / Plan**: cold",
        '{"subjective": "cough", "objective": "T 38", "assessment": "cold", "plan": "rest"}',
        '{\n  "subjective": "cough",\n  "objective": "T 38",\n  "assessment": "cold",\n  "plan": "rest"\n}',
        "S - cough\nO - T 38\nA - cold\nP - rest",
        "| Subjective | cough |\n| Objective | T 38 |\n| Assessment | cold |\n| Plan | rest |",
        "Subjective: cough. Objective: T 38. Assessment: cold. Plan: rest.",
        "Chief complaint: cough\nVital signs: T 38\nDiagnosis: cold\nRecommendations: rest",
    ],
)
def test_the_usual_headings_are_all_known(text: str) -> None:
    assert present_sections(text) == ALL


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("Subjective: cough\nObjective:\nAssessment: cold\nPlan: rest", "objective"),
        ("Subjective: cough\nObjective: [to be completed]\nAssessment: cold\nPlan: rest", "objective"),
        ("Subjective: cough\nObjective: ...\nAssessment: cold\nPlan: rest", "objective"),
        ("Subjective: cough\nObjective: T 38\nAssessment: cold", "plan"),
        ("Objective: T 38\nAssessment: cold\nPlan: rest\nThe subjective part was lost", "subjective"),
    ],
)
def test_a_heading_without_content_is_no_section(text: str, missing: str) -> None:
    assert present_sections(text) == ALL - {missing}


def test_prose_without_headings_has_no_sections() -> None:
    assert (
        present_sections("A plan was made after assessment of subjective and objective signs. A: no, the patient")
        == set()
    )


def test_half_the_mark_is_for_sections_and_half_for_facts() -> None:
    assert score("completeness", CASE, REFERENCE).value == 1.0
    lost = score("completeness", CASE, REFERENCE.replace("Plan:", "Then:"))
    assert (lost.value, codes(lost)) == (0.875, ["missing_section"])
    forgot = score("completeness", CASE, REFERENCE.replace("penicillin", "latex"))
    assert forgot.value == 0.75
    assert forgot.findings[0].sentence == '"allergic to penicillin" is missing'


@pytest.mark.parametrize(
    ("text", "there"),
    [
        ("takes 500mg", True),
        ("takes 500  MG", True),
        ("takes **500** mg", True),
        ("takes 2500 mg", False),
        ("takes 1.500 mg", False),
        ("takes 500 mgs", False),
        ("takes 1,500 mg", False),
    ],
)
def test_a_key_number_is_found_in_any_dress_but_not_inside_another(text: str, there: bool) -> None:
    case = case_with(reference="A list.", must_include=("500 mg",))
    assert score("completeness", case, text).value == (1.0 if there else 0.0)


def test_a_case_whose_reference_has_no_sections_asks_for_none() -> None:
    case = case_with(reference="metformin 500 mg twice daily", must_include=("metformin",))
    assert score("completeness", case, "- metformin").value == 1.0
    assert score("completeness", case_with(reference="a list"), "- metformin").state == "not_applicable"


def test_without_a_reference_all_four_sections_are_asked_for() -> None:
    assert score("completeness", case_with(), "S: a cough").value == 0.25
