"""Scoring answers in batches: all texts of a batch are searched for identifiers at once, each case's own texts only once in a run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from webapp.adapters.lookups import lookups
from webapp.adapters.phi import identifier_search
from webapp.domain.identifiers.kinds import DIRECT, Sighting
from webapp.domain.prompts.suite import Case
from webapp.domain.scorers.interface import Lookups, Score
from webapp.domain.scorers.other_cases import OtherCases
from webapp.domain.scorers.phi_free import texts_of
from webapp.domain.scorers.table import score_answer
from webapp.errors import Unavailable
from webapp.services.evaluation.asking import Asked

UNSEARCHED = "The search for identifiers failed on this text; run it again."
Seen = tuple[Sighting, ...] | None


def make_checks_ready() -> None:
    """What the checks look up is loaded and the search for identifiers runs, so that no run waits for it."""
    lookups()
    with suppress(Unavailable):
        identifier_search().find(["ready"])


class Checks:
    """The checks as one run uses them. It keeps places of identifiers, never texts, so it stays small with many cases."""

    def __init__(self, cases: Sequence[Case]) -> None:
        self._of_cases: dict[str, tuple[Seen, ...]] = {}
        self._lookups = replace(lookups(), of_other_cases=OtherCases(cases).find)

    def score(self, batch: Sequence[Asked]) -> list[tuple[Score, ...]]:
        """The scores of each answer in order; none where there is no answer. It takes a while: not for the event loop's thread."""
        looked = self._looked(batch)
        return [self._scores(asked, looked) for asked in batch]

    def _scores(self, asked: Asked, looked: Lookups) -> tuple[Score, ...]:
        answer = asked.answer
        return () if answer is None else score_answer(asked.call.case, answer, looked)

    def _looked(self, batch: Sequence[Asked]) -> Lookups:
        """The look-ups with what was found in the texts of this batch, or with the reason why nothing could be."""
        answers = [answer.text for asked in batch if (answer := asked.answer) is not None]
        cases = {asked.call.case.id: asked.call.case for asked in batch if asked.completion is not None}
        try:
            found = self._search(answers)
            self._remember([case for case in cases.values() if case.id not in self._of_cases])
        except Unavailable as missing:
            return replace(self._lookups, find_identifiers=_Missing(missing.sentence))
        for case in cases.values():
            found.update(zip(texts_of(case), self._of_cases[case.id], strict=True))
        return replace(self._lookups, find_identifiers=_Found(found))

    def _search(self, texts: Sequence[str]) -> dict[str, Seen]:
        once = list(dict.fromkeys(texts))
        return dict(zip(once, identifier_search().find(once), strict=True)) if once else {}

    def _remember(self, cases: Sequence[Case]) -> None:
        found = self._search([text for case in cases for text in texts_of(case)])
        for case in cases:
            self._of_cases[case.id] = tuple(_what_counts(found[text]) for text in texts_of(case))


@dataclass(frozen=True)
class _Found:
    found: Mapping[str, Seen]

    def __call__(self, text: str) -> tuple[Sighting, ...]:
        seen = self.found.get(text)
        if seen is None:
            raise Unavailable(UNSEARCHED)
        return seen


@dataclass(frozen=True)
class _Missing:
    sentence: str

    def __call__(self, _text: str) -> tuple[Sighting, ...]:
        raise Unavailable(self.sentence)


def _what_counts(seen: Seen) -> Seen:
    """Of a case's own text only what names a person is kept: most sightings are dates and clinicians."""
    return None if seen is None else tuple(_direct(seen))


def _direct(seen: tuple[Sighting, ...]) -> Iterator[Sighting]:
    return (one for one in seen if one.sure and one.kind in DIRECT)
