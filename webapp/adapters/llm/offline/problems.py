"""The conditions of an encounter, weighed by how surely they are this patient's present diagnoses.

What must not live here: the conditions' names and codes (lexicon), errors made on purpose (faults).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from webapp.adapters.llm.offline import cues
from webapp.adapters.llm.offline.combinations import combined, sided
from webapp.adapters.llm.offline.lexicon import Condition
from webapp.adapters.llm.offline.sentences import Sentence
from webapp.adapters.llm.offline.words import Match

REACH_CHARACTERS = 45
LEAST_WEIGHT = 1.0
LEAST_SHARE_OF_THE_FIRST = 0.6
MOST_DIAGNOSES = 3
SYMPTOM_CHAPTERS = ("R", "M79", "M25", "Z88", "Z79", "W", "T14")


@dataclass
class Problem:
    """One condition; the weight grows with every sign that it is what the encounter is about."""

    code: str
    name: str
    weight: float
    is_uncertain: bool
    place: int


def problems_of(sentences: Sequence[Sentence]) -> list[Problem]:
    """Conditions of the patient, the weightiest first; denied ones and those of relatives are left out."""
    found: dict[str, Problem] = {}
    for sentence in sentences:
        for hit in sentence.conditions:
            _add(found, hit.entry, sentence, hit, len(sentences))
    for problem in list(found.values()):
        _specify(found, problem, sentences)
    specific = [problem for problem in found.values() if not _is_covered(problem, found)]
    return sorted((problem for problem in specific if problem.weight > 0), key=lambda one: (-one.weight, one.place))


def diagnoses_of(sentences: Sequence[Sentence]) -> list[Problem]:
    """The few conditions that the encounter diagnoses; symptoms only where there is nothing else."""
    found = problems_of(sentences)
    diseases = [problem for problem in found if not problem.code.startswith(SYMPTOM_CHAPTERS)] or found[:1]
    if not diseases:
        return []
    least = max(min(LEAST_WEIGHT, diseases[0].weight), LEAST_SHARE_OF_THE_FIRST * diseases[0].weight)
    return [problem for problem in diseases if problem.weight >= least][:MOST_DIAGNOSES]


def _add(found: dict[str, Problem], entry: Condition, sentence: Sentence, hit: Match[Condition], total: int) -> None:
    before, after = _clause(sentence.text, hit)
    if cues.NEGATION.search(before) or cues.FAMILY.search(before) or cues.ALLERGY.search(before):
        return
    uncertain = bool(cues.UNCERTAIN.search(before[-30:]) or before.endswith("?"))
    weight = _weight(entry, sentence, before, after, total)
    known = found.get(entry.code)
    if known is None:
        found[entry.code] = Problem(entry.code, entry.name, weight, uncertain, sentence.place)
        return
    if weight > known.weight:
        known.is_uncertain = uncertain
    known.weight = max(known.weight, weight) + 0.8


def _weight(entry: Condition, sentence: Sentence, before: str, after: str, total: int) -> float:
    weight = 1.0 + 0.8 * sentence.place / max(total, 1)
    weight += 4.0 * (sentence.section == "A") + 0.7 * (sentence.section == "P") + 0.8 * sentence.is_by_clinician
    weight += 3.0 * bool(cues.CONCLUSION.search(before)) + 0.5 * (len(sentence.words) <= 12)
    weight -= 2.2 * bool(cues.PAST.search(before[-30:]) or cues.PAST.search(after[:24]))
    weight -= 1.5 * sentence.text.endswith("?")
    return weight * (0.45 if entry.code.startswith(SYMPTOM_CHAPTERS) else 1.0)


def _clause(text: str, hit: Match[Condition]) -> tuple[str, str]:
    """Words before (back to the last turn of the sentence) and after a match."""
    before = text[max(0, hit.start - REACH_CHARACTERS) : hit.start]
    for turn in (". ", "; ", " but ", " however "):
        before = before.rpartition(turn)[2] if turn in before else before
    return before, text[hit.end : hit.end + REACH_CHARACTERS]


def _specify(found: dict[str, Problem], problem: Problem, sentences: Sequence[Sentence]) -> None:
    """Replaces a condition by the one that its company or its side makes of it."""
    exact = combined(problem.code, sentences) or sided(problem.code, sentences[problem.place])
    if exact is None or exact.code == problem.code:
        return
    del found[problem.code]
    known = found.get(exact.code)
    weight = max(problem.weight, known.weight if known else 0.0) + 0.3
    found[exact.code] = Problem(exact.code, exact.name or problem.name, weight, problem.is_uncertain, problem.place)


def _is_covered(problem: Problem, found: dict[str, Problem]) -> bool:
    """Whether another condition of the same category says the same more exactly."""
    return any(
        other is not problem
        and other.code[:3] == problem.code[:3]
        and (other.weight, len(other.name)) > (problem.weight * 0.6, len(problem.name))
        and len(other.name) > len(problem.name)
        for other in found.values()
    )
