"""What an answer's statement says in place of what the reference says there: another term, number, side, or the contrary."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from webapp.domain.scorers.care_classes import ingredients, is_member, is_wider
from webapp.domain.scorers.clinical_reading import Reading
from webapp.domain.scorers.facts import Fact
from webapp.domain.scorers.quantities import contrary_units
from webapp.domain.scorers.sources import Sources
from webapp.domain.scorers.statements import NEGATIONS, Pair, Piece, differences, pairs
from webapp.domain.scorers.terms import CARE_KINDS
from webapp.domain.scorers.words import word_set

CONDITION_KINDS = frozenset({"finding", "diagnosis", "organism"})
_NEARLY_THE_SAME = 0.7
_ALIKE_ENOUGH = 0.5
_LONGEST_ABBREVIATION = 5
_SINGLE = 2
# Words that say that something is done for a patient or found in one; what stands beside them is clinical whatever its name.
ACTS = word_set(
    "administer administered admit advised arrange arranged begin begun began carried checked commenced confirm confirmed continue "
    "continued counseled course culture diagnose diagnosed diagnosis discharged discontinue discontinued done due educated "
    "finding followed gave get give given giving identified indicate indicated initiate initiated instructed made manage managed "
    "measured medication need needed obtain obtained offered order ordered perform performed placed plan planned prescribe prescribed "
    "receive received recommend recommended refer referred require required reveal revealed schedule scheduled show showed shown start "
    "started suggest suggested suspect suspected take taken taking therapy treat treated treatment undergo undergoe underwent use used "
    "using stop stopped held withheld avoid avoided removed recorded "
    "stated documented reported noted none"
)


@dataclass(frozen=True)
class _Place:
    """One place where two statements differ: what is new in the answer there, and what of the reference is gone."""

    new: tuple[Piece, ...]
    gone: tuple[Piece, ...]
    pair: Pair

    @property
    def is_sure(self) -> bool:
        """Whether the two statements surely stand for each other."""
        return self.pair.in_place or self.pair.alike >= _ALIKE_ENOUGH

    @property
    def does_or_finds(self) -> bool:
        """Whether both statements tell of something done or found."""
        return bool(ACTS.intersection(self.pair.stated.keys)) and bool(ACTS.intersection(self.pair.meant.keys))


def replaced_facts(reading: Reading, sources: Sources) -> Iterator[Fact]:
    """One fact for each place where a statement contradicts the one it stands for."""
    names = frozenset(term.name for term in reading.terms)
    for pair in pairs(reading.statements, sources.aligned, sources.forms):
        for place in _places(pair):
            yield from _other_term(reading, place, names, sources)
            yield from _other_words(reading, place, names, sources)
            if pair.alike >= _NEARLY_THE_SAME:
                yield from _other_value(reading, place)
                yield from _left_out(place, names)
                yield from _contrary(place)


def _places(pair: Pair) -> Iterator[_Place]:
    stated, meant = frozenset(pair.stated.keys), frozenset(pair.meant.keys)
    for here, there in differences(pair):
        new = tuple(piece for piece in here if piece.key not in meant)
        yield _Place(new, tuple(piece for piece in there if piece.key not in stated), pair)


def _other_term(reading: Reading, place: _Place, names: frozenset[str], sources: Sources) -> Iterator[Fact]:
    """Another term of the same sort; also a term that no source holds where the statement in its place says something else."""
    for kinds in (CARE_KINDS, CONDITION_KINDS):
        instead = [piece for piece in place.gone if piece.kind in kinds]
        for piece in (piece for piece in place.new if piece.kind in kinds):
            unheard = piece.key not in sources.names
            if not instead and place.gone and place.pair.in_place and unheard:
                yield _replaced(reading, (piece,), place.gone)
            lost = place.is_sure and place.pair.alike > 0 and not any(other.key in names for other in instead)
            if instead and (unheard or lost) and not any(_same(piece, other, place) for other in instead):
                yield _replaced(reading, (piece,), instead)


def _other_words(reading: Reading, place: _Place, names: frozenset[str], sources: Sources) -> Iterator[Fact]:
    """Words that neither a table nor a source holds, where the reference has a term, or tells what was done or found."""
    if any(piece.kind in CARE_KINDS | CONDITION_KINDS for piece in place.new):
        return
    strange = [piece for piece in place.new if piece.kind == "word" and piece.key not in ACTS]
    lost = [piece for piece in place.gone if piece.kind not in ("number", "side", "schedule") and piece.key not in ACTS]
    clinical = [piece for piece in lost if piece.kind in CARE_KINDS | CONDITION_KINDS]
    if not place.pair.in_place or not lost or all(piece.key in sources.words for piece in strange):
        return
    if any(piece.key in names for piece in lost) or _is_short_for(strange[0], lost):
        return
    if clinical or place.does_or_finds:
        yield _replaced(reading, strange, clinical or lost)


def _other_value(reading: Reading, place: _Place) -> Iterator[Fact]:
    """Another side, or another number in the same unit as far as both tell theirs."""
    for kind in ("number", "side"):
        here = [piece for piece in place.new if piece.kind == kind]
        there = [piece for piece in place.gone if piece.kind == kind]
        if here and there and not contrary_units(here[0].unit, there[0].unit):
            yield _replaced(reading, here, there)


def _left_out(place: _Place, names: frozenset[str]) -> Iterator[Fact]:
    """A medicine of the reference's statement that the answer's own leaves out, and the answer names nowhere."""
    missing = [piece for piece in place.gone if piece.kind == "medicine" and piece.key not in names]
    if (
        place.pair.in_place
        and missing
        and not any(piece.kind in CARE_KINDS or piece.kind == "word" for piece in place.new)
    ):
        stated = place.pair.stated.pieces
        sentence = f"The statement leaves out {missing[0].key}, which the reference names there"
        yield Fact(("left out", missing[0].key), (stated[0].start, stated[-1].end), "contradicted_statement", sentence)


def _contrary(place: _Place) -> Iterator[Fact]:
    """A negation more or less than the reference has, and nothing else that could explain it."""
    here = [piece for piece in place.new if piece.key in NEGATIONS]
    there = [piece for piece in place.gone if piece.key in NEGATIONS]
    if bool(here) == bool(there) or any(piece.key not in NEGATIONS | ACTS for piece in (*place.new, *place.gone)):
        return
    around = here or place.pair.stated.pieces
    said, meant = ("denied", "affirms") if here else ("affirmed", "denies")
    sentence = f"The statement is {said}; the reference {meant} it"
    yield Fact(
        ("contrary", str(around[0].start)), (around[0].start, around[-1].end), "contradicted_statement", sentence
    )


def _same(piece: Piece, other: Piece, place: _Place) -> bool:
    """Whether one is a wider or narrower name of the other, or a part of a combination that is named whole."""
    if is_member(other.key, piece.key) or is_member(piece.key, other.key) or is_wider(piece.key, other.key):
        return True
    for whole, keys in ((other.key, place.pair.stated.keys), (piece.key, place.pair.meant.keys)):
        if len(ingredients(whole)) > _SINGLE and len(ingredients(whole).intersection(keys) - {whole}) > 1:
            return True
    return False


def _is_short_for(piece: Piece, others: Sequence[Piece]) -> bool:
    """Whether the word may be short for one of the others, or one of them for it: "UA" for urinalysis, "GI" for gastrointestinal."""
    return any(_abbreviates(piece.key, other.key) or _abbreviates(other.key, piece.key) for other in others)


def _abbreviates(short: str, long: str) -> bool:
    letters = iter(long)
    return len(short) <= _LONGEST_ABBREVIATION and short[0] == long[0] and all(letter in letters for letter in short)


def _replaced(reading: Reading, here: Sequence[Piece], there: Sequence[Piece]) -> Fact:
    span = (here[0].start, here[-1].end)
    said = " ".join(reading.text[span[0] : span[1]].split())
    meant = ", ".join(dict.fromkeys(_words(piece) for piece in there[:3]))
    sentence = f'"{said}" stands where the reference says {meant}'
    return Fact(("replaced", str(span[0])), span, "contradicted_statement", sentence)


def _words(piece: Piece) -> str:
    return f"{piece.key.lstrip('#').replace('|', ' or ')} {piece.unit}".strip()
