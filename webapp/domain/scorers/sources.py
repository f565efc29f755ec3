"""What the encounter, the reference and the retrieved pieces of a case say: the measure for every fact of an answer.

Every question is answered by a look-up, so that time grows linearly with the answer.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import lru_cache
from itertools import chain
from typing import TypeVar

from webapp.domain.prompts.suite import Case
from webapp.domain.scorers.care_classes import ingredients, is_member
from webapp.domain.scorers.clinical_reading import Reading, read
from webapp.domain.scorers.doses import Dose, totals
from webapp.domain.scorers.quantities import Quantity, contrary_units, conversions
from webapp.domain.scorers.sides import SIDES
from webapp.domain.scorers.statements import forms
from webapp.domain.scorers.terms import Term

Key = TypeVar("Key")
Value = TypeVar("Value")
_REACH_CHARACTERS = 400
_ROUNDED = 0.012
_IN_MG = {"mcg": Decimal("0.001"), "g": Decimal(1000), "ng": Decimal("0.000001")}


class Sources:
    """The facts of a case, with questions on them; ``aligned`` are the statements of the reference, if there is one."""

    def __init__(self, readings: tuple[Reading, ...], reference: Reading | None) -> None:
        terms = [term for reading in readings for term in reading.terms]
        self.aligned = reference.statements if reference else ()
        self.forms = forms([statement for reading in readings for statement in reading.statements])
        self.words = frozenset(token.key for reading in readings for token in reading.tokens)
        self.free_words = frozenset(chain.from_iterable(_free_words(reading) for reading in readings))
        self.names = frozenset(term.name for term in terms)
        self._care = _by_word(term.name for term in terms if term.kind in ("treatment", "test"))
        self._drugs = frozenset(chain.from_iterable(_with_parts(reading) for reading in readings))
        self.sides = _gather((side.site, side.side) for reading in readings for side in reading.sides)
        self.side_words = frozenset(chain(*self.sides.values())) | (self.words & SIDES.keys())
        self.stances = _gather((one.term.name, one.stance) for reading in readings for one in reading.assertions)
        self._numbers = _Numbers([number for reading in readings for number in reading.quantities])
        self.labels = _gather(
            (number.label, (number.unit, reading.text[number.start : number.end]))
            for reading in readings
            for number in reading.quantities
            if number.label
        )
        self._doses = _doses(readings)
        self._near = _near_numbers(readings)

    @property
    def has_facts(self) -> bool:
        """Whether there is anything to hold an answer against."""
        return bool(self.names or self.sides or self._numbers.units_of)

    def names_medicine(self, drug: str) -> bool:
        """Whether the medicine, or a part or combination of it, is named; insulin stands for any of its kinds."""
        return bool(ingredients(drug) & self._drugs) or (drug.startswith("insulin") and "insulin" in self._drugs)

    def names_class(self, name: str) -> bool:
        """Whether the class of medicines, or a member of it, is named."""
        return name in self.names or any(is_member(drug, name) for drug in self._drugs)

    def names_narrower(self, name: str) -> bool:
        """Whether a narrower name of the same care is there: a chest x-ray for an x-ray."""
        words = name.replace("-", " ").split()
        return bool(words) and bool(frozenset.intersection(*(self._care.get(word, frozenset()) for word in words)))

    def has_number(self, stated: Quantity) -> bool:
        """Whether the sources hold the number, in the same or a convertible unit."""
        return self._numbers.holds(stated)

    def has_number_for(self, stated: Quantity) -> bool:
        """Whether they hold it for the same measurement, or without saying for which."""
        return self._numbers.holds(stated, stated.label)

    def has_amount(self, amounts: Iterable[float]) -> bool:
        """Whether one of the amounts stands anywhere as a number."""
        return any(amount in self._numbers.units_of for amount in amounts)

    def has_dose(self, drug: str, dose: Dose) -> bool:
        """Whether the medicine is told with this dose, or the amount stands after its name before the next medicine."""
        told, near = self._doses.get(drug), self._near.get(drug, set())
        given = told[0] if told else frozenset()
        return any((amount, dose.unit) in given or amount in near for amount in dose.amounts)

    def other_doses(self, drug: str, unit: str) -> list[str]:
        """The doses of the medicine in that unit, as written."""
        told = self._doses.get(drug)
        return list(dict.fromkeys(dose.words for dose in told[1] if dose.unit == unit)) if told else []


def sources_of(case: Case) -> Sources:
    """What the case's own texts say; the reference, where there is one, is also what statements are aligned with."""
    texts = (*case.inputs.values(), *(chunk.text for chunk in case.context))
    return _sources(texts, case.expected.reference or "")


