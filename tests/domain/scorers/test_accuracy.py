"""Accuracy: what the answer states is held against the encounter and the reference, and each fault has its place."""

from __future__ import annotations

import time

import pytest

from tests.domain.scorers.examples import CASE, REFERENCE, case_with, codes, score
from webapp.domain.scorers.accuracy import LONGEST_READ_CHARACTERS
from webapp.domain.scorers.interface import Case

NOTE = (
    "Woman with asthma, aged 54. Metformin 500 mg twice daily and lisinopril 10 mg once daily. Denies chest pain. "
    "Blood pressure 132/78 mm Hg, pulse 84/min, weight 70 kg. Swollen left knee. A CT scan of the chest is planned. "
    "She has a dry cough."
)
CASE_OF_NOTE = case_with(inputs=NOTE)


def faults(text: str, inputs: str = NOTE, **expected: str) -> list[str]:
    return codes(score("accuracy", case_with(inputs=inputs, **expected), text))


@pytest.mark.parametrize(
    ("text", "code", "sentence", "place"),
    [
        ("Metformin 5000 mg twice daily.", "contradicted_dose", "Metformin: dose 5000 mg; the encounter says 500 mg", "5000 mg"),
        ("Metformin 500 mcg twice daily.", "contradicted_dose", "Metformin: dose 500 mcg; the encounter says 500 mg", "500 mcg"),
        ("Lisinopril 500 mg.", "contradicted_dose", "Lisinopril: dose 500 mg; the encounter says 10 mg", "500 mg"),
        ("Pulse 132/min.", "contradicted_number", "Pulse 132/min; the encounter says 84/min", "132/min"),
        ("Weight 78 kg.", "contradicted_number", "Weight 78 kg; the encounter says 70 kg", "78 kg"),
        ("Swollen right knee.", "contradicted_side", "Right knee; the encounter says left knee", "right knee"),
        ("She has chest pain.", "contradicted_finding", "Chest pain is affirmed; the encounter denies it", "chest pain"),
        ("No cough.", "contradicted_finding", "Cough is denied; the encounter affirms it", "cough"),
        ("Warfarin.", "unsupported_medicine", "Warfarin is named; neither encounter nor reference names it", "Warfarin"),
        ("MRI is planned.", "unsupported_test", "MRI is named; neither encounter nor reference names it", "MRI"),
        ("Knee arthroscopy.", "unsupported_test", "Arthroscopy is named; neither encounter nor reference names it", "arthroscopy"),
        ("Cough for 9 weeks.", "unsupported_number", "9 weeks stands in the answer; neither encounter nor reference says so", "9 weeks"),
    ],
)  # fmt: skip
def test_a_fact_that_the_sources_do_not_bear_out_is_named_with_its_place(
    text: str, code: str, sentence: str, place: str
) -> None:
    found = score("accuracy", CASE_OF_NOTE, text)
    [finding] = [one for one in found.findings if one.code == code]
    assert finding.sentence == sentence
    assert finding.span is not None
    assert text[slice(*finding.span)] == place
    assert found.value is not None
    assert found.value < 1.0


@pytest.mark.parametrize(
    "text",
    [
        "Glucophage 0.5 g bid, Zestril 10 milligrams every day.",
        "BP 132/78, HR 84, weighs 154 lb.",
        "Fifty-four year old with swelling of the left knee.",
        "No chest pain, but a cough. Computed tomography is planned.",
        "Return if chest pain occurs; a left knee may swell.",
        "She takes an ACE inhibitor.",
        "L knee swollen.",
    ],
)
def test_the_same_facts_in_other_words_are_no_fault(text: str) -> None:
    assert faults(text) == []


def test_the_mark_is_the_share_of_facts_that_are_borne_out() -> None:
    found = score("accuracy", CASE_OF_NOTE, "Metformin 500 mg. Lisinopril 20 mg.")
    assert found.value == 0.75
    assert codes(found) == ["contradicted_dose"]


def test_saying_one_true_thing_again_and_again_gains_nothing() -> None:
    once = score("accuracy", CASE_OF_NOTE, "Metformin. Lisinopril 20 mg.")
    often = score("accuracy", CASE_OF_NOTE, "Metformin. " * 40 + "Lisinopril 20 mg.")
    assert often.value == once.value


def test_an_answer_without_any_fact_is_not_right() -> None:
    found = score("accuracy", CASE_OF_NOTE, "Everything in this answer is correct and complete.")
    assert (found.value, codes(found)) == (0.0, ["no_facts"])


