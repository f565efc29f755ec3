"""Tallies with a known truth for tests."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from webapp.domain.evaluation.planning import BASELINE, CANDIDATE
from webapp.domain.evaluation.tally import Mark, Tally
from webapp.domain.plan import read_plan
from webapp.domain.policy import ClassPolicy, MeasureRule
from webapp.domain.prompts.suite import Case
from webapp.domain.scorers.interface import Finding

PLAN = read_plan({"steps": [{"kind": "direct"}]})
Values = Callable[[int], float | None]


def cases(count: int) -> tuple[Case, ...]:
    return tuple(Case(f"c{number:03}", "unit", {"text": "x"}) for number in range(count))


def rules(*measures: MeasureRule, worst: int = 3, least: int = 10) -> ClassPolicy:
    return ClassPolicy(measures or (rule("completeness"),), least, 1, worst, (), False, PLAN, 1)


def rule(name: str, margin: int = 50_000, threshold: int = 600_000, *, only_where_asked: bool = False) -> MeasureRule:
    return MeasureRule(name, margin, margin, threshold, only_where_asked)


def mark(case: str, arm: str, value: float | None, measure: str = "completeness", repeat: int = 0) -> Mark:
    return Mark(case, arm, repeat, measure, "unscored" if value is None else "scored", value)


def tally(count: int, new: Mapping[str, Values], live: Mapping[str, Values] | None = None) -> Tally:
    """A full tally: for each measure a function from the case's number to its value."""
    made = Tally(has_baseline=live is not None)
    for arm, values in ((CANDIDATE, new), (BASELINE, live or {})):
        for measure, value in values.items():
            for number, case in enumerate(cases(count)):
                made.add(mark(case.id, arm, value(number), measure))
    return made


def finding(sentence: str, *, critical: bool = True, code: str = "tenfold_dose") -> Finding:
    return Finding("medication_extracted", code, sentence, critical)


def found(case: str, arm: str, *sentences: str, repeat: int = 0) -> Mark:
    """A mark of an answer with these critical findings."""
    findings = [finding(sentence) for sentence in sentences]
    return Mark(case, arm, repeat, "medication_extracted", "scored", 1.0, findings)
