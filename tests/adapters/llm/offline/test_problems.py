"""Which conditions an encounter diagnoses, and which it only mentions."""

from __future__ import annotations

import re

import pytest
import simple_icd_10_cm

from webapp.adapters.llm.offline.combinations import _sides, _together
from webapp.adapters.llm.offline.lexicon import _condition_names, _drug_names
from webapp.adapters.llm.offline.problems import diagnoses_of
from webapp.adapters.llm.offline.sentences import sentences_of


def codes(text: str) -> list[str]:
    return [problem.code for problem in diagnoses_of(sentences_of(text))]


def test_the_vocabulary_is_broad() -> None:
    assert len({drug.substance for _, drug in _drug_names()}) >= 250
    assert len({condition.code for _, condition in _condition_names()}) >= 300


def test_every_code_of_the_vocabulary_is_billable() -> None:
    known = {condition.code for _, condition in _condition_names()}
    known |= {condition.code for rules in _together().values() for _, condition in rules}
    known |= {code for sides in _sides().values() for code in sides}
    bad = [code for code in known if not simple_icd_10_cm.is_valid_item(code) or not simple_icd_10_cm.is_leaf(code)]
    assert bad == []


def test_no_name_stands_for_two_conditions() -> None:
    names = [name for name, _ in _condition_names()]
    assert [name for name in set(names) if names.count(name) > 1] == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Impression: acute gout.", ["M10.9"]),
        ("Her COPD is in exacerbation.", ["J44.1"]),
        ("Assessment: type 2 diabetes, poorly controlled. Hypertension.", ["E11.65", "I10"]),
        ("Impression: DVT of the left leg.", ["I82.402"]),
        ("Assessment: cellulitis of the right lower leg.", ["L03.115"]),
        ("Impression: acute on chronic systolic heart failure.", ["I50.23"]),
        ("Assessment: chronic kidney disease stage 3b.", ["N18.32"]),
    ],
)
def test_the_most_exact_code_is_found(text: str, expected: list[str]) -> None:
    assert sorted(codes(text)) == sorted(expected)


@pytest.mark.parametrize(
    "text",
    [
        "No asthma.",
        "She denies migraine.",
        "There is no evidence of pneumonia.",
        "Mother has rheumatoid arthritis.",
        "Family history: gout.",
    ],
)
def test_denied_conditions_and_those_of_relatives_are_no_diagnoses(text: str) -> None:
    assert codes(text) == []


def test_a_doubt_is_remembered() -> None:
    (problem,) = diagnoses_of(sentences_of("Impression: possible pulmonary embolism."))
    assert (problem.code, problem.is_uncertain) == ("I26.99", True)


def test_symptoms_count_only_where_there_is_no_disease() -> None:
    assert codes("She has a fever.") == ["R50.9"]
    assert "R50.9" not in codes("She has a fever. Impression: acute tonsillitis.")


def test_at_most_three_diagnoses_are_given() -> None:
    assert len(codes("Assessment: gout. Asthma. Psoriasis. Migraine. Sciatica.")) == 3


def test_codes_look_like_codes() -> None:
    assert all(
        re.fullmatch(r"[A-Z]\d[0-9A-Z](\.[0-9A-Z]{1,4})?", condition.code) for _, condition in _condition_names()
    )
