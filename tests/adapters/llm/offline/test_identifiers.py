"""Taking out what tells who the patient is, and leaving what a clinician needs."""

from __future__ import annotations

import pytest

from webapp.adapters.llm.offline.identifiers import names_of, without_identifiers
from webapp.adapters.llm.offline.sentences import sentences_of


def cleaned(text: str) -> str:
    return without_identifiers(text, names_of(text, sentences_of(text)))


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        ("Mr. Fonotiano coughs.", "Fonotiano"),
        ("Mrs Van der Meerten sleeps.", "Meerten"),
        ("We saw Ingrid Halvorsen-Bakken today.", "Halvorsen"),
        ("Rajanesh, 35, is a tram driver.", "Rajanesh"),
        ("Her daughter Adaezena came too.", "Adaezena"),
        ("hi im keikona brandt, 29, again", "keikona"),
        ("MRN 4471-902.", "4471-902"),
        ("Hosp no. 60-2284-T", "60-2284-T"),
        ("Call 555-0147.", "555-0147"),
        ("Call (212) 555-0147.", "555-0147"),
        ("Born 14/02/1961.", "14/02/1961"),
        ("DOB 3 March 1965", "3 March 1965"),
        ("the seventh of May 2001", "seventh of May"),
        ("Lives at 12 Larch Road.", "Larch"),
        ("Mail o.brandt@example.org.", "o.brandt"),
        ("See www.example.com/me.", "example.com"),
        ("Her plate TRK 49 VEX", "TRK 49 VEX"),
        ("SSN 123-45-6789", "123-45-6789"),
    ],
)
def test_an_identifier_is_taken_out(text: str, gone: str) -> None:
    assert gone not in cleaned(text)


@pytest.mark.parametrize(
    "text",
    [
        "BP 138/82, pulse 76, temperature 36.8, SpO2 97% on air.",
        "Potassium 4.7 mmol/L, creatinine 96, ferritin 64.",
        "Metformin 500 mg twice daily and Lantus 24 units.",
        "Crohn's disease, seen by Dr. Pelletiere on Tuesday.",
        "Penicillin caused hives in 2004.",
        "Left knee, 10-12 cm below the joint line.",
        "Return in 2-3 weeks.",
    ],
)
def test_clinical_text_stays_as_it_is(text: str) -> None:
    assert cleaned(text) == text


def test_the_same_name_is_taken_out_wherever_it_stands() -> None:
    assert "Okwuosa" not in cleaned("Mr. Okwuosa came. Okwuosa's wife drove. Yes, Okwuosa again.")
