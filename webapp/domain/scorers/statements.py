"""Statements: the sentences of a text in a form in which wording no longer matters, and which of them stand for each other.

An answer's statement that says nearly what one of the reference says, with another term, number or side in its place, is a
contradiction even where that term stands elsewhere in the encounter. Only statements that match nothing word for word are
compared, each with the few that share most words, so that time grows linearly with the text.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from webapp.domain.scorers.quantities import Quantity, read_labels, unit_name
from webapp.domain.scorers.sides import SIDES
from webapp.domain.scorers.terms import Term, Token
from webapp.domain.scorers.words import word_set

LEAST_ALIKE = 0.4
_LONGEST_STATEMENT = 80
_MOST_CANDIDATES = 30
_BREAK = re.compile(r"[.!?](?=[\s\"')\]]|$)|\n|;")
_ABBREVIATED = re.compile(
    r"(?:\b(?:dr|mr|mrs|ms|vs|approx|no|fig|st|e\.g|i\.e)|\b(?:[a-z]\.){1,3}[a-z])$", re.IGNORECASE
)
_EMPTY = word_set(
    "the a an of and to in on at for with by as was were is are be been being has have had this that these those it its his her "
    "he she they their patient then also which who there will s per some"
)
NEGATIONS = word_set(
    "no not without never denie denied deny denying negative absent refrain refuse refused neither nor none t cannot"
)


@dataclass(frozen=True, slots=True)
class Piece:
    """One thing a statement says: a word, a term, a number with unit, or a side; the unit is no part of the key."""

    key: str
    kind: str
    start: int
    end: int
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence or list line; ``pieces`` leave out the words that carry no meaning."""

    pieces: tuple[Piece, ...]

    @property
    def keys(self) -> tuple[str, ...]:
        """What it says, in order."""
        return tuple(piece.key for piece in self.pieces)


@dataclass(frozen=True, slots=True)
class Pair:
    """A statement of the answer with the one of the reference that it stands for; ``alike`` is 0 to 1.

    ``in_place`` says that the statements before and after it are the same in both texts.
    """

    stated: Statement
    meant: Statement
    alike: float
    in_place: bool = False


def read_statements(
    text: str, tokens: Sequence[Token], terms: Sequence[Term], quantities: Sequence[Quantity]
) -> list[Statement]:
    """The statements of a text in order; those without any meaning are left out."""
    pieces = _pieces(tokens, terms, quantities)
    starts, found, first = [piece.start for piece in pieces], [], 0
    for end in [*_ends(text), len(text)]:
        last = bisect_left(starts, end, first)
        if last > first:
            found.append(Statement(tuple(pieces[first:last])))
        first = last
    return found


def pairs(stated: Sequence[Statement], meant: Sequence[Statement], known: frozenset[tuple[str, ...]]) -> list[Pair]:
    """Statements that stand for each other without being the same, each used once, the most alike first.

    ``known`` are the forms that the sources hold; a statement in one of them needs no partner.
    """
    stated_forms, meant_forms = [_form(one) for one in stated], [_form(one) for one in meant]
    said = frozenset(stated_forms)
    open_stated = [at for at, form in enumerate(stated_forms) if form not in known and len(form) <= _LONGEST_STATEMENT]
    open_meant = [at for at, form in enumerate(meant_forms) if form not in said and len(form) <= _LONGEST_STATEMENT]
    placed = _in_place(stated_forms, meant_forms, open_stated, frozenset(open_meant))
    found = [Pair(stated[at], meant[to], _alike(stated[at], meant[to]), True) for at, to in placed.items()]
    rest = [stated[at] for at in open_stated if at not in placed]
    partners = frozenset(placed.values())
    return found + _best(rest, [meant[at] for at in open_meant if at not in partners])


