"""The masker: identifiers of usual form are blotted out, clinical content stays."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.adapters.masker import LONGEST_TEXT, identifiers, mask

PLANTED = {
    "email": ("Write to rosa.larkin@example.org today", "rosa.larkin@example.org"),
    "ssn": ("SSN 123-45-6789", "123-45-6789"),
    "mrn": ("MRN: 44567781 admitted", "44567781"),
    "mrn with letters": ("Hospital number AB 445 677 81", "445 677 81"),
    "date of birth": ("DOB: 1961-04-05", "1961-04-05"),
    "born on": ("born on 5 April 1961", "5 April 1961"),
    "phone": ("call 212-555-0187", "212-555-0187"),
    "phone abroad": ("call +44 20 7946 0958", "7946 0958"),
    "short phone": ("call 555-0187", "555-0187"),
    "address": ("lives at 12 Green Hill Road", "12 Green Hill Road"),
    "name": ("Mrs Rosa Larkin was seen", "Larkin"),
}
CLINICAL = (
    "Metformin 500 mg twice daily; HbA1c 7.2 %, BP 132/84, eGFR 58.",
    "Seen on 2026-03-02, follow-up in 3 months. ICD-10 E11.9.",
    "Dr. Osei reviewed the note with the ward pharmacist.",
)


@pytest.mark.parametrize(("text", "secret"), PLANTED.values(), ids=PLANTED)
def test_an_identifier_of_usual_form_is_blotted_out(text: str, secret: str) -> None:
    masked, count = mask(text)
    assert secret not in masked
    assert count >= 1
    assert identifiers(text)


@pytest.mark.parametrize("text", CLINICAL)
def test_clinical_content_stays(text: str) -> None:
    assert mask(text) == (text, 0)
    assert identifiers(text) == frozenset()


def test_the_same_identifier_is_recognised_in_another_spelling() -> None:
    assert identifiers("MRN: 44567781") == identifiers("seen, mrn:   44567781")
    assert identifiers("Mrs Larkin") != identifiers("Mrs Osei")


def test_endless_text_is_cut_before_it_is_searched() -> None:
    masked, count = mask("a" * LONGEST_TEXT + " rosa@example.org")
    assert (len(masked), count) == (LONGEST_TEXT, 0)


@given(before=st.text(max_size=60), after=st.text(max_size=60))
def test_a_number_of_usual_form_is_found_wherever_it_stands(before: str, after: str) -> None:
    masked, count = mask(f"{before} 123-45-6789 {after}")
    assert "123-45-6789" not in masked
    assert count >= 1
