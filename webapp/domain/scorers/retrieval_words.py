"""Words, numbers and denial of a sentence, as far as a citation can be held against its source without understanding it."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache

from webapp.domain.scorers.words import word_set

_WORD = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)?")
_NUMBER = re.compile(r"(?<![\w.])\d+(?:,\d{3})*(?:\.\d+)?")
_LIST_MARK = re.compile(r"^[ \t]{0,8}\d{1,2}[.)](?=\s)", re.MULTILINE)
_SENTENCE = re.compile(r"[.;:!?](?=\s|$)|\n")
_CLAUSE = re.compile(
    r"(?=\b(?:if|when|whenever|where|unless|until|while|because|although|though|without)\b)|\b(?:but|whereas|however)\b"
    r"|,(?=\s{1,3}(?:not|never|no|avoid)\b)",
    re.IGNORECASE,
)
_CONDITION = re.compile(r"(?:if|when|whenever|where|unless|until|while|because|although|though)\b", re.IGNORECASE)
_SUFFIXES = ("ations", "ation", "ings", "ing", "ies", "ied", "ed", "es", "s", "ly", "y")
_SHORTEST_STEM = 4
_STOP = word_set(
    "the a an and or of in on at by for with from to as is are was were be been being it its this that these those there "
    "their they them he she his her him we our you your i my has have had do does did can could may might must shall should "
    "will would which who whom whose what than then so such also both each per via into about over under between during "
    "after before above any all some more most other only very according accordingly source sources cited citation reference "
    "guideline guidelines guidance recommend recommends recommended recommendation state states stated says said evidence "
    "patient patients document see note notes e.g i.e etc"
)
_NOT = word_set("no not never none nor neither without cannot denies denied deny denying")
_STOPPED = word_set(
    "avoid avoided avoiding avoids contraindicated contraindication contraindications stop stopped stopping stops discontinue "
    "discontinued discontinuing withhold withheld absent absence negative refrain unlikely unsafe"
)
_COUNTED = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_NUMBER_WORDS = {word: str(number) for number, word in enumerate(_COUNTED, 1)} | {
    "once": "1",
    "twice": "2",
    "half": "0.5",
}


@dataclass(frozen=True)
class Clause:
    """The content words of one clause and whether it is denied; a condition is as denied as what it is a condition of."""

    words: frozenset[str]
    is_denied: bool
    is_condition: bool = False


@dataclass(frozen=True)
class Source:
    """A retrieved text as citations are held against it; ``places`` are the clauses that hold a word."""

    words: frozenset[str]
    numbers: frozenset[str]
    clauses: tuple[Clause, ...]
    places: dict[str, tuple[int, ...]]


@lru_cache(maxsize=512)
def read_source(text: str) -> Source:
    """The source in words, numbers and clauses."""
    clauses = clauses_of(text)
    places = defaultdict[str, list[int]](list)
    for number, clause in enumerate(clauses):
        for word in clause.words:
            places[word].append(number)
    spoken = {_NUMBER_WORDS[word] for word in _words(text) if word in _NUMBER_WORDS}
    return Source(
        words=frozenset(places),
        numbers=numbers_of(text) | spoken,
        clauses=clauses,
        places={word: tuple(found) for word, found in places.items()},
    )


def content_words(text: str) -> frozenset[str]:
    """The words that carry meaning, reduced to their stems."""
    return frozenset(_stem(word) for word in _words(text) if _carries_meaning(word))


def numbers_of(text: str) -> frozenset[str]:
    """The numbers in one writing: "1,000" and "1000.0" are the same; numbers of a list are left out."""
    return frozenset(_plain(found) for found in _NUMBER.findall(_LIST_MARK.sub(" ", text)))


def clauses_of(text: str) -> tuple[Clause, ...]:
    """The clauses that say something."""
    found = (clause for sentence in _SENTENCE.split(text) for clause in _in_sentence(sentence))
    return tuple(clause for clause in found if clause.words)


def _in_sentence(sentence: str) -> list[Clause]:
    parts = [part.strip() for part in _CLAUSE.split(sentence)]
    clauses = [Clause(content_words(part), _is_denied(part), bool(_CONDITION.match(part))) for part in parts]
    main = next((clause for clause in clauses if clause.words and not clause.is_condition), None)
    if main is None:
        return [replace(clause, is_condition=False) for clause in clauses]
    return [replace(clause, is_denied=main.is_denied) if clause.is_condition else clause for clause in clauses]


def says_the_opposite(claim: str, sources: Iterable[Source]) -> bool:
    """Does a clause of the claim deny what the nearest clauses of the sources affirm, or the other way round?"""
    read = tuple(sources)
    return any(_is_opposed(clause, read) for clause in clauses_of(claim) if not clause.is_condition)


def _is_opposed(clause: Clause, sources: tuple[Source, ...]) -> bool:
    nearest, said = 0, set[bool]()
    for source in sources:
        shared = Counter(place for word in clause.words for place in source.places.get(word, ()))
        for place, count in shared.items():
            if count > nearest:
                nearest, said = count, set()
            if count == nearest:
                said.add(source.clauses[place].is_denied)
    return 2 * nearest >= len(clause.words) and bool(said) and clause.is_denied not in said


def _words(text: str) -> list[str]:
    return [word.casefold().replace("\u2019", "'") for word in _WORD.findall(text)]


def _carries_meaning(word: str) -> bool:
    return len(word) > 2 and word not in _STOP and word not in _NOT and word not in _STOPPED and not _is_short_not(word)


def _is_short_not(word: str) -> bool:
    return word.endswith("n't")


def _is_denied(text: str) -> bool:
    """Denied once, not twice: "not contraindicated" affirms."""
    words = _words(text)
    is_not = any(word in _NOT or _is_short_not(word) for word in words)
    return is_not != any(word in _STOPPED for word in words)


def _stem(word: str) -> str:
    for suffix in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= _SHORTEST_STEM:
            return word.removesuffix(suffix)
    return word.removesuffix("e") if len(word) > _SHORTEST_STEM else word


def _plain(number: str) -> str:
    plain = number.replace(",", "")
    whole, dot, rest = plain.partition(".")
    return (whole.lstrip("0") or "0") + (f".{rest.rstrip('0')}" if dot and rest.strip("0") else "")
