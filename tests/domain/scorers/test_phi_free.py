"""Identifiers in odd spelling, and words that only look like them."""

from __future__ import annotations

import pytest

from tests.domain.scorers.examples import CASE, REFERENCE, case_with, codes, expecting, score
from webapp.domain.prompts.suite import Identifier


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
    assert score("phi_free", case, "Marta Delacroix-Huang").state == "not_applicable"


def test_a_case_without_identifiers_is_not_scored() -> None:
    assert score("phi_free", case_with(), "Marta").state == "not_applicable"
