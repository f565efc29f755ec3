"""Which sentences of an encounter a summary keeps, and under which section.

What must not live here: wording of the answer (writing), errors made on purpose (faults).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from webapp.adapters.llm.offline import cues
from webapp.adapters.llm.offline.sentences import Sentence

SHORTEST_WORDS = 3
LEAST_WORDS = 45
DIGIT = re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class Candidate:
    """One sentence with its section letter and its worth for a summary."""

    sentence: Sentence
    section: str
    worth: float
    has_allergy: bool
    has_warning: bool
    has_medicine: bool


def candidates_of(sentences: Sequence[Sentence]) -> list[Candidate]:
    """All sentences with something to say, in order."""
    return [_candidate(sentence) for sentence in sentences if len(sentence.words) >= SHORTEST_WORDS]


def choose(
    candidates: Sequence[Candidate], share: float, most_words: int, always: Iterable[Candidate]
) -> list[Candidate]:
    """The worthiest sentences up to a share of the encounter's words and a number, and the ones to keep always, in order."""
    total = sum(len(one.sentence.words) for one in candidates)
    chosen = {one.sentence.place: one for one in always}
    budget = min(max(LEAST_WORDS, total * share), most_words) - sum(len(one.sentence.words) for one in chosen.values())
    for one in sorted(candidates, key=lambda each: (-each.worth, each.sentence.place)):
        if budget <= 0:
            break
        if one.sentence.place not in chosen:
            chosen[one.sentence.place] = one
            budget -= len(one.sentence.words)
    return [chosen[place] for place in sorted(chosen)]


def _candidate(sentence: Sentence) -> Candidate:
    text = sentence.text
    finding, intention = cues.FINDING.is_in(sentence), cues.INTENTION.is_in(sentence)
    conclusion = cues.CONCLUSION.is_in(sentence)
    has_medicine = bool(sentence.drugs)
    has_condition = bool(sentence.conditions)
    allergy, warning = cues.ALLERGY.is_in(sentence), cues.WARNING.is_in(sentence)
    numbers = DIGIT.search(text) is not None
    worth = 1.5 * has_medicine + 1.0 * has_condition + 0.9 * numbers + 0.8 * finding + 0.6 * intention
    worth += 0.7 * (conclusion and has_condition) + 2.2 * allergy + 1.4 * warning + 0.4 * cues.NEGATION.is_in(sentence)
    worth += 0.5 * bool(cues.UNCERTAIN.search(text)) + 0.8 * (sentence.section in ("A", "P", "O"))
    worth -= 1.5 * text.endswith("?") + 0.8 * bool(len(sentence.words) <= 6 and cues.SMALL_TALK.match(text))
    section = _section(sentence, finding, numbers, intention, (conclusion and has_condition), allergy)
    return Candidate(sentence, section, worth / (1 + len(sentence.words) / 90), allergy, warning, has_medicine)


def _section(sentence: Sentence, finding: bool, numbers: bool, intention: bool, conclusion: bool, allergy: bool) -> str:
    if sentence.section:
        return sentence.section
    if sentence.is_by_patient or allergy:
        return "S"
    if finding and (numbers or not intention):
        return "O"
    if conclusion:
        return "A"
    return "P" if intention or (sentence.is_by_clinician and sentence.drugs) else "S"
