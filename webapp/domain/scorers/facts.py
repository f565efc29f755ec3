"""Facts of an answer held against the sources: which are supported, which contradicted, which stand nowhere.

A fact is counted once however often the answer repeats it, so that padding gains nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from webapp.domain.scorers.assertions import Assertion
from webapp.domain.scorers.clinical_reading import Reading
from webapp.domain.scorers.doses import Dose
from webapp.domain.scorers.medication_reading import Medicine
from webapp.domain.scorers.medicines import generic_name
from webapp.domain.scorers.quantities import Quantity
from webapp.domain.scorers.sides import Side, opposite
from webapp.domain.scorers.sources import Sources
from webapp.domain.scorers.terms import Term

_NOWHERE = "neither encounter nor reference"
_NAMED_KINDS = ("medicine", "class", "treatment", "test", "organism")


_SEEN_ON_A_SCAN = frozenset({"ct", "mri", "ultrasound", "doppler ultrasound", "ct angiography"})


@dataclass(frozen=True)
class Fact:
    """One fact of the answer; ``fault`` is the code of what is wrong with it, empty where the sources support it."""

    subject: tuple[str, ...]
    span: tuple[int, int]
    fault: str = ""
    sentence: str = ""


def facts_of(reading: Reading, sources: Sources) -> Iterator[Fact]:
    """Every fact of the answer in the order of its kinds, with what the sources say against it."""
    yield from (_name(reading, term, sources) for term in reading.terms if term.kind in _NAMED_KINDS)
    in_dose = Covered(len(reading.text))
    for medicine in reading.medicines:
        for dose in (*medicine.doses, *medicine.old_doses):
            in_dose.add((dose.start, dose.end))
            yield _dose(medicine, dose, sources)
    for number in reading.quantities:
        counts = (number.unit or number.label) and not _is_schedule(reading, number)
        if counts and not in_dose.touches((number.start, number.end)):
            yield _number(reading, number, sources)
    yield from (_side(reading, side, sources) for side in reading.sides if side.site)
    yield from (_stance(reading, one, sources) for one in reading.assertions if one.stance != "open")


class Covered:
    """Which characters of a text some spans cover."""

    def __init__(self, length: int) -> None:
        self._marks = bytearray(length)

    def add(self, span: tuple[int, int]) -> None:
        """The span counts as covered from now on."""
        self._marks[span[0] : span[1]] = b"\x01" * (span[1] - span[0])

    def touches(self, span: tuple[int, int]) -> bool:
        """Whether a character of the span is covered."""
        return 1 in self._marks[span[0] : span[1]]


_EVERY = re.compile(r"\b(?:every|q|each|x)\s?$", re.IGNORECASE)


def _is_schedule(reading: Reading, number: Quantity) -> bool:
    """Whether the number tells how often: that is compared with the medicine, in any words."""
    every = _EVERY.search(reading.text, max(0, number.start - 8), number.start)
    return number.unit.startswith("time") or (every is not None and number.unit in ("h", "d", "wk", "mo"))


def _name(reading: Reading, term: Term, sources: Sources) -> Fact:
    words, span = reading.text[term.start : term.end], (term.start, term.end)
    subject = ("name", term.name)
    if _is_named(reading, term, sources):
        return Fact(subject, span)
    return Fact(
        subject,
        span,
        f"unsupported_{_sort(term.kind)}",
        f"{_title(words)} is named; {_NOWHERE} names it",
    )


def _is_named(reading: Reading, term: Term, sources: Sources) -> bool:
    if term.name in sources.names or (term.kind == "medicine" and sources.names_medicine(term.name)):
        return True
    if term.kind == "class" and sources.names_class(term.name):
        return True
    if term.kind in ("treatment", "test") and sources.names_narrower(term.name):
        return True
    if term.name in _SEEN_ON_A_SCAN and "scan" in sources.free_words:
        return True
    return all(token.key in sources.words for token in reading.tokens[term.first : term.last] if token.key[0].isalnum())


def _dose(medicine: Medicine, dose: Dose, sources: Sources) -> Fact:
    span, drug = (dose.start, dose.end), generic_name(medicine.drug)
    subject = ("dose", drug, *sorted(str(amount) for amount in dose.amounts), dose.unit)
    if sources.has_dose(drug, dose):
        return Fact(subject, span)
    others = sources.other_doses(drug, dose.unit)
    if others:
        sentence = f"{_title(drug)}: dose {dose.words}; the encounter says {_listed(others)}"
        return Fact(subject, span, "contradicted_dose", sentence)
    if sources.has_amount(_plain(dose)):
        return Fact(subject, span)
    return Fact(subject, span, "unsupported_dose", f"{_title(drug)}: dose {dose.words}; {_NOWHERE} says so")


def _plain(dose: Dose) -> set[float]:
    """The amounts as they may be written: "1 g" is stored as 1000 mg."""
    scales = (Decimal(1), Decimal(1000), Decimal("0.001")) if dose.unit.startswith("mg") else (Decimal(1),)
    return {float(amount * scale) for amount in dose.amounts for scale in scales}


def _number(reading: Reading, number: Quantity, sources: Sources) -> Fact:
    words, span = reading.text[number.start : number.end], (number.start, number.end)
    subject = ("number", number.label, *(f"{value:g}" for value in number.values), number.unit)
    told = sources.labels.get(number.label, {})
    rivals = [said for unit, said in told if not (unit and number.unit and unit != number.unit)]
    if rivals and not sources.has_number_for(number):
        sentence = f"{_title(number.label)} {words}; the encounter says {_listed(rivals)}"
        return Fact(subject, span, "contradicted_number", sentence)
    if sources.has_number(number):
        return Fact(subject, span)
    return Fact(subject, span, "unsupported_number", f"{words} stands in the answer; {_NOWHERE} says so")


def _side(reading: Reading, side: Side, sources: Sources) -> Fact:
    words, span, subject = reading.text[side.start : side.end], (side.start, side.end), ("side", side.side, side.site)
    told = sources.sides.get(side.site, {})
    other = opposite(side.side)
    if side.side in told or "both" in told or not other or (other not in told and side.side in sources.side_words):
        return Fact(subject, span)
    if other in told:
        return Fact(subject, span, "contradicted_side", f"{_title(words)}; the encounter says {other} {side.site}")
    return Fact(subject, span, "unsupported_side", f"{_title(words)}; {_NOWHERE} names this side")


def _stance(reading: Reading, one: Assertion, sources: Sources) -> Fact:
    term = one.term
    words, span, subject = (
        reading.text[term.start : term.end],
        (term.start, term.end),
        ("finding", term.name, one.stance),
    )
    told = sources.stances.get(term.name, {})
    contrary = "denied" if one.stance == "affirmed" else "affirmed"
    if told and set(told) == {contrary}:
        said = "denies" if contrary == "denied" else "affirms"
        return Fact(subject, span, "contradicted_finding", f"{_title(words)} is {one.stance}; the encounter {said} it")
    return Fact(subject, span)


def _sort(kind: str) -> str:
    return "medicine" if kind in ("medicine", "class") else kind


def _listed(words: list[str]) -> str:
    return " or ".join(dict.fromkeys(words[:4]))


def _title(words: str) -> str:
    plain = " ".join(words.split())
    return plain[:1].upper() + plain[1:]
