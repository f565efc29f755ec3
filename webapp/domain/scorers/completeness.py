"""Completeness: the sections a note must have and the facts that a safe summary cannot leave out."""

from __future__ import annotations

from webapp.domain.prompts.suite import Case
from webapp.domain.scorers.interface import Answer, Finding, Lookups, Score, not_applicable, scored
from webapp.domain.scorers.sections import GROUPS, named_sections, present_sections
from webapp.domain.scorers.usable import nothing_to_score
from webapp.domain.scorers.words import find_phrase

NAME = "completeness"
VERSION = "1"
LIMITS = (
    "Sees whether sections and listed key facts are there, not whether what they say is right. "
    "A key fact in other words than those listed counts as missing."
)


def score(case: Case, answer: Answer, _lookups: Lookups) -> Score:
    """Half the mark for sections with content, half for the listed facts; all of it where the case has only one of them."""
    required, facts = required_sections(case), case.expected.must_include
    unusable = nothing_to_score(NAME, case, answer)
    if unusable:
        return scored(NAME, 0.0, (unusable,))
    if not required and not facts:
        return not_applicable(NAME)
    missing_sections = [group for group in required if group not in present_sections(answer.text)]
    missing_facts = [fact for fact in facts if find_phrase(answer.text, fact) is None]
    shares = [
        1 - len(missing) / len(of) for missing, of in ((missing_sections, required), (missing_facts, facts)) if of
    ]
    return scored(NAME, sum(shares) / len(shares), _findings(missing_sections, missing_facts))


def required_sections(case: Case) -> tuple[str, ...]:
    """The sections that the reference has; all four where there is no reference, none for an expected refusal."""
    if case.expected.refusal:
        return ()
    reference = case.expected.reference
    named = named_sections(reference) if reference and reference.strip() else frozenset(GROUPS)
    return tuple(group for group in GROUPS if group in named)


def _findings(sections: list[str], facts: list[str]) -> tuple[Finding, ...]:
    return (
        *(Finding(NAME, "missing_section", f"Section {group} is missing or empty") for group in sections),
        *(Finding(NAME, "missing_fact", f'"{fact}" is missing') for fact in facts),
    )
