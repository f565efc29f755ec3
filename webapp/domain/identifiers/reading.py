"""The identifiers of a text that anchors show: a form, a label, a title. Readings of sentences by a language model are an adapter's."""

from __future__ import annotations

from collections.abc import Iterable

from webapp.domain.identifiers.days import find_days, looks_like_a_day
from webapp.domain.identifiers.folding import Folded, fold
from webapp.domain.identifiers.kinds import Sighting
from webapp.domain.identifiers.numbers import find_numbers
from webapp.domain.identifiers.people import find_people
from webapp.domain.identifiers.places import find_places

LONGEST_TEXT = 1_000_000


def find_anchored(text: str) -> tuple[Sighting, ...]:
    """The identifiers in order, none overlapping, with offsets in the text as given; text beyond the limit is not looked at."""
    folded = fold(text[:LONGEST_TEXT])
    return in_place(folded, find_in(folded.text))


def find_in(plain: str) -> tuple[Sighting, ...]:
    """The same for a text that is folded already."""
    ranked = [*find_numbers(plain), *find_days(plain), *find_places(plain), *find_people(plain)]
    return without_overlap(
        (rank, one)
        for rank, one in ranked
        if one.kind in ("date", "date_of_birth") or not looks_like_a_day(plain[one.start : one.end])
    )


def in_place(folded: Folded, found: Iterable[Sighting]) -> tuple[Sighting, ...]:
    """The sightings with offsets in the original text."""
    return tuple(Sighting(one.kind, *folded.span(one.start, one.end), one.sure) for one in found)


def without_overlap(ranked: Iterable[tuple[int, Sighting]]) -> tuple[Sighting, ...]:
    """Of those that overlap the surer, then the lower rank, then the longer one stays."""
    kept: list[Sighting] = []
    taken: set[int] = set()
    order = sorted(ranked, key=lambda row: (not row[1].sure, row[0], row[1].start - row[1].end, row[1].start))
    for _, one in order:
        if one.start in taken or one.end - 1 in taken or taken.intersection(range(one.start, one.end)):
            continue
        taken.update(range(one.start, one.end))
        kept.append(one)
    return tuple(sorted(kept, key=lambda one: one.start))