@lru_cache(maxsize=8)
def _sources(texts: tuple[str, ...], reference: str) -> Sources:
    meant = read(reference) if reference.strip() else None
    told = tuple(read(text) for text in texts if text.strip())
    return Sources((*told, meant) if meant else told, meant)


class _Numbers:
    """The numbers of the sources by value and by unit."""

    def __init__(self, numbers: list[Quantity]) -> None:
        self.units_of: dict[float, set[tuple[str, str]]] = {}
        values: dict[str, set[float]] = {}
        for number in numbers:
            for value in number.values:
                labels = number.about | {number.label} if number.label else number.about | {""}
                self.units_of.setdefault(value, set()).update((number.unit, label) for label in labels)
                values.setdefault(number.unit, set()).add(value)
        self._sorted = {unit: sorted(same) for unit, same in values.items()}

    def holds(self, stated: Quantity, label: str | None = None) -> bool:
        """Whether the number is there, for the label where one is asked for."""
        for value in stated.values:
            for unit, told_for in self.units_of.get(value, ()):
                if (label is None or told_for in (label, "")) and not contrary_units(unit, stated.unit):
                    return True
        return any(self._has_about(unit, value) for unit, value in conversions(stated))

    def _has_about(self, unit: str, value: float) -> bool:
        values, slack = self._sorted.get(unit, []), abs(value) * _ROUNDED
        return bisect_left(values, value - slack) < bisect_right(values, value + slack)


def _gather(rows: Iterable[tuple[Key, Value]]) -> dict[Key, dict[Value, None]]:
    """Key -> its different values in order."""
    found: dict[Key, dict[Value, None]] = {}
    for key, value in rows:
        found.setdefault(key, {})[value] = None
    return found


def _by_word(names: Iterable[str]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for name in names:
        for word in name.replace("-", " ").split():
            found.setdefault(word, set()).add(name)
    return {word: frozenset(same) for word, same in found.items()}


def _free_words(reading: Reading) -> Iterator[str]:
    """The words that are part of no term."""
    inside = {place for term in reading.terms for place in range(term.first, term.last)}
    return (token.key for place, token in enumerate(reading.tokens) if place not in inside)


def _with_parts(reading: Reading) -> Iterator[str]:
    for drug in {term.name for term in _medicines(reading)} | {medicine.drug for medicine in reading.medicines}:
        yield from (drug, *ingredients(drug))
        if drug.startswith("insulin"):
            yield "insulin"


def _doses(readings: tuple[Reading, ...]) -> dict[str, tuple[frozenset[tuple[Decimal, str]], list[Dose]]]:
    """Medicine -> all that its doses can mean, and the doses as written."""
    found: dict[str, list[Dose]] = {}
    for reading in readings:
        for medicine in reading.medicines:
            found.setdefault(medicine.drug, []).extend((*medicine.doses, *medicine.old_doses))
    return {drug: (totals(doses), doses) for drug, doses in found.items()}


def _near_numbers(readings: tuple[Reading, ...]) -> dict[str, set[Decimal]]:
    """Medicine -> the numbers, in mg where they are a mass, between its mention and the next medicine."""
    found: dict[str, set[Decimal]] = {}
    for reading in readings:
        mentions = list(_medicines(reading))
        starts = [term.start for term in mentions]
        for number in reading.quantities:
            at = bisect_right(starts, number.start) - 1
            if at >= 0 and number.start - mentions[at].end < _REACH_CHARACTERS:
                scale = _IN_MG.get(number.unit.split("/")[0], Decimal(1))
                found.setdefault(mentions[at].name, set()).update(
                    Decimal(str(value)) * scale for value in number.values
                )
    return found


def _medicines(reading: Reading) -> Iterator[Term]:
    return (term for term in reading.terms if term.kind == "medicine")
