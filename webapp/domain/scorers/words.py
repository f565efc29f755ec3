"""Finding a phrase in an answer whatever its case, spacing, dashes and emphasis. No clinical vocabulary here.

Every pattern is a row of literals with bounded gaps, so that time grows linearly with the text.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise

DASHES = "\\-\u2010\u2011\u2012\u2013\u2014\u2015\u2212"
_SPACE = r"[\s*_`]{1,8}"
_LOOSE = r"[\s*_`]{0,8}"
_QUOTES = "'\u2018\u2019\u02bc`"
_TOKEN = re.compile(r"(\s*)(\d+|[^\W\d_]+|\S)")
_NEGATED = re.compile(r"\b(?:not|never|don['\u2019]t|cannot|avoid)(?: to)?(?: the)?[\s*_`]{1,3}$", re.IGNORECASE)


def word_set(words: str) -> frozenset[str]:
    """The words of a text, for tables that read better as prose."""
    return frozenset(words.split())


@lru_cache(maxsize=8192)
def phrase(text: str) -> re.Pattern[str] | None:
    """A pattern for the phrase as whole words, or None where the phrase holds nothing to look for."""
    tokens = [(bool(gap), token) for gap, token in _TOKEN.findall(text)]
    if not tokens:
        return None
    body = _literal(tokens[0][1])
    for (_, before), (gap, token) in pairwise(tokens):
        body += _between(before, gap, token) + _literal(token)
    return re.compile(_start(tokens[0][1]) + body + _end(tokens[-1][1]), re.IGNORECASE)


def find_phrase(text: str, wanted: str) -> tuple[int, int] | None:
    """Where the phrase first stands in the text, as offsets, or None."""
    pattern = phrase(wanted)
    hit = pattern.search(text) if pattern else None
    return hit.span() if hit else None


def find_claimed(text: str, wanted: str) -> tuple[int, int] | None:
    """Where the phrase first stands without "not", "never" or "avoid" right before it, or None."""
    pattern = phrase(wanted)
    for hit in pattern.finditer(text) if pattern else ():
        if not _NEGATED.search(text[max(0, hit.start() - 24) : hit.start()]):
            return hit.span()
    return None


def _literal(token: str) -> str:
    if token in _QUOTES:
        return f"[{_QUOTES}]"
    if re.fullmatch(rf"[{DASHES}]", token):
        return f"[{DASHES}]"
    if token.isdigit() and token.isascii() and len(token) > 3:
        return re.escape(token[:-3]) + ",?" + re.escape(token[-3:])
    return re.escape(token)


def _between(before: str, gap: bool, after: str) -> str:
    if before.isdigit() != after.isdigit() and before.isalnum() and after.isalnum():
        return _LOOSE  # "500mg" and "500 mg" are the same
    return _SPACE if gap else ""


def _start(token: str) -> str:
    if token.isdigit():
        return r"(?<![\w])(?<!\d[.,])"  # "5 mg" does not stand in "2.5 mg"
    return r"(?<!\w)" if token.isalnum() else ""


def _end(token: str) -> str:
    if token.isdigit():
        return r"(?!\w)(?![.,]\d)"
    return r"(?!\w)" if token.isalnum() else ""
