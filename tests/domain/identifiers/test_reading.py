"""Identifiers that nobody listed, in many formats; and words of notes that only look like them."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from webapp.domain.identifiers.folding import fold
from webapp.domain.identifiers.kinds import WORDS
from webapp.domain.identifiers.reading import find_anchored

FOUND = """
name | Mrs. [Ottilie Fairweather] was reviewed.
name | Seen today: Mr [J. P. Okonkwo].
name | Patient: [Svetlana Petrova]
name | Patient name: [DELACROIX, MARTA]
name | Pt name - Name: [Nguyen Van Minh]
name | [Marchetti, Lucia] presented with cough.
name | [Kwame Boateng] is a 54-year-old man.
name | [Soledad Ibarra-Quispe], 71, reports dyspnoea.
name | accompanied by her daughter [Ngozi]
name | His wife, [Anneliese], gives the history.
name | [Björn Ødegård] returned for review.
name | [José Muñoz] denies fever.
name | Next of kin: [Fatima al-Sayed]
name | The patient, whose name is [Tomasz Kowalski], smokes.
name | [Mary-Anne O'Brien] called the ward.
name | Frau [Müller] kam in die Praxis.
name | Señora [García López] is here.
name | spoke to [Sean McAllister] by phone
name | Emergency contact: [Priya Raman], sister
name | Dear Ms [van der Berg],
name | I saw [Gregory Hill] this morning.
name | [M. Delgado] was discharged.
name | Ms. [Ｍａｒｔａ Ｒｕｉｚ] has knee pain
name | Surname: [Achterberg]
name | Patient name: [Oyelaran]
name | Mr. Al\u200bon\u00adso [Herrera] came
mrn | MRN: [5520-914]
mrn | MRN [AB1234567]
mrn | Medical Record #: [00-45-12-88]
mrn | medical record no. [H0012345]
mrn | NHS number [943 476 5919]
mrn | Hospital No: [K123456]
mrn | Patient ID [PT-2024-00871]
mrn | chart number is [778812]
mrn | **MRN:** [7781204]
mrn | Encounter # [99120034]
mrn | UR number [301 22 87]
mrn | mrn [７７８１２０４]
mrn | Med rec no [7700123]
mrn | ID number [99812-K]
name | [OKAFOR, CHINEDU] 45M
city | from [Springfield, IL]
mrn | MRN [55O12843]
date_of_birth | DOB: [03/28/1960]
date_of_birth | D.O.B. [28.03.1960]
date_of_birth | date of birth [3 March 1978]
date_of_birth | born on the [14th of February 1961]
date_of_birth | Born: [1961-02-14]
date_of_birth | Birthdate [Feb 14, 1961]
date_of_birth | geb. am [14.02.1961]
date_of_birth | DOB [19610214]
phone | call [(212) 555-0147]
phone | Tel. [212.555.0147]
phone | cell [2125550147]
phone | [+1 212 555 0147] is best
phone | Phone: [020 7946 0958]
phone | mobile [07700 900123]
phone | reach her on [+49 30 901820]
phone | [+33 1 42 68 53 00]
phone | tel [030/901820]
phone | Phone 212-555-0147 [ext. 22]
phone | [06 12 34 56 78]
fax | Fax: [212-555-0199]
fax | fax number [+44 20 7946 0959]
email | write to [ana.ruiz+test@clinic.example.org]
email | [ana.ruiz [at] example [dot] org]
email | [ana.ruiz at example dot org]
ssn | SSN [123-45-6789]
ssn | social security number: [123 45 6789]
ssn | SSN [123456789]
ssn | NI number [AB 12 34 56 C]
ssn | her national insurance no is [AB123456C]
ssn | codice fiscale [RSSMRA85T10A562S]
ssn | DNI [12345678Z]
ssn | passport number [C01X00T47]
ssn | personnummer [850709-9805]
account | Account # [8717592285]
account | acct no. [44-2210-9]
account | IBAN [DE89 3704 0044 0532 0130 00]
account | Visa [4111 1111 1111 1111]
account | invoice number [INV-20931]
insurance | Member ID: [XQJ468804211]
insurance | Medicare number [1EG4-TE5-MK73]
insurance | policy no. [POL-88231-A]
insurance | Health plan ID [EJH468804211]
insurance | Medicaid ID [AZ12345678]
insurance | BCBS ID [ZGP882134001]
license | DEA number [BG6263809]
license | NPI [1234567893]
license | driver's license [D123-4567-8901]
license | GMC no [7012345]
license_plate | License plate [MUB 181]
license_plate | number plate [LX19 KTR]
license_plate | Kennzeichen plate: [B-AB 1234]
license_plate | VIN [1HGCM82633A004352]
device | Pacemaker serial number [SN23076910Z]
device | S/N: [PZE903412H]
device | insulin pump serial no. [NG1234567H]
device | MAC [00:1B:44:11:3A:B7]
url | Portal: [https://portal.example.net/p/3961]
url | see [www.example.org/patients/ana]
ip | from IP [192.0.2.44]
ip | from [2001:db8:0:1:1:1:1:1]
address | Lives at [14 Linden Row, Apt 3, Springfield, IL 62704]
address | Address: [2210 N. Halsted Street, Unit 4B]
address | [27 Rue de la Paix, 75002 Paris]
address | wohnhaft [Hauptstraße 12, 10115 Berlin]
address | [Calle Mayor 5, 28013 Madrid]
address | [Flat 3, 12 Larkmead Rise], Bath
address | [P.O. Box 1182]
address | [99351 Anne River, South Erin, NE 41676]
address | moved to [8 Church Lane]
postcode | ZIP [67011]
postcode | postcode [SW1A 1AA]
city | She lives in [Smallchester].
city | originally from [North Autumn]
city | resides in [Gdynia]
facility | Seen at [Mercy General Hospital].
facility | transferred from [St. Luke Medical Center]
facility | [Riverside Community Clinic] sent him
age_90 | Patient is [94] years old.
age_90 | a [101]-year-old woman
age_90 | a [92] yo man
date | admitted on [13 Dec 2023]
date | Admitted on [01/15] for observation
date | on [July 21, 2020]
clinician | Referred by Dr. [Brown].
clinician | [Ruth Sanchez, PA-C]
clinician | Attending: [Hugo Lindqvist]
"""
ROWS = [tuple(row.split(" | ")) for row in FOUND.strip().splitlines()]

NOTHING = """
Crohn's disease, Hashimoto thyroiditis, Parkinson disease and Graves ophthalmopathy.
Foley catheter removed; Jackson-Pratt drain in place; Hickman line flushed.
Positive Murphy sign, negative Babinski and Hoffmann, Romberg normal.
Glasgow Coma Scale 15, Apgar 8 and 9, Wells score 3, Child-Pugh B.
Ringer lactate 500 mL, Humira 40 mg, Lantus 12 units, Prozac 20 mg, Crestor 10 mg.
BP 120/80, pulse 72, SpO2 98%, temperature 98.6 F (37 C), RR 16.
Hb 12.8 g/dL, platelets 241,000/mm3, Na 140, K 4.2, creatinine 0.9 mg/dL, INR 2.5, TSH 2.10.
Transferred from ward 7B to ICU bed 12; room 204.
Strength 5/5, visual acuity 20/20, murmur 3/6, reflexes 2+.
Metformin 500 mg twice daily for 90 days, 3 refills; 1-2 tablets every 4-6 hours.
A 45-year-old man with a 3-day history of cough since Monday.
ICD-10 E11.9, J45.901; CPT 99213; L4-L5 disc, C5-C6 fusion, T12 fracture.
Escherichia coli, Neisseria gonorrhoeae, H. pylori, S. aureus, C. difficile.
Plan: 1. Continue Aspirin. 2. Follow Up In Two Weeks. 3. Physical Therapy.
The patient lives with her husband in a two-story house and works from home.
She traveled to Mexico in May and may return in the fall.
Chest X-ray showed a 2.5 x 3.0 cm mass; EF 45%; FEV1 62%; A1c 7.2%.
See her primary care clinic, the emergency department or the nearest hospital.
Assessment And Plan: Type 2 Diabetes Mellitus. History Of Present Illness: Knee Pain.
Call 911. Patient Agreements: The patient understands and agrees.
PAST MEDICAL HISTORY, FAMILY HISTORY, CHIEF COMPLAINT, VITAL SIGNS, MARY had none of it.
Drug name: Eliquis; brand name: Xarelto. PATIENT: Saturday. PATIENT: Yes, Doctor.
pH 7.40, pCO2 40, HCO3 24, lactate 1.1; urine specific gravity 1.010.
"""


@pytest.mark.parametrize(("kind", "text"), ROWS)
def test_an_identifier_is_found_in_full_by_its_kind(kind: str, text: str) -> None:
    start, end = text.index("["), text.rindex("]") - 1
    if "[at]" in text or "[dot]" in text:
        text, start, end = text[:start] + text[start + 1 : -1], start, len(text) - 2
    else:
        text = text.replace("[", "").replace("]", "")
    found = find_anchored(text)
    covered = {place for one in found for place in range(one.start, one.end)}
    assert all(place in covered for place in range(start, end) if text[place].isalnum()), found
    assert kind in {one.kind for one in found if one.start < end and one.end > start}


@pytest.mark.parametrize("text", NOTHING.strip().splitlines())
def test_what_a_note_says_of_the_illness_is_no_identifier(text: str) -> None:
    assert find_anchored(text) == ()


def test_sightings_do_not_overlap_and_have_known_kinds() -> None:
    found = find_anchored("\n".join(text.replace("[", "").replace("]", "") for _, text in ROWS))
    assert all(one.end <= other.start for one, other in pairwise(found))
    assert {one.kind for one in found} <= WORDS.keys()


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=200), st.text(max_size=200))
def test_a_number_is_found_whatever_stands_around_it(before: str, after: str) -> None:
    text = f"{before} SSN 123-45-6789 {after}"
    found = find_anchored(text)
    assert all(0 <= one.start < one.end <= len(text) for one in found)
    assert any(text[one.start : one.end].startswith("123") for one in found)


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="ab O0l1-.\u200b\u00ad\u0301é\uff21\uff10ß", max_size=40))
def test_a_folded_text_points_back_to_its_letters(text: str) -> None:
    folded = fold(text)
    for at in range(len(folded.text)):
        start, end = folded.span(at, at + 1)
        assert end == start + 1
        assert fold(text[start]).text or folded.text[at] in "01"


@pytest.mark.parametrize("piece", ["A", "9", "Aa ", "9 ", "1-", "MRN ", "Dr. ", "a@", "Mr. A. ", "St ", "\n", "on 1/"])
def test_fifty_thousand_hostile_characters_take_bounded_time(piece: str) -> None:
    began = time.process_time()
    find_anchored((piece * 50_000)[:50_000])
    assert time.process_time() - began < 5.0
