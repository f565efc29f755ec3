"""What answers state, as digests of facts, and how far the answers to one case agree in them. Wording never counts."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

from webapp.domain.scorers.clinical_reading import read
from webapp.domain.scorers.icd10_codes import find_codes
from webapp.domain.scorers.medicines import generic_name

LEAST_REPEATS = 3
DIGEST_CHARACTERS = 12
LONGEST_READ_CHARACTERS = 40_000


@dataclass(frozen=True)
class StatedFacts:
    """What one answer states, as digests: of its text, and of each fact. None of it can be read back."""

    text: str
    facts: frozenset[str]

    def to_document(self) -> dict[str, Any]:
        """As the table keeps it."""
        return {"text": self.text, "facts": sorted(self.facts)}


@dataclass
class Repeats:
    """Folds the repeats of a case into their agreement as soon as all are there, so that memory stays small."""

    planned: int
    _open: dict[tuple[str, str], dict[int, StatedFacts]] = field(default_factory=dict)
    _agreements: dict[tuple[str, str], float] = field(default_factory=dict)
    _varied: set[str] = field(default_factory=set)

    def add(self, case: str, arm: str, repeat: int, stated: StatedFacts) -> None:
        """The answer counts; answers beyond the planned repeats do not."""
        if self.planned < LEAST_REPEATS or repeat >= self.planned:
            return
        answers = self._open.setdefault((case, arm), {})
        answers[repeat] = stated
        if len(answers) == self.planned:
            del self._open[case, arm]
            same = list(answers.values())
            self._agreements[case, arm] = agreement([one.facts for one in same])
            if len({one.text for one in same}) > 1:
                self._varied.add(arm)

    def is_deterministic(self, arm: str) -> bool:
        """Did every case get the same bytes each time?"""
        return bool(self.of(arm)) and arm not in self._varied

    def of(self, arm: str) -> Mapping[str, float]:
        """The agreement of each case in this arm that has all its repeats."""
        return {case: value for (case, found), value in self._agreements.items() if found == arm}


def stated_facts(text: str, exists: Callable[[str], bool]) -> StatedFacts:
    """The facts of an answer as digests; ``exists`` knows the codes. Of a text that is too long only the text counts."""
    facts = () if len(text) > LONGEST_READ_CHARACTERS else _facts(text, exists)
    return StatedFacts(_digest(text), frozenset(map(_digest, facts)))


def read_stated(document: Mapping[str, Any]) -> StatedFacts | None:
    """What ``to_document`` wrote; None where nothing was kept."""
    return StatedFacts(document["text"], frozenset(document["facts"])) if "text" in document else None


def agreement(answers: Sequence[frozenset[str]]) -> float:
    """The mean over all pairs of answers of the share of facts that both state, of those either states."""
    pairs = [len(one & other) / len(one | other) if one | other else 1.0 for one, other in combinations(answers, 2)]
    return math.fsum(pairs) / len(pairs) if pairs else 1.0


def _facts(text: str, exists: Callable[[str], bool]) -> Iterator[str]:
    reading = read(text)
    for medicine in reading.medicines:
        drug = generic_name(medicine.drug)
        yield f"{'stopped' if medicine.is_stopped else 'medicine'} {drug}"
        for dose in medicine.doses:
            yield f"dose {drug} {sorted(format(amount.normalize(), 'f') for amount in dose.amounts)} {dose.unit}"
    for mention in find_codes(text, (), exists):
        yield f"code {mention.code}"
    for one in reading.assertions:
        if one.stance != "open":
            yield f"{one.stance} {one.term.name}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:DIGEST_CHARACTERS]
