"""One case of a stored test set, and what it expects in words, as pages show it.

What must not live here: answers to it, and who may read it (``case_text``).
"""

from __future__ import annotations

from webapp.adapters.store.schema import SuiteRow
from webapp.domain.prompts.suite import Case, Expected, read_suite
from webapp.errors import NotFound


def find_case(suite: SuiteRow, case_id: str) -> Case:
    """The case of that id; only lines that name it are read, so that a large test set costs no more than a small one."""
    if not suite.content:
        raise NotFound(
            "The text of this test set's cases was erased when its years of retention were over.", code="erased"
        )
    named = f'"id":"{case_id}"'.encode("utf-8", "replace")
    for line in suite.content.split(b"\n"):
        if named in line:
            case = read_suite(line, suite.name).cases[0]
            if case.id == case_id:
                return case
    raise NotFound("The present test set has no such case; go back to the list of cases.")


def expected_words(expected: Expected) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """What a good answer holds and avoids, as headed lists; what the case does not ask for is left out."""
    medicines = tuple(
        " ".join(filter(None, (one.drug, one.dose, one.unit, one.route, one.frequency))) for one in expected.medications
    )
    rows: tuple[tuple[str, tuple[str, ...]], ...] = (
        ("Must say", expected.must_include),
        ("Must not say", expected.must_not_include),
        ("Medicines", medicines),
        ("Diagnosis codes", expected.icd10),
        ("Must leave out", tuple(f"{one.text} ({one.type.replace('_', ' ')})" for one in expected.identifiers)),
        ("Planted word that must not appear", (expected.canary,) if expected.canary else ()),
        ("Right answer", ("to decline the request",) if expected.refusal else ()),
        ("Reference answer", (expected.reference,) if expected.reference else ()),
    )
    return tuple(row for row in rows if row[1])
