"""Consistency: does the same question get the same facts each time? From three answers a case on; facts, never wording.

Two answers agree by the facts they state: medicines with doses, codes, findings affirmed or denied. Similar words do not count:
"denies chest pain" and "has chest pain" are alike in words and opposite in fact. A model whose answers are byte for byte
the same each time shows nothing of the prompt, so it is called deterministic and gets no mark.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from webapp.domain.evaluation.planning import BASELINE, CANDIDATE
from webapp.domain.evaluation.stated import LEAST_REPEATS
from webapp.domain.evaluation.tally import Tally
from webapp.domain.policy import ClassPolicy
from webapp.domain.prompts.suite import Case
from webapp.domain.statistics.comparison import PPM, to_ppm

WORDS = {CANDIDATE: "New", BASELINE: "Live"}


@dataclass(frozen=True)
class ArmConsistency:
    """One arm over all cases; shares of one, None where nothing is known or the model is deterministic."""

    cases: int
    is_deterministic: bool
    agreement: float | None
    pass_all: float | None

    def to_document(self) -> dict[str, Any]:
        """As integers and strings; what is unknown is left out."""
        shares = {"agreement_ppm": self.agreement, "pass_all_ppm": self.pass_all}
        known = {name: to_ppm(value) for name, value in shares.items() if value is not None}
        return {"cases": self.cases, "deterministic": "yes" if self.is_deterministic else "no", **known}


@dataclass(frozen=True)
class Consistency:
    """Both versions; no arms where too few answers a case were asked for."""

    repeats: int
    arms: Mapping[str, ArmConsistency]

    @property
    def sentence(self) -> str:
        """What is known of the consistency of both versions."""
        if not self.arms:
            return f"Consistency needs at least {LEAST_REPEATS} answers a case; this run asked for {self.repeats}."
        return " ".join(f"{WORDS[arm]}: {_said(found, self.repeats)}." for arm, found in self.arms.items())

    def to_document(self) -> dict[str, Any]:
        """As integers and strings."""
        arms = {arm: found.to_document() for arm, found in self.arms.items()}
        return {"repeats": self.repeats, "sentence": self.sentence, **arms}


def judge_consistency(
    tally: Tally, cases: Sequence[Case], rules: ClassPolicy, primary: Sequence[str], repeats: int
) -> Consistency:
    """The consistency of each arm. An answer is good enough where every primary measure reaches the threshold of the policy."""
    if repeats < LEAST_REPEATS:
        return Consistency(repeats, {})
    limits = {rule.measure: rule.threshold_ppm / PPM for rule in rules.measures if rule.measure in primary}
    return Consistency(repeats, {arm: _arm(tally, cases, limits, arm) for arm in tally.arms})


def _arm(tally: Tally, cases: Sequence[Case], limits: Mapping[str, float], arm: str) -> ArmConsistency:
    agreements = tally.agreements(arm)
    known = [case for case in cases if case.id in agreements]
    if not known:
        return ArmConsistency(0, False, None, None)
    is_deterministic = tally.is_deterministic(arm)
    return ArmConsistency(
        cases=len(known),
        is_deterministic=is_deterministic,
        agreement=None if is_deterministic else fmean(agreements[case.id] for case in known),
        pass_all=fmean(_passes(tally, case, limits, arm) for case in known),
    )


def _passes(tally: Tally, case: Case, limits: Mapping[str, float], arm: str) -> bool:
    """Whether each answer to the case reaches each threshold and none is dangerous; unscored does not pass."""
    cells = {name: tally.cell(name, case.id, arm) for name in limits}
    asked = {name: cell for name, cell in cells.items() if cell.applies}
    good = all(not cell.unscored and cell.lowest >= limits[name] for name, cell in asked.items())
    return good and not tally.is_dangerous(case.id, arm)


def _said(found: ArmConsistency, repeats: int) -> str:
    if found.is_deterministic:
        return f"all {repeats} answers to each case are byte for byte the same (a deterministic model, no merit of the prompt)"
    if found.agreement is None or found.pass_all is None:
        return "nothing is known"
    return (
        f"{found.agreement:.0%} of the facts agree between answers to the same case; all {repeats} answers are good enough in "
        f"{found.pass_all:.0%} of {found.cases} cases"
    )
