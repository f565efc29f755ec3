"""What happened to each case: new critical finding, worse, better, the same; and which cases are the worst.

A loss in one measure is never set off by a gain in another.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from webapp.domain.evaluation.judging import Judged
from webapp.domain.evaluation.planning import BASELINE, CANDIDATE
from webapp.domain.evaluation.tally import Critical, Tally
from webapp.domain.measures import JUDGE
from webapp.domain.prompts.suite import Case
from webapp.domain.statistics.comparison import to_ppm

CRITICAL, WORSE, BETTER, SAME, UNSCORED = "critical", "worse", "better", "same", "unscored"
LEAST_LOSS = 1e-9  # a difference below this comes from binary fractions, not from answers


@dataclass(frozen=True)
class Outcome:
    """One case; ``live`` and ``new`` hold its primary measures in 0..1, ``difference`` the gravest one (below zero: a loss).

    For a first version ``live`` is empty and the difference is to full marks. ``measure`` names where it is gravest.
    """

    case: str
    category: str
    kind: str
    difference: float
    measure: str | None
    live: Mapping[str, float]
    new: Mapping[str, float]

    def to_document(self) -> dict[str, Any]:
        """The outcome as integers and strings."""
        return {
            "case": self.case,
            "category": self.category,
            "kind": self.kind,
            "difference_ppm": to_ppm(self.difference),
            "live": {name: to_ppm(value) for name, value in self.live.items()},
            "new": {name: to_ppm(value) for name, value in self.new.items()},
        }


@dataclass(frozen=True)
class WorstCase:
    """A case that reviewer and physician open, with what is wrong with it in a sentence."""

    outcome: Outcome
    sentence: str

    def to_document(self) -> dict[str, Any]:
        """The worst case as integers and strings."""
        return {
            "case": self.outcome.case,
            "category": self.outcome.category,
            "sentence": self.sentence,
            "critical": self.outcome.kind == CRITICAL,
            "difference_ppm": to_ppm(self.outcome.difference),
        }


def outcomes(
    tally: Tally, cases: Sequence[Case], primary: Sequence[str], criticals: Sequence[Critical]
) -> tuple[Outcome, ...]:
    """What happened to each case, worst first: critical ones, then the largest loss, then the lowest mark."""
    fallen = {one.case for one in criticals if one.is_new}
    found = [_outcome(tally, case, primary, case.id in fallen) for case in cases]
    return tuple(sorted(found, key=_grave))


def worst_cases(
    tally: Tally, found: Sequence[Outcome], criticals: Sequence[Critical], words: Mapping[str, str], most: int
) -> tuple[WorstCase, ...]:
    """The first ``most`` of the outcomes with a sentence each; ``words`` names measures as screens do."""
    return tuple(WorstCase(outcome, _sentence(tally, outcome, criticals, words)) for outcome in found[:most])


def primary_names(judged: Sequence[Judged]) -> tuple[str, ...]:
    """The measures that decide."""
    return tuple(one.measure.name for one in judged if one.is_primary)


def _grave(outcome: Outcome) -> tuple[bool, float, float, str]:
    lowest = min(outcome.new.values(), default=1.0)
    return (outcome.kind != CRITICAL, min(outcome.difference, 0.0), lowest, outcome.case)


def _outcome(tally: Tally, case: Case, primary: Sequence[str], is_critical: bool) -> Outcome:
    asked = [name for name in primary if tally.applies(name, case.id) and _may_count(tally, case.id, name)]
    new = _values(tally, case.id, asked, CANDIDATE)
    live = _values(tally, case.id, asked, BASELINE) if BASELINE in tally.arms else {}
    differences = {name: _difference(new[name], live.get(name), tally) for name in new if not live or name in live}
    gravest = min(differences, key=lambda name: (differences[name], new[name]), default=None)
    kind = CRITICAL if is_critical else _kind(list(differences.values()), len(differences) == len(asked), tally)
    return Outcome(
        case.id, case.category, kind, differences[gravest] if gravest else 0.0, gravest, live, new
    )  # fmt: skip


def _may_count(tally: Tally, case: str, name: str) -> bool:
    """A judge counts where it lowers; it makes no case better and leaves none unscored."""
    if name != JUDGE.name:
        return True
    new = tally.cell(name, case, CANDIDATE).value
    live = tally.cell(name, case, BASELINE).value if BASELINE in tally.arms else 1.0
    return new is not None and live is not None and new < live


def _values(tally: Tally, case: str, names: Sequence[str], arm: str) -> dict[str, float]:
    found = {name: tally.cell(name, case, arm).value for name in names}
    return {name: value for name, value in found.items() if value is not None}


def _difference(new: float, live: float | None, tally: Tally) -> float:
    against = live if BASELINE in tally.arms and live is not None else 1.0
    return new - against if abs(new - against) > LEAST_LOSS else 0.0


def _kind(differences: Sequence[float], is_scored: bool, tally: Tally) -> str:
    if not is_scored:
        return UNSCORED
    if any(difference < 0 for difference in differences):
        return WORSE
    return BETTER if any(difference > 0 for difference in differences) and BASELINE in tally.arms else SAME


def _sentence(tally: Tally, outcome: Outcome, criticals: Sequence[Critical], words: Mapping[str, str]) -> str:
    grave = [one.sentence for one in criticals if one.case == outcome.case and one.is_new]
    if grave:
        return "; ".join(grave)
    name = outcome.measure
    if name is None:
        return "No check of this case could be compared."
    faults = tally.new_sentences(name, outcome.case) or tuple(tally.cell(name, outcome.case, CANDIDATE).sentences)
    return ". ".join([_moved(outcome, name, words.get(name, name)), *faults[:2]])


def _moved(outcome: Outcome, name: str, words: str) -> str:
    new = percent(outcome.new[name])
    if name not in outcome.live:
        return f"{words}: {new}"
    if outcome.difference < 0:
        return f"{words}: {new}, live {percent(outcome.live[name])}"
    return f"No loss against live; {words.lower()}: {new}"


def percent(share: float) -> str:
    """A share in percent with at most one decimal."""
    return f"{share * 100:.1f}".removesuffix(".0") + " %"
