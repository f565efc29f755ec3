"""Which medicines an encounter leaves the patient with, and how they are to be taken."""

from __future__ import annotations

import pytest

from webapp.adapters.llm.offline.doses import find_dose, find_frequency, find_route
from webapp.adapters.llm.offline.medicines import Medicine, medicines_of
from webapp.adapters.llm.offline.sentences import sentences_of


def found(text: str) -> dict[str, Medicine]:
    return {medicine.name: medicine for medicine in medicines_of(sentences_of(text))}


def line(text: str, name: str) -> tuple[str, str, str, str]:
    one = found(text)[name]
    return one.dose, one.unit, one.route, one.frequency


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        ("Metformin 500mg bd.", "metformin", ("500", "mg", "oral", "twice daily")),
        ("Glucophage 1 g PO twice a day", "metformin", ("1", "g", "oral", "twice daily")),
        ("Lantus 24 units at bedtime.", "insulin glargine", ("24", "units", "subcutaneous", "at bedtime")),
        ("paracetamol half a gram q6h", "paracetamol", ("0.5", "g", "oral", "every 6 hours")),
        (
            "Levothyroxine, seventy-five micrograms each morning",
            "levothyroxine",
            ("75", "mcg", "oral", "in the morning"),
        ),
        ("salbutamol 2 puffs prn", "salbutamol", ("2", "puffs", "inhaled", "as needed")),
        ("methotrexate 17.5 mg once weekly", "methotrexate", ("17.5", "mg", "oral", "once weekly")),
        ("ramipril 5 once a day", "ramipril", ("5", "mg", "oral", "once daily")),
        ("ceftriaxone 2 g IV q24h", "ceftriaxone", ("2", "g", "intravenous", "once daily")),
        ("Enoxaparin 40 mg under the skin once daily", "enoxaparin", ("40", "mg", "subcutaneous", "once daily")),
        ("oxycodone 5 mg q4h prn", "oxycodone", ("5", "mg", "oral", "as needed")),
        ("fentanyl 25 mcg/h patch", "fentanyl", ("25", "mcg/h", "transdermal", "")),
    ],
)
def test_dose_route_and_frequency_are_read(text: str, name: str, expected: tuple[str, str, str, str]) -> None:
    assert line(text, name) == expected


@pytest.mark.parametrize(
    ("text", "dose"),
    [
        ("Bisoprolol was cut from 5 mg to 2.5 mg once daily.", "2.5"),
        ("Lamotrigine raised from 100 to 150 mg twice daily.", "150"),
        ("Furosemide now 80 mg daily (was 40 mg).", "80"),
        ("Warfarin 5 mg... no wait, 3 mg daily.", "3"),
        ("Metformin 500 mg bd. Later in the talk: metformin goes up to 1000 mg bd.", "1000"),
        ("Paracetamol 1 g when needed, no more than 4 g a day.", "1"),
    ],
)
def test_the_latest_dose_holds(text: str, dose: str) -> None:
    (only,) = found(text).values()
    assert only.dose == dose


@pytest.mark.parametrize(
    ("text", "name", "standing"),
    [
        ("Stop ibuprofen.", "ibuprofen", "stopped"),
        ("Ibuprofen was stopped last month.", "ibuprofen", "stopped"),
        ("Tramadol and codeine stopped.", "tramadol", "stopped"),
        ("Candesartan 8 mg in place of ramipril.", "ramipril", "stopped"),
        ("Allergic to trimethoprim.", "trimethoprim", "not_tolerated"),
        ("Amoxicillin gave her a rash.", "amoxicillin", "not_tolerated"),
        ("Her sister is on adalimumab.", "adalimumab", "other_person"),
        ("Has never taken valproate.", "valproate", "not_given"),
        ("Continue amlodipine 5 mg daily.", "amlodipine", "taken"),
    ],
)
def test_what_becomes_of_a_medicine(text: str, name: str, standing: str) -> None:
    assert {one.substance: one.standing for one in medicines_of(sentences_of(text))}.get(name, "mentioned") == standing


def test_brand_and_generic_name_are_one_medicine_under_the_generic_name() -> None:
    assert list(found("Takes Lipitor 20 mg at night. Continue atorvastatin.")) == ["atorvastatin"]


def test_a_generic_name_is_written_as_the_encounter_writes_it() -> None:
    assert list(found("Tylenol 500 mg prn")) == ["acetaminophen"]
    assert list(found("Panadol 500 mg prn")) == ["paracetamol"]
    assert list(found("cefalexin 500 mg bd")) == ["cefalexin"]


def test_abbreviations_count_in_capitals_only() -> None:
    assert "acetylcysteine" in found("Start NAC 600 mg bd")
    assert found("she took a nac from the shelf") == {}


def test_levels_in_blood_are_no_doses() -> None:
    assert find_dose(" level was 2.1 mg/L", guesses_unit=True) == ("", "")
    assert find_dose(" 150 mg twice daily", guesses_unit=True) == ("150", "mg")


def test_nothing_said_is_nothing_found() -> None:
    assert (find_dose("", guesses_unit=True), find_route(""), find_frequency("")) == (("", ""), "", "")
