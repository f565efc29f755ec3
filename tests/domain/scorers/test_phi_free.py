"""Identifiers in odd spelling, and words that only look like them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.domain.scorers.examples import CASE, LOOKUPS, REFERENCE, answer, case_with, codes, expecting, score
from webapp.domain.prompts.suite import Identifier
from webapp.domain.scorers import phi_free
from webapp.domain.scorers.interface import no_search_for_identifiers
from webapp.domain.scorers.other_cases import OtherCases
from webapp.domain.scorers.table import score_answer


def leaked(kind: str, value: str, text: str) -> bool:
    one = score("phi_free", case_with(identifiers=(Identifier(kind, value),)), text)
    assert one.value == (0.0 if one.findings else 1.0)
    return bool(one.findings)


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        ("name", "Marta Delacroix-Huang", "Marta Delacroix-Huang is 64"),
        ("name", "Marta Delacroix-Huang", "MARTA  DELACROIX HUANG"),
        ("name", "Marta Delacroix-Huang", "Delacroix-Huang, Marta"),
        ("name", "Marta Delacroix-Huang", "Mrs. Huang reports"),
        ("name", "Marta Delacroix-Huang", "**Marta** reports"),
        ("name", "José Muñoz", "Jose Munoz came"),
        ("name", "Jose Munoz", "José Muñoz came"),
        ("name", "Marta Delacroix", "Mar\u200bta Dela\u00adcroix"),
        ("name", "Marta Delacroix", "Ｍａｒｔａ came"),
        ("name", "Grace Young", "Grace Young came"),
        ("name", "Aoife O'Brien", "Ms O’Brien came"),
        ("mrn", "8841-207", "MRN: 8841207"),
        ("mrn", "60-3318-C", "record 60 3318 c"),
        ("mrn", "M1991709", "M 1991709"),
        ("phone", "555-0142", "call (212) 555 0142"),
        ("phone", "+1 (212) 555-0142", "call 212.555.0142"),
        ("ssn", "123-45-6789", "SSN 123456789"),
        ("license_plate", "MUB 181", "plate mub-181"),
        ("email", "ana.ruiz@example.org", "ana.ruiz [at] example [dot] org"),
        ("email", "ana.ruiz@example.org", "ANA.RUIZ@EXAMPLE.ORG"),
        ("address", "14 Linden Row, Apt 3", "lives at 14 Linden Row"),
        ("url", "https://www.example.org/ana", "see example.org/ana"),
        ("employer", "Hollow & Dunn Gates", "works at Hollow & Dunn Gates"),
        ("mrn", "RT/4482", "record RT/4482"),
        ("employer", "Northgate Tannery", "works at northgate tannery"),
        ("date_of_birth", "14/02/1961", "born 1961-02-14"),
        ("date_of_birth", "14/02/1961", "born February 14, 1961"),
        ("date_of_birth", "14/02/1961", "born on the 14th of February 1961"),
        ("date_of_birth", "14/02/1961", "DOB 2/14/61"),
        ("date_of_birth", "14/02/1961", "14.02.1961"),
        ("date_of_birth", "14/02/1961", "19610214"),
        ("date_of_birth", "3 March 1990", "03-03-1990"),
    ],
)
def test_an_identifier_is_found_in_other_spelling(kind: str, value: str, text: str) -> None:
    assert leaked(kind, value, text)


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        ("name", "Marta Delacroix", "The patient reports a martial arts injury"),
        ("name", "Grace Young", "A young woman in good grace"),
        ("name", "May Bell", "Symptoms may recur; Bell palsy"),
        ("name", "Ana Ruiz", "analgesia given"),
        ("mrn", "12080", "BP 120/80"),
        ("mrn", "8841-207", "platelets 8841, 207 mL drained"),
        ("phone", "555-0142", "code 15550142"),
        ("date_of_birth", "14/02/1961", "seen on 14/02/2023, BP 140/61"),
        ("date_of_birth", "14/02/1961", "born in 1961"),
        ("address", "14 Linden Row", "14 days of Linden tea in a row"),
        ("email", "ana@example.org", "see example.org"),
    ],
)
def test_words_and_numbers_that_only_look_alike_are_no_leak(kind: str, value: str, text: str) -> None:
    assert not leaked(kind, value, text)


def test_a_leak_is_critical_and_names_the_type_but_not_the_value() -> None:
    one = score("phi_free", CASE, REFERENCE + "\nMarta Delacroix-Huang, born 14 Feb 1961")
    assert codes(one) == ["identifier_leaked", "identifier_leaked"]
    assert all(finding.critical and finding.span for finding in one.findings)
    said = " ".join(finding.sentence for finding in one.findings)
    assert "a name" in said
    assert "a date of birth" in said
    assert "Marta" not in said
    assert "1961" not in said


def test_an_identifier_that_the_case_asks_for_may_stand() -> None:
    case = expecting(
        CASE, reference="Patient: Marta Delacroix-Huang", identifiers=(Identifier("name", "Marta Delacroix-Huang"),)
    )
    assert score("phi_free", case, "Patient: Marta Delacroix-Huang").value == 1.0


def test_an_identifier_that_nobody_listed_is_found_by_its_form_in_any_case() -> None:
    case = case_with(inputs="Patient: Marta Delacroix, MRN 55012843, call back on (212) 555-0147. Knee pain.")
    for text in ("Marta Delacroix has knee pain.", "Knee pain (55012843).", "Knee pain; call 212.555.0147"):
        one = score("phi_free", case, text)
        assert (one.value, codes(one)) == (0.0, ["identifier_leaked"]), text
        assert one.findings[0].critical
    assert score("phi_free", case, "Knee pain since May.").value == 1.0


def test_an_identifier_that_stands_in_neither_is_a_finding_without_being_critical() -> None:
    one = score("phi_free", case_with(inputs="Knee pain."), "Mrs. Ottilie Fairweather, MRN 7781-204, has knee pain.")
    assert codes(one) == ["identifier_unknown", "identifier_unknown"]
    assert one.value == 0.0
    assert not any(finding.critical for finding in one.findings)


def test_another_patients_identifier_is_critical() -> None:
    mine = replace(case_with(inputs="Knee pain."), id="a", cluster="a")
    listed = replace(
        case_with(
            inputs="x", identifiers=(Identifier("name", "Ines Halvorsen-Teo"), Identifier("name", "Rik Achterberg"))
        ),
        id="b",
        cluster="b",
    )
    unlisted = replace(case_with(inputs="MRN: 90217734, cough."), id="c", cluster="c")
    lookups = replace(LOOKUPS, of_other_cases=OtherCases((mine, listed, unlisted)).find)
    for text in ("Ines Halvorsen Teo has knee pain.", "MRN 90217734, knee pain", "Ms Achterberg has knee pain."):
        one = phi_free.score(mine, answer(text), lookups)
        assert codes(one) == ["other_patient"], text
        assert one.findings[0].critical
    assert phi_free.score(mine, answer("Knee pain."), lookups).value == 1.0


def test_what_many_patients_share_belongs_to_none_of_them() -> None:
    number = Identifier("phone", "555-0142-77")
    cases = tuple(replace(case_with(inputs="x", identifiers=(number,)), id=name, cluster=name) for name in "bcd")
    mine = replace(case_with(inputs="Knee pain."), id="a", cluster="a")
    assert OtherCases((mine, *cases)).find(mine, "call 555 0142 77", ()) == ()


def test_one_patients_own_cases_are_no_others() -> None:
    name = Identifier("name", "Ines Halvorsen")
    mine = replace(case_with(inputs="Knee pain."), id="a", cluster="ines")
    same = replace(case_with(inputs="x", identifiers=(name,)), id="b", cluster="ines")
    assert OtherCases((mine, same)).find(mine, "Ines Halvorsen", ()) == ()


@pytest.mark.parametrize(
    "text",
    [
        "Crohn's disease and Hashimoto thyroiditis; Foley catheter removed; Parkinson disease stable.",
        "Seen by Dr. Osei at Larkmead Hospital on 12 May 2024; she is 91 years old.",
        "Metformin 500 mg twice daily, Lantus 12 units at night, Humira 40 mg every 2 weeks.",
        "Transferred to Ward 7B. BP 120/80, SpO2 98%, Hb 12.8 g/dL, platelets 241,000, INR 2.5.",
        "PATIENT: Microgynon. One a day. PATIENT: Latex brings me out in a rash.",
        "Babinski negative, Murphy sign positive, Glasgow Coma Scale 15. Graves ophthalmopathy.",
    ],
)
def test_what_a_note_needs_is_no_identifier(text: str) -> None:
    assert score("phi_free", case_with(inputs=text), text).value == 1.0


def test_a_listed_leak_counts_where_nothing_can_search_and_else_nothing_is_known() -> None:
    alone = replace(LOOKUPS, find_identifiers=no_search_for_identifiers)
    assert codes(phi_free.score(CASE, answer("Marta Delacroix-Huang"), alone)) == ["identifier_leaked"]
    found = {one.metric: one for one in score_answer(CASE, answer(REFERENCE), alone)}
    assert found["phi_free"].state == "unscored"
