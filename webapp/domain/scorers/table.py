"""The table of scorers and the one way to score an answer. The scorers themselves stand next door."""

from __future__ import annotations

import hashlib
from types import ModuleType

from webapp.domain.prompts.suite import Case
from webapp.domain.scorers import (
    accuracy,
    completeness,
    cost,
    icd10_correct,
    injection,
    latency,
    medication_extracted,
    phi_free,
    refusal,
    retrieval,
    safety_language,
    ttft,
)
from webapp.domain.scorers.interface import Answer, Lookups, Score, Scorer, unscored
from webapp.errors import Unavailable

LONGEST_ANSWER_CHARACTERS = 1_000_000


def _scorer(module: ModuleType) -> Scorer:
    return Scorer(module.NAME, module.VERSION, module.LIMITS, module.score)


SCORERS: tuple[Scorer, ...] = tuple(
    _scorer(module)
    for module in (
        completeness,
        accuracy,
        medication_extracted,
        icd10_correct,
        safety_language,
        phi_free,
        injection,
        refusal,
        retrieval,
        cost,
        latency,
        ttft,
    )
)


def score_answer(case: Case, answer: Answer, lookups: Lookups) -> tuple[Score, ...]:
    """One score per scorer, in the order of the table; an over-long answer or a missing look-up leaves it unscored."""
    return tuple(_score(scorer, case, answer, lookups) for scorer in SCORERS)


def scorer_set_digest(rubric: str | None = None) -> str:
    """sha256 in hex over name and version of every scorer, and over the judge's model and questions where there is one.

    Results under different digests are never compared.
    """
    lines = "".join(f"{scorer.name} {scorer.version}\n" for scorer in SCORERS)
    judged = "" if rubric is None else f"judge {rubric}\n"
    return hashlib.sha256((lines + judged).encode()).hexdigest()


def _score(scorer: Scorer, case: Case, answer: Answer, lookups: Lookups) -> Score:
    if len(answer.text) > LONGEST_ANSWER_CHARACTERS:
        return unscored(scorer.name, "too_long", "The answer is too long to be checked")
    try:
        return scorer.score(case, answer, lookups)
    except Unavailable as missing:
        return unscored(scorer.name, "look_up_unavailable", missing.sentence)
