"""The tally of a run: scores by measure, case and arm. It holds numbers and sentences of faults, never an answer's text."""

from __future__ import annotations

import math
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from webapp.domain.evaluation.planning import BASELINE, CANDIDATE, arms
from webapp.domain.evaluation.stated import Repeats, StatedFacts
from webapp.domain.measures import AMOUNTS, CONSISTENCY
from webapp.domain.scorers.interface import Finding, Score


@dataclass(frozen=True)
class Mark:
    """One score of one answer."""

    case: str
    arm: str
    repeat: int
    measure: str
    state: str
    value: float | None
    findings: Sequence[Finding] = ()


@dataclass
class Cell:
    """One measure of one case in one arm, over its repeats."""

    total: float = 0.0
    scored: int = 0
    unscored: int = 0
    lowest: float = math.inf
    sentences: dict[str, None] = field(default_factory=dict)

    @property
    def applies(self) -> bool:
        """Does the case ask for this measure?"""
        return self.scored + self.unscored > 0

    @property
    def value(self) -> float | None:
        """The mean over the repeats; None when one of them could not be scored."""
        return self.total / self.scored if self.scored and not self.unscored else None


@dataclass(frozen=True)
class Critical:
    """A critical finding of the new version on one case; counts are repeats in which it stood, of ``repeats`` asked.

    The live version may have been asked less often (``live_repeats``), where only kept answers tell of it.
    """

    case: str
    measure: str
    code: str
    sentence: str
    candidate_count: int
    baseline_count: int
    repeats: int = 1
    live_repeats: int = 1

    def to_document(self, *, has_baseline: bool) -> dict[str, Any]:
        """The finding as integers and strings."""
        live = {"live_count": self.baseline_count, "live_repeats": self.live_repeats} if has_baseline else {}
        return {
            "case": self.case,
            "measure": self.measure,
            "code": self.code,
            "sentence": self.sentence,
            "new_count": self.candidate_count,
            **live,
            "repeats": self.repeats,
        }

    @property
    def is_new(self) -> bool:
        """Does the live version not have it on the same case?"""
        return self.baseline_count == 0


def marks_of(case: str, arm: str, repeat: int, scores: Sequence[Score]) -> list[Mark]:
    """The scores of one answer as marks; an amount counts as its value."""
    return [
        Mark(case, arm, repeat, score.metric, score.state, value_of(score), score.findings) for score in scores
    ]  # fmt: skip


def value_of(score: Score) -> float | None:
    """The mark in 0..1, or the amount of what is counted."""
    return score.value if score.amount is None else float(score.amount)


