"""Which sentences of an encounter a summary keeps, and under which section.

What must not live here: wording of the answer (writing), errors made on purpose (faults).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from webapp.adapters.llm.offline import cues
from webapp.adapters.llm.offline.medicines import drug_matches
from webapp.adapters.llm.offline.problems import condition_matches
from webapp.adapters.llm.offline.sentences import Sentence

SHORTEST_WORDS = 3
LEAST_WORDS = 45


@dataclass(frozen=True, slots=True)
class Candidate:
    """One sentence with its section letter and its worth for a summary."""

    sentence: Sentence
    section: str
    worth: float
    has_allergy: bool
    has_warning: bool
    has_medicine: bool


def candidates_of(sentences: Sequence[Sentence], skipped: frozenset[int]) -> list[Candidate]:
    """All sentences with something to say, in order; those at skipped places are left out."""
    kept = (sentence for sentence in sentences if sentence.place not in skipped)
    return [_candidate(sentence) for sentence in kept if len(sentence.words) >= SHORTEST_WORDS]


def choose(candidates: Sequence[Candidate], share: float, always: Iterable[Candidate]) -> list[Candidate]:
    """The worthiest sentences up to that share of the encounter's words, and the ones to keep always, in order."""
    total = sum(len(one.sentence.words) for one in candidates)
    chosen = {one.sentence.place: one for one in always}
    budget = max(LEAST_WORDS, total * share) - sum(len(one.sentence.words) for one in chosen.values())
    for one in sorted(candidates, key=lambda each: (-each.worth, each.sentence.place)):
        if budget <= 0:
            break
        if one.sentence.place not in chosen:
            chosen[one.sentence.place] = one
            budget -= len(one.sentence.words)
    return [chosen[place] for place in sorted(chosen)]


def _candidate(sentence: Sentence) -> Candidate:
    text = sentence.text
    finding, intention = cues.FINDING.search(text), cues.INTENTION.search(text)
    conclusion = cues.CONCLUSION.search(text)
    has_medicine = bool(drug_matches(sentence))
    has_condition = bool(condition_matches(sentence))
    allergy, warning = bool(cues.ALLERGY.search(text)), bool(cues.WARNING.search(text))
    numbers = any(letter.isdigit() for letter in text)
    worth = 1.5 * has_medicine + 1.0 * has_condition + 0.9 * numbers + 0.8 * bool(finding) + 0.6 * bool(intention)
    worth += (
        0.7 * bool(conclusion and has_condition)
        + 2.2 * allergy
        + 1.4 * warning
        + 0.4 * bool(cues.NEGATION.search(text))
    )
    worth += 0.5 * bool(cues.UNCERTAIN.search(text)) + 0.8 * (sentence.section in ("A", "P", "O"))
    worth -= 1.5 * text.endswith("?") + 0.8 * bool(len(sentence.words) <= 6 and cues.SMALL_TALK.match(text))
    section = _section(
        sentence, bool(finding and numbers), bool(intention), bool(conclusion and has_condition), has_medicine
    )
    return Candidate(sentence, section, worth / (1 + len(sentence.words) / 90), allergy, warning, has_medicine)


def _section(sentence: Sentence, finding: bool, intention: bool, conclusion: bool, medicine: bool) -> str:
    if sentence.section:
        return sentence.section
    if sentence.is_by_patient or cues.ALLERGY.search(sentence.text):
        return "S"
    if finding or (cues.FINDING.search(sentence.text) and not intention):
        return "O"
    if conclusion:
        return "A"
    return "P" if intention or (sentence.is_by_clinician and medicine) else "S"
