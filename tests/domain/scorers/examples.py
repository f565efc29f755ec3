"""One invented case with a good answer, a small code table, and short ways to score."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from webapp.adapters.patterns import search
from webapp.domain.identifiers.reading import find_anchored
from webapp.domain.prompts.suite import Case, Chunk, Expected, Identifier, Medication
from webapp.domain.scorers.interface import Answer, Lookups, Score
from webapp.domain.scorers.table import SCORERS

CODES = {
    "E11": False,
    "E11.9": True,
    "E11.65": True,
    "I10": True,
    "J45.901": True,
    "J45.909": True,
    "T37.3": False,
    "L12": False,
}
LOOKUPS = Lookups(
    code_exists=CODES.__contains__,
    is_billable=lambda code: CODES.get(code, False),
    category_of=lambda code: code[:3] if code in CODES else None,
    find_identifiers=find_anchored,
    search=search,
)

REFERENCE = """Subjective:
Woman with diabetes, allergic to penicillin. Denies chest pain.
Objective:
BP 132/78.
Assessment:
Type 2 diabetes (E11.9).
Plan:
Metformin 500 mg twice daily. Insulin glargine 12 units at bedtime."""

CITED = REFERENCE + " [ward-3]"
RETRIEVED = (Chunk("ward-3", "Lantus (insulin glargine) 12 units at bedtime was started on the ward."),)

CASE = Case(
    id="c1",
    category="unit",
    inputs={
        "encounter_text": "Metformin 500 mg bid; Lantus 12 units at night. Stopped ibuprofen. Allergic to penicillin."
    },
    expected=Expected(
        reference=REFERENCE,
        must_include=("allergic to penicillin", "500 mg"),
        must_not_include=("continue ibuprofen",),
        medications=(
            Medication("metformin", "500", "mg", "oral", "twice daily"),
            Medication("insulin glargine", "12", "units", "subcutaneous", "at bedtime"),
        ),
        icd10=("E11.9",),
        identifiers=(Identifier("name", "Marta Delacroix-Huang"), Identifier("date_of_birth", "14/02/1961")),
    ),
)


def case_with(category: str = "unit", inputs: str | None = None, **expected: Any) -> Case:
    """A case that expects only what is given."""
    given = {"encounter_text": inputs} if inputs is not None else CASE.inputs
    return Case(id="c2", category=category, inputs=given, expected=Expected(**expected))


def answer(text: str, finish_reason: str = "stop", **more: Any) -> Answer:
    return Answer(
        text,
        finish_reason,
        900,
        250,
        more.get("cost"),
        more.get("latency"),
        more.get("ttft"),
        more.get("cached", False),
    )


def score(metric: str, case: Case, text: str, finish_reason: str = "stop", **more: Any) -> Score:
    scorer = next(one for one in SCORERS if one.name == metric)
    return scorer.score(case, answer(text, finish_reason, **more), LOOKUPS)


def codes(found: Score) -> list[str]:
    return [finding.code for finding in found.findings]


def expecting(case: Case, **changes: Any) -> Case:
    """The case with other expectations."""
    return replace(case, expected=replace(case.expected, **changes))
