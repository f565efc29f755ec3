"""One plain spelling for every way to write a letter: case, accent, width, box, circle, look-alike of another script.

What must not live here: what is looked for, and ciphers (``disguises``).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property, lru_cache

_LOOK_ALIKES = dict(
    zip("авекмнорстухіјѕԁһαβεικνορτυχωıøłđ", "abekmhopctyxijsdhabeiknoptuxwiold", strict=True)
)  # Cyrillic, Greek, and Latin letters that no decomposition reaches
_TAGS = 0xE0000  # invisible copies of ASCII
_NAMED = re.compile(r"(?:LATIN|REGIONAL INDICATOR|SYMBOL).* ([A-Z])$")
_NOT_PLAIN = re.compile(r"[^0-9a-z]+")
_ONE_PLAIN = re.compile(r"[0-9a-z]")


@dataclass(frozen=True)
class Writing:
    """A text in plain spelling, as long as the text itself; ``letters`` are its letters and digits alone."""

    folded: str
    letters: str

    @cached_property
    def places(self) -> tuple[int, ...]:
        """Where each of the letters stands in the text."""
        return tuple(found.start() for found in _ONE_PLAIN.finditer(self.folded))


def fold(text: str) -> str:
    """The text with every letter in plain lower case, one character for each, so that offsets stay."""
    return text.lower() if text.isascii() else "".join(map(_plain, text))


def squeeze(text: str) -> str:
    """Only the letters and digits of the text, in plain spelling."""
    return _NOT_PLAIN.sub("", fold(text))


def read_writing(text: str) -> Writing:
    """The text in plain spelling."""
    folded = fold(text)
    return Writing(folded, _NOT_PLAIN.sub("", folded))


@lru_cache(maxsize=65536)
def _plain(letter: str) -> str:
    """The plain letter or digit that the character stands for, or the character itself."""
    if ord(letter) - _TAGS in range(32, 127):
        return chr(ord(letter) - _TAGS).lower()
    base = unicodedata.normalize("NFKD", letter)[:1].lower()[:1] or letter
    if base.isascii():
        return base
    if base in _LOOK_ALIKES:
        return _LOOK_ALIKES[base]
    named = _NAMED.search(unicodedata.name(letter, ""))
    if named:
        return named[1].lower()
    digit = unicodedata.digit(letter, None)
    return letter if digit is None else str(digit)
