"""Which characters a reader can trust: an allow-list of plain ones, and a name for every other.

Plain are: printable ASCII, newline (also after a carriage return) and tab; the Latin letters with diacritics of European
languages and Vietnamese; dashes, quotes, bullets, arrows, the usual signs of medicine and arithmetic; and the Greek
letters that medicine uses. A Greek letter that looks like a Latin one is plain alone ("α") and confusable inside a
Latin word ("TNFα"). Everything not listed is odd, also what Unicode may add one day. What must not live here: verdicts.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Kind = Literal["hidden", "bidirectional", "confusable", "unusual"]

_SIGNS = "¡¢£¥§©ª«¬®°±²³µ¶·¹º»¼½¾¿‐‑‒–—‘’‚“”„†‡•…‰′″‹›€™№₀₁₂₃₄₅₆₇₈₉←↑→↓↔⇒−√∞≈≠≤≥☐☑✓"
_LATIN = "À-ňŊ-žƠơƯưȘ-țẞẠ-ỹ"  # with × and ÷; without ŉ and the long s
_GREEK = "αβγδεηθκλμνπρστφχψωΓΔΘΛΞΠΣΦΨΩ"
_ODD = re.compile(f"[^\n\t -~{_LATIN}{_SIGNS}{_GREEK}]")
_WORD = re.compile(r"[^\W\d_]+")
_LATIN_LETTER = re.compile(f"[A-Za-z{_LATIN}]")
_OTHER_LETTER = re.compile("[Ͱ-ϿЀ-ԯԱ-֏Ꭰ-Ᏼἀ-῿]")
_UNLIKE_LATIN = frozenset("βδεθλμπσφψΓΔΘΛΞΠΣΦΨΩ")
_LIKE_LATIN = frozenset("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧαγικνορτυχωАВЕЅІЈКМНОРСТУХЬаеԁһіјкорѕсухгпԛԝүօսոհցզլ")
_BIDIRECTIONAL = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_BLANK_LETTERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
_ASCII_ONLY = re.compile("[!-~]+")


@dataclass(frozen=True)
class OddCharacter:
    """One character outside the allow-list: offset from 0, line and column from 1, ``code_point`` like U+202E."""

    offset: int
    line: int
    column: int
    code_point: str
    name: str
    kind: Kind


@dataclass(frozen=True)
class Segment:
    """A run of plain text, or one odd character to be shown as a badge."""

    text: str
    odd: OddCharacter | None = None


def odd_characters(text: str) -> tuple[OddCharacter, ...]:
    """Every character that is not plain, in order."""
    kinds: dict[int, Kind] = {
        found.start(): kind_of(found[0]) for found in _ODD.finditer(text) if not _ends_line(found)
    }
    kinds.update(_disguised(text))
    starts = [0, *(found.end() for found in re.finditer("\n", text))]
    return tuple(_odd_character(text, offset, kinds[offset], starts) for offset in sorted(kinds))


def segments(text: str) -> tuple[Segment, ...]:
    """The text cut in plain runs and odd characters; joined they are the text again."""
    pieces: list[Segment] = []
    done = 0
    for odd in odd_characters(text):
        if odd.offset > done:
            pieces.append(Segment(text[done : odd.offset]))
        pieces.append(Segment(text[odd.offset], odd))
        done = odd.offset + 1
    return (*pieces, Segment(text[done:])) if done < len(text) else tuple(pieces)


def kind_of(letter: str) -> Kind:
    """Why a character outside the allow-list is odd, judged without its neighbours."""
    if letter in _BIDIRECTIONAL:
        return "bidirectional"
    if letter in _BLANK_LETTERS or _invisible(letter):
        return "hidden"
    return "confusable" if _ASCII_ONLY.fullmatch(unicodedata.normalize("NFKC", letter)) else "unusual"


def _invisible(letter: str) -> bool:
    """Whether a reader sees nothing: controls, formats, separators, variation selectors, the tag plane."""
    if unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Zl", "Zp"):
        return True
    number = ord(letter)
    return 0x180B <= number <= 0x180F or 0xFE00 <= number <= 0xFE0F or 0xE0000 <= number <= 0xE0FFF


def _ends_line(found: re.Match[str]) -> bool:
    return found[0] == "\r" and found.string.startswith("\n", found.end())


def _disguised(text: str) -> Iterator[tuple[int, Kind]]:
    """Letters of other scripts that can be taken for Latin: inside a Latin word, or a whole word of nothing else."""
    for word in _WORD.finditer(text):
        if not _OTHER_LETTER.search(word[0]):
            continue
        mixed = _LATIN_LETTER.search(word[0]) is not None
        lookalike = not mixed and all(letter in _LIKE_LATIN for letter in word[0])
        for place, letter in enumerate(word[0], word.start()):
            if (mixed and _OTHER_LETTER.match(letter) and letter not in _UNLIKE_LATIN) or (
                lookalike and _ODD.match(letter)
            ):
                yield place, "confusable"


def _odd_character(text: str, offset: int, kind: Kind, starts: list[int]) -> OddCharacter:
    line = bisect_right(starts, offset)
    letter = text[offset]
    name = unicodedata.name(
        letter, "CONTROL CHARACTER" if unicodedata.category(letter) == "Cc" else "UNNAMED CHARACTER"
    )
    return OddCharacter(offset, line, offset - starts[line - 1] + 1, f"U+{ord(letter):04X}", name, kind)
