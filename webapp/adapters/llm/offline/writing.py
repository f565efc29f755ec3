"""The wording of the offline model's answers.

What must not live here: what is said (answer) and what goes wrong (faults).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from webapp.adapters.llm.offline.medicines import Medicine

HEADINGS = {"S": "Subjective", "O": "Objective", "A": "Assessment", "P": "Plan"}
NOTHING = {
    "S": "No history recorded.",
    "O": "No findings recorded.",
    "A": "No diagnosis stated.",
    "P": "No plan recorded.",
}


@dataclass(frozen=True)
class Coded:
    """One condition with the code to write, empty when none is given."""

    name: str
    code: str
    is_uncertain: bool


def medicine_line(medicine: Medicine) -> str:
    """One medicine on one line: name, dose, route, frequency, as far as they are there."""
    dose = f"{medicine.dose} {medicine.unit}" if medicine.dose else ""
    return " ".join(part for part in (medicine.name, dose, medicine.route, medicine.frequency) if part)


def condition_phrase(coded: Coded) -> str:
    """One condition in words, with its code in brackets."""
    name = coded.name[0].upper() + coded.name[1:]
    return f"{'Possible ' + coded.name if coded.is_uncertain else name}{f' ({coded.code})' if coded.code else ''}"


def medicine_answer(taken: Sequence[Medicine], stopped: Sequence[str], extra: Sequence[str]) -> str:
    """A list of medicines, what was stopped, and further sentences."""
    lines = [f"- {medicine_line(medicine)}" for medicine in taken] or ["No medicines."]
    if stopped:
        lines.append(f"Stopped: {', '.join(stopped)}")
    return "\n".join([*lines, *extra])


def json_answer(taken: Sequence[Medicine], stopped: Sequence[str], coded: Sequence[Coded]) -> str:
    """The same as one JSON object."""
    rows = [
        {"drug": one.name, "dose": one.dose, "unit": one.unit, "route": one.route, "frequency": one.frequency}
        for one in taken
    ]
    found = {"medications": rows, "stopped": list(stopped), "icd10": [one.code for one in coded if one.code]}
    return json.dumps(found, ensure_ascii=False, indent=2)


def section_answer(sections: Sequence[tuple[str, Sequence[str]]]) -> str:
    """Sections with their headings; each gets its sentences, then its lines."""
    blocks = []
    for letter, parts in sections:
        body = [part for part in parts if part] or [NOTHING[letter]]
        blocks.append(f"{HEADINGS[letter]}:\n" + "\n".join(body))
    return "\n\n".join(blocks)
