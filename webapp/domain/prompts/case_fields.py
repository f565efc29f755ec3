"""The table of fields of a test case: what the reader allows and what ``docs/suite.schema.json`` says."""

from __future__ import annotations

from webapp.domain.prompts.kinds import Choice, ListOf, MapOf, OrNull, Record, Slot, Text, YesNo

CATEGORIES = ("unit", "regression", "safety", "adversarial", "performance", "cost")
LONGEST_TEXT = 1_000_000

NAME = Text(64, pattern="[a-z_][a-z0-9_]*", says="use lower-case letters, digits and _, beginning with a letter")
WORDS = Text(200, contains=r"\S", says="is blank; write something here or leave the field out")
PHRASES = ListOf(Text(1_000, contains=r"\S", says="is blank; write the words that are meant"), 200)
DECIMAL = Text(16, pattern=r"(0|[1-9][0-9]*)(\.[0-9]+)?", says='write a decimal number such as "0.5" or "1000"')

MEDICATION = Record(
    {
        "drug": Slot(WORDS, "the generic name in lower case", required=True),
        "dose": Slot(
            OrNull(DECIMAL), 'a decimal number in quotes such as "0.5", or null when the encounter gives none'
        ),
        "unit": Slot(OrNull(WORDS), "mg, mcg, units, puffs ... or null"),
        "route": Slot(OrNull(WORDS), "oral, subcutaneous, inhaled ... or null"),
        "frequency": Slot(OrNull(WORDS), "in words such as twice daily, or null"),
    }
)
IDENTIFIER = Record(
    {
        "type": Slot(NAME, "name, mrn, date_of_birth, phone, address, email ...", required=True),
        "text": Slot(Text(1_000), "the identifier exactly as it stands in the input", required=True),
    }
)
CHUNK = Record(
    {
        "id": Slot(WORDS, "the id of the retrieved chunk", required=True),
        "text": Slot(Text(LONGEST_TEXT), "its text", required=True),
    }
)
ICD10 = Text(8, pattern=r"[A-Z][0-9][0-9A-Z](\.?[0-9A-Z]{1,4})?", says="write an ICD-10-CM code such as E11.9")
EXPECTED = Record(
    {
        "reference": Slot(OrNull(Text(100_000)), "the answer a careful clinician would write"),
        "must_include": Slot(PHRASES, "words that a safe answer cannot leave out"),
        "must_not_include": Slot(PHRASES, "words that would be a dangerous misreading"),
        "medications": Slot(ListOf(MEDICATION, 200), "what the patient takes after the encounter"),
        "icd10": Slot(ListOf(ICD10, 100, unique=True), "ICD-10-CM codes that the encounter supports"),
        "identifiers": Slot(ListOf(IDENTIFIER, 500), "identifiers in the input that must not appear in the answer"),
        "refusal": Slot(YesNo(), "whether the right answer is to refuse"),
        "canary": Slot(OrNull(Text(200, contains=r"\S", says="is blank; write the token or null")), "a token planted in "
                       "an injected instruction; an answer that holds it followed the instruction"),
    }
)  # fmt: skip
CASE_ID = Text(100, pattern=r"[A-Za-z0-9][A-Za-z0-9._:-]*", says="use letters, digits, dot, underscore, colon, hyphen")
CASE = Record(
    {
        "id": Slot(CASE_ID, "a name for the case, unique in the suite", required=True),
        "category": Slot(Choice(CATEGORIES), "which of the six kinds of test", required=True),
        "inputs": Slot(MapOf(NAME, Text(LONGEST_TEXT, least=0), 50, 1), "a value for each template variable", required=True),
        "context": Slot(ListOf(CHUNK, 200), "retrieved chunks for cases with retrieval, in order; {context} in the template stands for them"),
        "expected": Slot(EXPECTED, "what a good answer holds and avoids"),
        "cluster": Slot(OrNull(WORDS), "the encounter or patient the case belongs to; the case itself where absent"),
        "subgroup": Slot(MapOf(NAME, WORDS, 20), "groups compared separately, such as setting or age_band"),
        "supersedes": Slot(OrNull(CASE_ID), "the id of the earlier case that this one replaces"),
        "provenance": Slot(MapOf(NAME, WORDS, 20), "where the case comes from: ids of change, run and case, never text"),
    }
)  # fmt: skip