def _in_place(
    stated: Sequence[tuple[str, ...]], meant: Sequence[tuple[str, ...]], places: Sequence[int], free: frozenset[int]
) -> dict[int, int]:
    """Statements between two neighbours that are the same in both texts, or at the beginning or end beside one."""
    where: dict[tuple[str, ...], list[int]] = {}
    for at, form in enumerate(meant):
        where.setdefault(form, []).append(at)
    found: dict[int, int] = {}
    taken: set[int] = set()
    for at in places if len(stated) > 2 else ():
        after = [place + 1 for place in where.get(stated[at - 1], ())[:_MOST_CANDIDATES]] if at else [0]
        before = [place - 1 for place in where.get(stated[at + 1], ())] if at + 1 < len(stated) else [len(meant) - 1]
        both = {
            place
            for place in set(after).intersection(before[:_MOST_CANDIDATES])
            if place in free and place not in taken
        }
        if both:
            found[at] = min(both)
            taken.add(found[at])
    return found


def _alike(stated: Statement, meant: Statement) -> float:
    return 2 * sum((Counter(stated.keys) & Counter(meant.keys)).values()) / (len(stated.pieces) + len(meant.pieces))


def forms(statements: Sequence[Statement]) -> frozenset[tuple[str, ...]]:
    """What the statements say whatever the order of words."""
    return frozenset(_form(statement) for statement in statements)


def differences(pair: Pair) -> list[tuple[tuple[Piece, ...], tuple[Piece, ...]]]:
    """The places where the two differ: what the answer has there, what the reference has."""
    stated, meant = pair.stated.pieces, pair.meant.pieces
    if pair.alike < LEAST_ALIKE:
        return [(stated, meant)]
    matcher = SequenceMatcher(None, pair.stated.keys, pair.meant.keys, autojunk=False)
    return [(stated[a:b], meant[c:d]) for kind, a, b, c, d in matcher.get_opcodes() if kind != "equal"]


def _best(stated: Sequence[Statement], meant: Sequence[Statement]) -> list[Pair]:
    holders: dict[str, list[int]] = {}
    counts = [Counter(one.keys) for one in meant]
    for place, one in enumerate(meant):
        for key in set(one.keys):
            holders.setdefault(key, []).append(place)
    options = []
    for at, one in enumerate(stated):
        own = Counter(one.keys)
        votes = Counter(place for key in own for place in holders.get(key, ())[:_MOST_CANDIDATES])
        for place, _ in votes.most_common(3):
            alike = 2 * sum((own & counts[place]).values()) / (len(one.pieces) + len(meant[place].pieces))
            if alike >= LEAST_ALIKE:
                options.append((-alike, abs(at - place), at, place))
    return _each_once(sorted(options), stated, meant)


def _each_once(
    options: Sequence[tuple[float, int, int, int]], stated: Sequence[Statement], meant: Sequence[Statement]
) -> list[Pair]:
    taken_stated: set[int] = set()
    taken_meant: set[int] = set()
    chosen = []
    for alike, _, at, place in options:
        if at not in taken_stated and place not in taken_meant:
            taken_stated.add(at)
            taken_meant.add(place)
            chosen.append(Pair(stated[at], meant[place], -alike))
    return chosen


def _form(statement: Statement) -> tuple[str, ...]:
    return tuple(sorted(statement.keys))


def _ends(text: str) -> list[int]:
    return [
        hit.end()
        for hit in _BREAK.finditer(text)
        if hit.group() != "." or not _ABBREVIATED.search(text, max(0, hit.start() - 8), hit.start())
    ]


def _pieces(tokens: Sequence[Token], terms: Sequence[Term], quantities: Sequence[Quantity]) -> list[Piece]:
    starts: dict[int, tuple[int, Piece]] = {}
    for number in quantities:
        key = "#" + "|".join(f"{value:g}" for value in number.values)
        starts[number.first] = number.last, Piece(key, "number", number.start, number.end, number.unit)
    for first, last, name in read_labels(tokens):
        starts[first] = last, Piece(name, "word", tokens[first].start, tokens[last - 1].end)
    for term in terms:
        starts[term.first] = term.last, Piece(term.name, term.kind, term.start, term.end)
    pieces, place = [], 0
    while place < len(tokens):
        token = tokens[place]
        if place in starts:
            place, piece = starts[place]
            pieces.append(piece)
            continue
        place += 1
        if token.key in SIDES:
            pieces.append(Piece(SIDES[token.key], "side", token.start, token.end))
        elif token.key not in _EMPTY and token.key[0].isalpha():
            pieces.append(Piece(unit_name(token.key) or token.key, "word", token.start, token.end))
    return pieces
