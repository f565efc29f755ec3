"""Accuracy: the facts of the answer (medicine, dose, number, side, negation, care) agree with encounter or reference."""

from __future__ import annotations

from collections.abc import Iterable

from webapp.domain.prompts.suite import Case
from webapp.domain.scorers.clinical_reading import read
from webapp.domain.scorers.facts import Covered, Fact, facts_of
from webapp.domain.scorers.interface import Answer, Finding, Lookups, Score, not_applicable, scored, unscored
from webapp.domain.scorers.replaced import replaced_facts
from webapp.domain.scorers.sources import sources_of
from webapp.domain.scorers.usable import nothing_to_score

NAME = "accuracy"
VERSION = "3"
LIMITS = (
    "Compares medicines, doses, numbers, sides, denied findings, treatments and tests with the encounter and the reference. "
    "Whether a diagnosis is right it sees only where a sentence stands in place of the reference's own: with sentences in "
    "their place, 9 of 10 wrong diagnoses were found; by the facts alone, 2 of 86. What the answer leaves out is not counted."
)
LONGEST_READ_CHARACTERS = 40_000


def score(case: Case, answer: Answer, _lookups: Lookups) -> Score:
    """The share of the answer's facts that encounter, retrieved pieces or reference support; each other one is a finding."""
    sources = sources_of(case)
    if case.expected.refusal or not sources.has_facts:
        return not_applicable(NAME)
    unusable = nothing_to_score(NAME, case, answer)
    if unusable:
        return scored(NAME, 0.0, (unusable,))
    if len(answer.text) > LONGEST_READ_CHARACTERS:
        return unscored(NAME, "too_long", "The answer is too long for its facts to be checked")
    reading = read(answer.text)
    facts = _once([*replaced_facts(reading, sources), *facts_of(reading, sources)], len(answer.text))
    if not facts:
        return scored(NAME, 0.0, (Finding(NAME, "no_facts", "The answer states no fact that can be checked"),))
    findings = tuple(Finding(NAME, fact.fault, fact.sentence, span=fact.span) for fact in facts if fact.fault)
    return scored(NAME, 1 - len(findings) / len(facts), findings)


def _once(facts: Iterable[Fact], length: int) -> list[Fact]:
    """Each fact once; of two that overlap, one wrong, the first wrong one stays."""
    kept: dict[tuple[str, ...], Fact] = {}
    wrong = Covered(length)
    for fact in facts:
        if fact.subject in kept or (fact.fault and wrong.touches(fact.span)):
            continue
        kept[fact.subject] = fact
        if fact.fault:
            wrong.add(fact.span)
    return list(kept.values())
