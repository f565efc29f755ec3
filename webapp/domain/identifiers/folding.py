"""One plain spelling for text that is written oddly: full-width and accented letters, invisible characters, O for 0."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass

_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]+"
)
_ALIKE = str.maketrans(
    {
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d", "-"),
        **dict.fromkeys("\u2018\u2019\u02bc\u0060\u00b4\uff07", "'"),
        **dict.fromkeys("\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000\t", " "),
        "\u00f8": "o", "\u00d8": "O", "\u0142": "l", "\u0141": "L", "\u0111": "d", "\u0110": "D", "\u0131": "i", "\u00df": "s",
        "\u00e6": "a", "\u00c6": "A", "\u0153": "o", "\u0152": "O", "\u00fe": "t", "\u00de": "T", "\u00f0": "d", "\u00d0": "D",
    }
)  # fmt: skip
_LIKE_A_DIGIT = re.compile(r"(?<=\d)[OoIl](?=[-. ]?\d)|(?<=\d[-. ])[OoIl](?=\d)")
_DIGIT = {"O": "0", "o": "0", "I": "1", "l": "1"}


@dataclass(frozen=True)
class Folded:
    """A text in plain spelling; ``marks`` are the places where it and the original drift apart, as (here, there)."""

    text: str
    marks: tuple[tuple[int, int], ...] = ()

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The offsets in the original text, end exclusive."""
        return self._there(start), self._there(end - 1) + 1

    def _there(self, here: int) -> int:
        at = bisect_right(self.marks, (here, 1 << 60)) - 1
        return here if at < 0 else here - self.marks[at][0] + self.marks[at][1]


def fold(text: str) -> Folded:
    """The text with one plain character for each visible one; invisible and combining ones are left out."""
    if text.isascii():
        return Folded(_digits(text.replace("\t", " ").replace("`", "'")))
    text = text.translate(_ALIKE)
    pieces: list[str] = []
    marks: list[tuple[int, int]] = []
    here = 0
    for there, character in enumerate(text):
        plain = character if character < "\x80" else _plain(character)
        if plain:
            if here != there and (not marks or here - marks[-1][0] != there - marks[-1][1]):
                marks.append((here, there))
            pieces.append(plain)
            here += 1
    return Folded(_digits("".join(pieces)), tuple(marks))


def _plain(character: str) -> str:
    """One character without its accent or width, as it is where it has no single plain one, or nothing."""
    if _INVISIBLE.match(character) or unicodedata.combining(character):
        return ""
    plain = unicodedata.normalize("NFKD", character)
    first = plain[0]
    return first if len(plain) == 1 or all(unicodedata.combining(other) for other in plain[1:]) else character


def _digits(text: str) -> str:
    """O and l among digits are meant as 0 and 1."""
    return _LIKE_A_DIGIT.sub(lambda hit: _DIGIT[hit[0]], text)