class Tally:
    """Adds up marks as they come; safe for large runs because it never sees an answer.

    ``repeats`` is how often every case is asked. What a case with a critical finding is asked beyond that counts for its
    findings and for no mean.
    """

    def __init__(self, *, has_baseline: bool, repeats: int | None = None) -> None:
        self.arms = arms(has_baseline)
        self._planned = repeats
        self._asked: dict[tuple[str, str], int] = {}
        self._cells: dict[tuple[str, str, str], Cell] = {}
        self._amounts: dict[tuple[str, str], array[float]] = {}
        self._critical: dict[tuple[str, str, str], dict[tuple[str, str], set[int]]] = {}
        self._dangerous: set[tuple[str, str]] = set()
        self._repeats = Repeats(repeats or 0)

    @property
    def repeats(self) -> int:
        """How often every case is asked."""
        return self._planned or max((repeat for repeat in self._asked.values()), default=0)

    def add(self, mark: Mark) -> None:
        """The mark counts; each answer's mark is added once."""
        where = (mark.case, mark.arm)
        self._asked[where] = max(self._asked.get(where, 0), mark.repeat + 1)
        if self._planned is None or mark.repeat < self._planned:
            self._count(mark)
        for finding in mark.findings:
            if finding.critical:
                self._dangerous.add(where)
                stood = self._critical.setdefault((mark.case, mark.measure, finding.code), {})
                stood.setdefault((mark.arm, finding.sentence), set()).add(mark.repeat)

    def _count(self, mark: Mark) -> None:
        cell = self._cells.setdefault((mark.measure, mark.case, mark.arm), Cell())
        if mark.state == "scored" and mark.value is not None and math.isfinite(mark.value):
            cell.total, cell.scored = cell.total + mark.value, cell.scored + 1
            cell.lowest = min(cell.lowest, mark.value)
            if mark.measure in AMOUNTS:
                self._amounts.setdefault((mark.measure, mark.arm), array("d")).append(mark.value)
        elif mark.state != "not_applicable":
            cell.unscored += 1
        for finding in mark.findings:
            cell.sentences.setdefault(finding.sentence)

    def add_stated(self, case: str, arm: str, repeat: int, stated: StatedFacts) -> None:
        """What the answer states counts for the agreement with the other answers to its case."""
        self._repeats.add(case, arm, repeat, stated)

    def weigh_repeats(self) -> None:
        """How far the answers to a case agree is its measure of consistency; none where a version is deterministic."""
        if any(self.is_deterministic(arm) for arm in self.arms):
            return
        for arm in self.arms:
            for case, value in self.agreements(arm).items():
                self._cells[CONSISTENCY, case, arm] = Cell(value, 1, lowest=value)

    def agreements(self, arm: str) -> Mapping[str, float]:
        """By case, how far its answers in this arm agree; empty with fewer than three answers a case."""
        return self._repeats.of(arm)

    def is_deterministic(self, arm: str) -> bool:
        """Did every case get the same bytes each time it was asked?"""
        return self._repeats.is_deterministic(arm)

    def is_dangerous(self, case: str, arm: str) -> bool:
        """Does any answer to the case in this arm have a critical finding?"""
        return (case, arm) in self._dangerous

    def cell(self, measure: str, case: str, arm: str) -> Cell:
        """The sum of one measure, case and arm; an empty one where nothing was scored."""
        return self._cells.get((measure, case, arm)) or Cell()

    def amounts(self, measure: str, arm: str) -> Sequence[float]:
        """What each answer of this arm took, every repeat by itself; empty where nothing was measured."""
        return self._amounts.get((measure, arm), ())

    def applies(self, measure: str, case: str) -> bool:
        """Does the case ask for this measure in every arm?"""
        return all(self.cell(measure, case, arm).applies for arm in self.arms)

    def new_sentences(self, measure: str, case: str) -> tuple[str, ...]:
        """The faults of the new version that the live one does not have on this case."""
        live = self.cell(measure, case, BASELINE).sentences
        return tuple(words for words in self.cell(measure, case, CANDIDATE).sentences if words not in live)

    def criticals(self) -> tuple[Critical, ...]:
        """The critical findings of the new version, by case and measure; one that says something new is new."""
        found = (_critical(key, where, self._asked) for key, where in sorted(self._critical.items()))
        return tuple(critical for critical in found if critical is not None)


def _critical(
    key: tuple[str, str, str], where: dict[tuple[str, str], set[int]], asked: Mapping[tuple[str, str], int]
) -> Critical | None:
    """The finding of one case, measure and code: its new sentences where there are any, else those both versions have."""
    candidate = {words: repeats for (arm, words), repeats in where.items() if arm == CANDIDATE}
    baseline = {words: repeats for (arm, words), repeats in where.items() if arm == BASELINE}
    if not candidate:
        return None
    shown = [words for words in candidate if words not in baseline] or list(candidate)
    count = len(set().union(*(candidate[words] for words in shown)))
    live = len(set().union(*(baseline.get(words, set()) for words in shown)))
    asked_new, asked_live = asked.get((key[0], CANDIDATE), 0), asked.get((key[0], BASELINE), 0)
    return Critical(*key, "; ".join(shown), count, live, asked_new, asked_live)