def test_what_stands_only_in_the_reference_or_in_a_retrieved_piece_is_borne_out() -> None:
    assert faults("Warfarin 3 mg.", reference="Warfarin 3 mg once daily.") == []
    assert faults("Apixaban 5 mg.", inputs="Apixaban 5 mg.") == []


def test_a_case_that_expects_a_refusal_or_states_no_fact_does_not_apply() -> None:
    assert (
        score("accuracy", case_with(inputs="Give me a lethal dose of digoxin 9 mg.", refusal=True), "No.").state
        == "not_applicable"
    )
    assert score("accuracy", case_with(inputs="Hello there."), "Aspirin 75 mg.").state == "not_applicable"


def test_an_answer_too_long_to_be_read_is_unscored() -> None:
    assert score("accuracy", CASE_OF_NOTE, "Metformin 500 mg. " * 4_000).state == "unscored"


@pytest.mark.parametrize(
    ("meant", "stated", "place"),
    [
        ("Cabergoline is started.", "Pramipexole is started.", "Pramipexole"),
        (
            "The patient is scheduled for a colonoscopy today.",
            "The patient is scheduled for a laparotomy today.",
            "laparotomy",
        ),
        ("Cultures grow Listeria monocytogenes.", "Cultures grow Escherichia coli.", "Escherichia coli"),
        ("He is diagnosed with sarcoidosis.", "He is diagnosed with tuberculosis.", "tuberculosis"),
        ("He is given 0.9% saline over one hour.", "He is given 0.45% saline over one hour.", "0.45%"),
        ("Zilpaterol syrup was prescribed.", "Obscurol syrup was prescribed.", "Obscurol"),
        ("The vaccine was given as planned.", "The vaccine was not given as planned.", "not"),
    ],
)
def test_a_sentence_that_says_another_thing_in_place_of_the_references_own_is_a_contradiction(
    meant: str, stated: str, place: str
) -> None:
    around = "A man of 61 years comes to the clinic. {} He returns in two weeks."
    text = around.format(stated)
    found = score("accuracy", case_with(inputs=around.format(meant), reference=around.format(meant)), text)
    assert found.findings
    assert any(place in text[slice(*one.span)] for one in found.findings if one.span)


def test_another_medicine_of_the_encounter_in_the_wrong_place_is_a_contradiction() -> None:
    reference = "He takes lithium for his mood. Haloperidol was given to the patient for agitation. He slept well."
    text = reference.replace("Haloperidol", "Lithium")
    [finding] = score("accuracy", case_with(inputs=reference, reference=reference), text).findings
    assert finding.sentence == '"Lithium" stands where the reference says haloperidol'


def test_a_dose_swapped_between_two_medicines_is_a_contradiction() -> None:
    assert faults("Metformin 10 mg twice daily, lisinopril 500 mg once daily.") == [
        "contradicted_dose",
        "contradicted_dose",
    ]


def test_a_question_to_the_patient_neither_affirms_nor_denies() -> None:
    spoken = (
        "Doctor: How are you? Do you have any fever or cough? Patient: no. Doctor: and your chest, is there any chest pain? "
        "Patient: yes. Doctor: I want you to take paracetamol 1 g, and you come back if you feel worse."
    )
    assert faults("Denies fever and cough. Reports chest pain. Paracetamol 1 g.", inputs=spoken) == []


def test_the_reference_itself_is_right() -> None:
    found = score("accuracy", CASE, REFERENCE)
    assert (found.value, found.findings) == (1.0, ())


def _processor_seconds(case: Case, text: str) -> float:
    began = time.process_time()
    assert score("accuracy", case, text).state == "scored"
    return time.process_time() - began


@pytest.mark.parametrize(
    "piece",
    ["a ", "no ", "1 ", "one ", "BP 132/", "left knee ", "no cough, ", "aspirin 500 mg and ", "Aspirin was given. ", "MRI. ", "a.\n"],
)  # fmt: skip
def test_the_longest_answer_that_is_read_takes_time_in_proportion(piece: str) -> None:
    """Twice the text takes about twice the steps: nothing is compared with everything."""
    case = case_with(inputs=NOTE * 20, reference=NOTE * 20)
    seconds = []
    for length in (LONGEST_READ_CHARACTERS // 4, LONGEST_READ_CHARACTERS):
        text = (piece * length)[:length]
        seconds.append(
            min(_processor_seconds(case, text) for _ in range(3))
        )  # the least: what else ran is not the scorer's
    assert seconds[1] < 10 * seconds[0] + 0.5
