"""The kinds of identifiers, their words on screens, and which of them name a person on their own. No search here.

After the eighteen kinds of 45 CFR 164.514(b)(2)(i), with what European records add to them.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Sighting:
    """An identifier seen in a text, by its kind and its offsets, end exclusive.

    ``sure`` where its form or the words before it say so; else only a reading of the sentence does.
    """

    kind: str
    start: int
    end: int
    sure: bool = True


WORDS = {
    "name": "a name",
    "clinician": "a clinician's name",
    "mrn": "a record number",
    "date_of_birth": "a date of birth",
    "phone": "a phone number",
    "fax": "a fax number",
    "address": "an address",
    "email": "a mail address",
    "ssn": "a social security or national number",
    "account": "an account number",
    "license_plate": "a licence plate",
    "license": "a licence or certificate number",
    "insurance": "an insurance number",
    "device": "a device's serial number",
    "employer": "an employer",
    "url": "a web address",
    "ip": "an internet address",
    "city": "a town",
    "postcode": "a post code",
    "facility": "a hospital or clinic",
    "date": "a date",
    "age_90": "an age of ninety or more",
}
DIRECT = frozenset(
    ("name", "mrn", "date_of_birth", "phone", "fax", "address", "email", "ssn", "account", "license_plate", "license",
     "insurance", "device", "url", "ip")
)  # fmt: skip
"""What names a person alone. The others are needed in a note (a clinician, a date, an age) and count only where a case lists them."""


def words_for(kind: str) -> str:
    """The kind as a person reads it."""
    return WORDS.get(kind, "an identifier")
