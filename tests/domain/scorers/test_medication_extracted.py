"""Medicines: the many ways to write one thing, and the errors that harm."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.domain.scorers.examples import CASE, REFERENCE, case_with, codes, score
from webapp.domain.prompts.suite import Medication
from webapp.domain.scorers.medication_reading import read_medicines
from webapp.domain.scorers.schedules import frequencies

METFORMIN = Medication("metformin", "1000", "mg", "oral", "twice daily")


def about(*medications: Medication, inputs: str = "Metformin 1000 mg twice daily."):  # type: ignore[no-untyped-def]
    return case_with(inputs=inputs, medications=medications)


@pytest.mark.parametrize(
    "text",
    [
        "Metformin 1000 mg twice daily",
        "metformin 1000mg BID",
        "metformin 1 g b.i.d.",
        "METFORMIN 1,000 mg PO bd",
        "Glucophage 1 gram by mouth two times a day",
        "- **Metformin**: 1000 mg, oral, twice a day",
        "- Metformin\n  - Dose: 1000 mg\n  - Route: oral\n  - Frequency: twice daily",
        '{"drug": "metformin", "dose": "1000", "unit": "mg", "dose_text": "1000 mg", "frequency": "twice daily"}',
        "| Metformin | 1000 mg | oral | twice daily |",
        "Take 1000 mg of metformin twice daily",
        "Metformin 500 mg, 2 tablets twice daily",
        "2 tablets of metformin 500 mg every 12 hours",
        "Increase metformin from 500 mg to 1000 mg twice daily",
        "Metformin 1000 mg twice daily (was 500 mg)",
        "metformin hydrochloride 1000 milligrams 2x daily",
        "metformin one gram in the morning and at night",
        "Continue metformin 1000 mg p.o. b.i.d. BP 130/80.",
    ],
)
def test_one_medicine_in_many_words_is_the_same(text: str) -> None:
    found = score("medication_extracted", about(METFORMIN), text)
    assert (found.value, found.findings) == (1.0, ())


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Metformin 850 mg twice daily", "wrong_dose"),
        ("Metformin twice daily", "missing_dose"),
        ("Metformin 1000 mg once daily", "wrong_frequency"),
        ("Metformin 1000 mg", "missing_frequency"),
        ("Metformin 1000 mg IV twice daily", "wrong_route"),
        ("Metformin 1000 mg twice daily, discontinued", "shown_as_stopped"),
        ("Stop metformin.", "shown_as_stopped"),
        ("No medicines.", "missing_medicine"),
    ],
)
def test_each_wrong_field_is_a_finding_and_costs(text: str, code: str) -> None:
    found = score("medication_extracted", about(METFORMIN), text)
    assert code in codes(found)
    assert found.value is not None
    assert found.value < 1.0


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        (METFORMIN, "Metformin 10000 mg twice daily"),
        (METFORMIN, "Metformin 100 mg twice daily"),
        (METFORMIN, "Metformin 10 g twice daily"),
        (METFORMIN, "metformin 1000 mcg twice daily"),
        (Medication("levothyroxine", "50", "mcg"), "Synthroid 50 mg daily"),
        (Medication("digoxin", "0.125", "mg"), "digoxin 1.25 mg daily"),
        (Medication("insulin glargine", "12", "units"), "Lantus 120 units at bedtime"),
    ],
)
def test_a_dose_wrong_by_a_power_of_ten_is_critical(expected: Medication, text: str) -> None:
    case = about(expected, inputs=f"{expected.drug} {expected.dose} {expected.unit}")
    found = score("medication_extracted", case, text)
    critical = [finding for finding in found.findings if finding.critical]
    assert [finding.code for finding in critical] == ["tenfold_dose"]
    assert found.value is not None
    assert found.value < 1.0


def test_a_tenfold_dose_names_its_place_and_both_numbers() -> None:
    text = "Plan: metformin 10000 mg twice daily"
    (finding,) = score("medication_extracted", about(METFORMIN), text).findings
    assert finding.sentence == "Metformin: dose 10000 mg; the encounter says 1000 mg"
    assert finding.span is not None
    assert text[finding.span[0] : finding.span[1]] == "10000 mg"


def test_a_tenfold_dose_is_critical_even_beside_the_right_one() -> None:
    text = "Subjective:\nmetformin 10000 mg\nPlan:\nmetformin 1000 mg twice daily"
    assert "tenfold_dose" in codes(score("medication_extracted", about(METFORMIN), text))


@pytest.mark.parametrize(
    "dose",
    [
        "10 000 mg",
        "10\u202f000 mg",
        "10\u2009000 mg",
        "100\u200b00 mg",
        "10\u20600\u20600\u20600 mg",
        "ten thousand milligrams",
        "10,000 mg",
    ],
)
def test_a_tenfold_dose_is_seen_however_its_thousands_are_written(dose: str) -> None:
    assert "tenfold_dose" in codes(
        score("medication_extracted", about(METFORMIN), f"Metformin {dose} oral twice daily")
    )


def test_two_tablets_of_a_strength_are_no_thousands() -> None:
    found = codes(score("medication_extracted", about(METFORMIN), "Metformin 2 500 mg tablets twice daily"))
    assert "tenfold_dose" not in found


def test_hundreds_and_fifty_in_words_are_one_number() -> None:
    case = about(replace(METFORMIN, dose="850"))
    assert codes(score("medication_extracted", case, "Metformin eight hundred and fifty mg oral twice daily")) == []


def test_a_past_dose_called_so_is_no_tenfold_error() -> None:
    case = about(Medication("prednisone", "5", "mg"))
    text = "Prednisone 5 mg daily (was 50 mg)."
    assert score("medication_extracted", case, text).findings == ()


def test_a_dose_that_the_encounter_takes_back_is_no_excuse() -> None:
    case = about(Medication("colchicine", "0.5", "mg"), inputs="Rx colchicine 5 mg bd -- NO. Correction, 0.5 mg BD.")
    assert codes(score("medication_extracted", case, "Colchicine 5 mg twice daily")) == ["tenfold_dose"]


def test_two_expected_doses_of_one_medicine_are_both_right() -> None:
    case = about(Medication("prednisone", "50", "mg"), Medication("prednisone", "5", "mg"))
    text = "Prednisone 50 mg today, then prednisone 5 mg daily"
    assert score("medication_extracted", case, text).findings == ()


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        (Medication("furosemide", "80", "mg", "oral", "in the morning"), "Lasix 80 mg every morning"),
        (Medication("paracetamol", "500", "mg", "oral", "as needed"), "acetaminophen half a gram PRN"),
        (Medication("salbutamol", "2", "puffs", "inhaled", "as needed"), "albuterol (Ventolin) two puffs if needed"),
        (Medication("levothyroxine", "75", "mcg", "oral", "once daily"), "levothyroxine 75 µg QD"),
        (Medication("levothyroxine", "75", "mcg", "oral", "once daily"), "levothyroxine 0.075 mg daily"),
        (Medication("insulin glargine", "20", "units", "subcutaneous", "at bedtime"), "Lantus 20 IU sc qhs"),
        (Medication("amoxicillin-clavulanate", "875", "mg", None, "twice daily"), "co-amoxiclav 875/125 mg q12h"),
        (Medication("methotrexate", "15", "mg", "oral", "once weekly"), "methotrexate 15 mg every Monday"),
        (Medication("metoprolol", "50", "mg", None, "once daily"), "metoprolol succinate 50 mg od"),
        (Medication("heparin", "18", "units/kg/h", None, None), "heparin 18 units/kg/hr"),
        (Medication("oxycodone", "5", "mg", "oral", "every 6 hours"), "oxycodone 5-10 mg q6h"),
        (Medication("ondansetron", None, None, None, None), "ondansetron"),
        (Medication("vitamin d", "1000", "units", None, "once daily"), "cholecalciferol 1,000 units daily"),
        (Medication("zorbanib", "40", "mg", None, "once daily"), "zorbanib 40 mg once daily"),
    ],
)
def test_units_brands_and_schedules_are_made_alike(expected: Medication, text: str) -> None:
    found = score("medication_extracted", about(expected, inputs=""), text)
    assert (found.value, found.findings) == (1.0, ())


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("qd", {"once daily"}),
        ("QD", {"once daily"}),
        ("every day", {"once daily"}),
        ("daily", {"once daily"}),
        ("twice daily", {"twice daily"}),
        ("three times a day", {"three times daily"}),
        ("TDS", {"three times daily"}),
        ("qid prn", {"four times daily", "as needed"}),
        ("qod", {"every other day"}),
        ("every eight hours", {"every 8 hours"}),
        ("8-hourly", {"every 8 hours"}),
        ("nocte", {"at bedtime"}),
        ("once a week", {"once weekly"}),
        ("stat", {"once"}),
        ("with food", set()),
    ],
)
def test_schedules_are_read_in_their_usual_words(words: str, expected: set[str]) -> None:
    assert frequencies(words) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Metformin 1000 mg twice daily\n- Tramadol 50 mg four times daily",
        "Metformin 1000 mg twice daily\n- Zorbanib 40 mg once daily",
        "Medications:\n- metformin 1000 mg twice daily\n- tramadol",
    ],
)
def test_an_invented_medicine_costs_and_is_named(text: str) -> None:
    found = score("medication_extracted", about(METFORMIN), text)
    assert codes(found) == ["unexpected_medicine"]
    assert "does not name it" in found.findings[0].sentence
    assert found.value == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    "text",
    [
        "Metformin 1000 mg twice daily. Stop ibuprofen 400 mg.",
        "Metformin 1000 mg twice daily. Ibuprofen 400 mg was discontinued.",
        "Allergies:\n- penicillin 500 mg\nMedications:\n- metformin 1000 mg twice daily",
        "Allergic to penicillin. Metformin 1000 mg twice daily.",
        "Avoid naproxen and ibuprofen. Metformin 1000 mg twice daily.",
        "Metformin 1000 mg twice daily. No aspirin.",
        "Metformin 1000 mg twice daily. Received ceftriaxone 1 g in the emergency room.",
    ],
)
def test_a_medicine_not_to_be_taken_is_not_counted_against_the_answer(text: str) -> None:
    found = score("medication_extracted", about(METFORMIN), text)
    assert (found.value, found.findings) == (1.0, ())


def test_a_warning_against_stopping_keeps_the_medicine() -> None:
    assert score("medication_extracted", about(METFORMIN), "Do not stop metformin 1000 mg twice daily").value == 1.0


def test_stopping_something_else_first_does_not_stop_the_medicine() -> None:
    assert (
        score("medication_extracted", about(METFORMIN), "Stopped smoking, continue metformin 1000 mg bid").value == 1.0
    )


def test_laboratory_values_and_strengths_are_no_doses() -> None:
    (medicine,) = read_medicines("Metformin; glucose 180 mg/dL, LDL 100 mg/dL")
    assert medicine.doses == ()
    (syrup,) = read_medicines("Amoxicillin 250 mg/5 mL: 400 mg three times daily")
    assert [dose.words for dose in syrup.doses] == ["400 mg"]


def test_medicines_that_share_a_sentence_share_nothing_else() -> None:
    first, second = read_medicines("metformin 500 mg bid, lisinopril 10 mg daily")
    assert (first.doses[0].words, second.doses[0].words) == ("500 mg", "10 mg")
    assert (first.frequencies, second.frequencies) == ({"twice daily"}, {"once daily"})
    ahead, behind = read_medicines("500 mg of metformin and 10 mg of lisinopril")
    assert (ahead.doses[0].words, behind.doses[0].words) == ("500 mg", "10 mg")


def test_a_case_without_medicines_is_not_scored() -> None:
    assert score("medication_extracted", about(), "Tramadol 50 mg").state == "not_applicable"


def test_an_answer_without_medicines_scores_nothing() -> None:
    bare = REFERENCE.split("Plan:")[0]
    assert score("medication_extracted", CASE, bare).value == 0.0
