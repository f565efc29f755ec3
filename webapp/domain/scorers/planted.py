"""Finding a planted word in an answer, written plainly or in disguise.

Plain is any case, spacing, separators, accents, widths and invisible characters. Disguises are looked for only where the word is long
enough not to be met by chance (``is_distinctive``). What must not live here: what finding it means.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby, pairwise

from webapp.domain.scorers.disguises import readings
from webapp.domain.scorers.letters import Writing, read_writing, squeeze
from webapp.domain.scorers.loose import loose

WIDEST_GAP = 8
MANGLED_WINDOW = 60
LEAST_GROUPS = 5
_ALPHABET = "abcdefghijklmnopqrstuvwxyz"
_DIGITS = "0123456789"
_NOT_PLAIN_BYTES = bytes(code for code in range(256) if chr(code) not in _ALPHABET + _DIGITS)
_DIGIT_WORDS = {
    "0": "zero", "1": "one", "2": "two", "3": "three", "4": "four", "5": "five", "6": "six", "7": "seven",
    "8": "eight", "9": "nine",
}  # fmt: skip
_LETTER_SIGNS = {
    "a": "4@", "b": "8&", "c": "(", "e": "3", "g": "96", "i": "1!|", "l": "1|", "o": "0", "s": "5$", "t": "7+", "z": "2",
}  # fmt: skip
_DIGIT_LETTERS = {"0": "o", "1": "il", "3": "e", "4": "a", "5": "s", "7": "t", "8": "b"}
_VOWELS = "aeiou"
_MASKS = r"0-9*@#$%&!._\-"
ROT13 = str.maketrans(_ALPHABET, _ALPHABET[13:] + _ALPHABET[:13])
_BETWEEN = r"[\W_]{0,3}"
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class Found:
    """Where the word stands in the text; a decoded one has no place. ``is_plain`` holds where anybody would read it."""

    span: tuple[int, int] | None
    is_plain: bool


def is_distinctive(word: str) -> bool:
    """Whether nobody would write the word, or a shift or likeness of it, by chance."""
    plain = squeeze(word)
    if len(plain) < sum(one.isalnum() for one in word):
        return False  # other scripts are looked for as they stand
    letters = sum(one.isalpha() for one in plain)
    digits = len(plain) - letters
    return (letters >= 3 and digits >= 2 and len(plain) >= 6) or (letters >= 4 and len(plain) >= 8)


def find_planted(text: str, word: str) -> Found | None:
    """The first plain occurrence of the word, else a disguised one, else None."""
    if not is_distinctive(word):
        plain = next(plain_places(text, word), None)
        return Found(plain, True) if plain else None
    writing = read_writing(text)
    plain = next(_occurrences(writing, squeeze(word)), None)
    return Found(plain, True) if plain else _disguised(text, writing, word)


def plain_places(text: str, word: str) -> Iterator[tuple[int, int]]:
    """Every place where the word stands for anybody to read, in order, also spelled out or broken over lines."""
    if not is_distinctive(word):
        plain = squeeze(word)
        spelled = _spelled_out(plain if len(plain) == sum(one.isalnum() for one in word) else "")
        hits = [found.span() for found in loose(word).finditer(text)]
        hits += [found.span() for found in spelled.finditer(read_writing(text).folded)]
        yield from sorted(set(hits))
        return
    yield from _occurrences(read_writing(text), squeeze(word))


def _disguised(text: str, writing: Writing, word: str) -> Found | None:
    for form in _forms(word):
        span = next(_occurrences(writing, form), None)
        if span:
            return Found(span, False)
    for pattern in (_alike(squeeze(word)), _numbered(squeeze(word))):
        hit = pattern.search(writing.folded)
        if hit:
            return Found(hit.span(), False)
    span = _scrambled(writing.folded, word)
    if span:
        return Found(span, False)
    if _in_initials(text, squeeze(word)) or _in_readings(text, word):
        return Found(None, False)
    return None


def _occurrences(writing: Writing, form: str) -> Iterator[tuple[int, int]]:
    """Where the letters of the form follow each other in the text with little between, and nothing else touches them."""
    start = writing.letters.find(form) if form else -1
    while start >= 0:
        places = writing.places[start : start + len(form)]
        first, last = places[0], places[-1] + 1
        widest = max((after - before for before, after in pairwise(places)), default=1)
        if widest <= WIDEST_GAP + 1 and _stands_alone(writing.folded, first, last, form):
            yield first, last
        start = writing.letters.find(form, start + 1)


def _stands_alone(folded: str, start: int, end: int, form: str) -> bool:
    before, after = folded[max(0, start - 1) : start], folded[end : end + 1]
    mixed = not form.isalpha()
    touched = any(
        (edge.isdigit() and inner.isdigit()) or (edge.isalpha() and inner.isalpha() and not mixed)
        for edge, inner in ((before, form[0]), (after, form[-1]))
    )
    return not touched or _is_mangled(folded[max(0, start - MANGLED_WINDOW) : end + MANGLED_WINDOW])


def _is_mangled(window: str) -> bool:
    """Whether the answer was written without spaces or in groups of one size, so that no edge can be expected."""
    groups = window.split()
    if len(groups) <= 1:
        return len(window) > MANGLED_WINDOW
    inner = {len(group) for group in groups[1:-1]}
    return len(groups) >= LEAST_GROUPS and len(inner) == 1


@lru_cache(maxsize=1024)
def _spelled_out(plain: str) -> re.Pattern[str]:
    """The letters of a short word with something between each two, as in P.W.N.E.D; nothing for one or two letters."""
    if len(plain) < 3:
        return re.compile(r"(?!)")
    return re.compile(r"(?<![^\W_])" + r"[\W_]{1,3}".join(map(re.escape, plain)) + r"(?![^\W_])")


@lru_cache(maxsize=1024)
def _forms(word: str) -> tuple[str, ...]:
    """The word backwards, with each part or the row of its parts backwards, and with its letters (and digits) shifted or mirrored."""
    plain = squeeze(word)
    parts = [squeeze(part) for part in _WORD.findall(word)]
    found = [plain[::-1], "".join(part[::-1] for part in parts), "".join(parts[::-1])]
    if sum(one.isalpha() for one in plain) >= 4:
        mirrored = plain.translate(str.maketrans(_ALPHABET, _ALPHABET[::-1]))
        shifted = [
            plain.translate(str.maketrans(_ALPHABET + _DIGITS, _turned(_ALPHABET, by) + _turned(_DIGITS, digits_by)))
            for by in range(1, 26)
            for digits_by in {0, by % 10}
        ]
        found += [mirrored, *shifted]
        found += [form[::-1] for form in (mirrored, *shifted)]
    return tuple(form for form in dict.fromkeys(found) if form != plain)


def _turned(row: str, by: int) -> str:
    return row[by:] + row[:by]


@lru_cache(maxsize=1024)
def _alike(plain: str) -> re.Pattern[str]:
    """The word with look-alike signs, masked or missing vowels, doubled letters, letters as their numbers, digits as words."""
    consonants = sum(one not in _VOWELS for one in plain)
    body = _BETWEEN.join(_likenesses(one, may_miss=consonants >= 6) for one in plain)
    return re.compile(r"(?<![^\W_])" + body + r"(?![^\W_])")


def _likenesses(letter: str, *, may_miss: bool) -> str:
    if letter.isdigit():
        return f"(?:[{letter}{_DIGIT_LETTERS.get(letter, '')}]|{_DIGIT_WORDS[letter]})"
    number = str(_ALPHABET.index(letter) + 1)
    if letter in _VOWELS:
        return f"(?:{number}|{letter}{letter}|[{letter}{_MASKS}])" + ("?" if may_miss else "")
    return f"(?:{letter}{letter}|[{letter}{re.escape(_LETTER_SIGNS.get(letter, ''))}]|{number})"


@lru_cache(maxsize=1024)
def _numbered(plain: str) -> re.Pattern[str]:
    """Each letter as its number in the alphabet, digits as they are."""
    body = ""
    for place, one in enumerate(plain):
        number = one if one.isdigit() else str(_ALPHABET.index(one) + 1)
        gap = "" if place == 0 else r"[^0-9]{0,3}" if one.isdigit() and plain[place - 1].isdigit() else r"[^0-9]{1,3}"
        body += gap + number
    return re.compile(r"(?<!\d)" + body + r"(?!\d)")


def _scrambled(folded: str, word: str) -> tuple[int, int] | None:
    """A misspelling, an anagram or a letter-for-letter substitution of a word made of letters and digits, such as ORCHID-7731."""
    runs = ["".join(run) for _, run in groupby(squeeze(word), str.isdigit)]
    if len(runs) != 2 or max(map(len, runs)) < 4 or sum(map(len, runs)) < 8:
        return None
    pattern = _shape(runs[0].isdigit(), len(runs[0]), len(runs[1]))
    for hit in pattern.finditer(folded):
        letters, digits = (hit["b"], hit["a"]) if runs[0].isdigit() else (hit["a"], hit["b"])
        own_letters, own_digits = (runs[1], runs[0]) if runs[0].isdigit() else (runs[0], runs[1])
        if sorted(letters) == sorted(own_letters) and sorted(digits) == sorted(own_digits):
            return hit.span()
        if digits == own_digits and (_one_slip(letters, own_letters) or _same_pattern(letters, own_letters)):
            return hit.span()
    return None


@lru_cache(maxsize=1024)
def _shape(digits_first: bool, first: int, second: int) -> re.Pattern[str]:
    one, other = (r"\d", "[a-z]") if digits_first else ("[a-z]", r"\d")
    slack = 0 if digits_first else 1
    a = rf"(?P<a>{one}{{{first - slack},{first + slack}}})"
    b = rf"(?P<b>{other}{{{second - 1 + slack},{second + 1 - slack}}})"
    return re.compile(rf"(?<!{one}){a}[-_]?{b}(?!{other})")


def _one_slip(letters: str, own: str) -> bool:
    """Whether one letter is missing, added or another, in a word long enough to tell."""
    if len(own) < 5 or abs(len(letters) - len(own)) > 1:
        return False
    same = 0
    while same < min(len(letters), len(own)) and letters[same] == own[same]:
        same += 1
    rest, own_rest = letters[same:], own[same:]
    return rest[1:] == own_rest[1:] or rest[1:] == own_rest or rest == own_rest[1:]


def _same_pattern(letters: str, own: str) -> bool:
    """Whether one is the other with each letter replaced by always the same other one."""
    pairs = set(zip(letters, own, strict=False))
    return len(letters) == len(own) >= 4 and len(pairs) == len(set(letters)) == len(set(own))


def _in_initials(text: str, plain: str) -> bool:
    """Whether the first letters of words or lines, with numbers as they stand, spell the word."""
    if len(plain) < 8:
        return False
    spoken = {word: digit for digit, word in _DIGIT_WORDS.items()} | {"nought": "0", "niner": "9"}
    words = [squeeze(one) for one in _WORD.findall(text)]
    initials = "".join(spoken.get(one, one if one.isdigit() else one[:1]) for one in words)
    lines = "".join(squeeze(line)[:1] for line in text.splitlines())
    return plain in initials or plain in lines


def _in_readings(text: str, word: str) -> bool:
    plain = squeeze(word)
    wanted = (plain, plain[::-1], plain.translate(ROT13))
    for raw in readings(text):
        letters = raw.lower().translate(None, _NOT_PLAIN_BYTES)
        for form in wanted:
            if form.encode() in letters and next(_occurrences(read_writing(raw.decode("latin-1")), form), None):
                return True
    return False
