"""Words of a text, and finding many known phrases in them at once.

What must not live here: which phrases there are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Generic, NamedTuple, TypeVar

Entry = TypeVar("Entry")
WORD = re.compile(r"[^\W_]+")


class Word(NamedTuple):
    """One run of letters and digits in lower case, with its place in the text."""

    text: str
    start: int
    end: int


class Match(NamedTuple, Generic[Entry]):
    """A known phrase found from ``start`` to ``end`` of the text."""

    entry: Entry
    start: int
    end: int


def word_set(text: str) -> frozenset[str]:
    """The words of a list written with spaces."""
    return frozenset(text.split())


def words_of(text: str) -> list[Word]:
    """The words of a text in order."""
    return [Word(found.group().lower(), found.start(), found.end()) for found in WORD.finditer(text)]


class Phrases(Generic[Entry]):
    """Known phrases by their first word; at each place the longest one wins and no two overlap."""

    def __init__(self, phrases: Iterable[tuple[str, Entry]]) -> None:
        self._by_first: dict[str, list[tuple[tuple[str, ...], Entry]]] = {}
        for phrase, entry in phrases:
            parts = tuple(word.text for word in words_of(phrase))
            self._by_first.setdefault(parts[0], []).append((parts, entry))
        for known in self._by_first.values():
            known.sort(key=lambda row: -len(row[0]))

    def find(self, words: Sequence[Word]) -> list[Match[Entry]]:
        """All phrases among the words, from left to right."""
        found: list[Match[Entry]] = []
        place = 0
        while place < len(words):
            known = self._by_first.get(words[place].text)
            if known is None:
                place += 1
                continue
            parts, entry = self._longest(known, words, place)
            if entry is not None:
                found.append(Match(entry, words[place].start, words[place + len(parts) - 1].end))
            place += len(parts) or 1
        return found

    def has_word(self, word: str) -> bool:
        """Whether some phrase begins with that word."""
        return word in self._by_first

    @staticmethod
    def _longest(
        known: list[tuple[tuple[str, ...], Entry]], words: Sequence[Word], place: int
    ) -> tuple[tuple[str, ...], Entry | None]:
        for parts, entry in known:
            size = len(parts)
            if size == 1 or tuple(word.text for word in words[place : place + size]) == parts:
                return parts, entry
        return (), None
