"""Reading whether a text affirms a finding, denies it, or leaves it open (a question, a condition, family history)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from webapp.domain.scorers.terms import Term, Token
from webapp.domain.scorers.words import word_set

Stance = Literal["affirmed", "denied", "open"]

_NO = re.compile(
    r"\b(?:no(?! (?:longer|change|doubt|more than|later|further))|not(?! only)|denie[sd]|deny(?:ing)?|without|negative for|"
    r"absence of|absent|never|neither|nor|free (?:of|from)|rules? out|ruled out|lack(?:s|ed|ing)?(?: of)?|none|nil|resolved|"
    r"refus\w+|(?:does|did|has|have|had|is|was|are|were|do)n['\u2019]t)\b",
    re.IGNORECASE,
)
_OPEN = re.compile(
    r"\b(?:if|should|return (?:for|if|with)|watch for|look out|risks? (?:of|for)|family|mother|father|sister|brother|aunt|uncle|"
    r"son|daughter|grand\w+|history of|previous\w*|prior|past|ago|used to|in case|monitor\w* for|"
    r"to (?:exclude|prevent|avoid|rule out|assess for|treat)|concern\w* (?:for|about)|possib\w+|suspect\w*|likely|may|might|could|"
    r"would|worr\w+|screen\w* for|evaluat\w+ for|versus|vs|differential|when|unless|until|red flags?|warn\w*|advis\w*|call|"
    r"precaution\w*|prn|as needed|for|treated|intolerance|causes?|caused|side effects?|consider\w*|(?:19|20)\d\d)\b",
    re.IGNORECASE,
)
_NEW_THOUGHT = re.compile(
    r"\b(?:but|however|although|though|except|apart from|other than|yet|whereas|while|because|due to|"
    r"and (?:has|is|was|reports|complains|does have|now)|has|reports|complains|presents|shows?|positive for|endorses|admits|"
    r"notable for|significant for|with)\b|[;:()]",
    re.IGNORECASE,
)
_NO_AFTER = re.compile(
    r"[\s:\-\u2013,(]{0,3}(?:(?:is|are|was|were|has been|have been)\s)?(?:(?:absent|denied|negative|none|"
    r"not (?:present|seen|noted|found|reported)|ruled out|excluded|resolved|nil)\b|no\b(?=[\s.,;]*(?:$|\n)))",
    re.IGNORECASE,
)
_NON = re.compile(r"\bnon[-\s]?$", re.IGNORECASE)
_SENTENCE = re.compile(r"[.!?](?=\s|$)|\n")
_REACH_CHARACTERS = 160
_ADDRESSED = word_set("you your yours yourself")
_LEAST_ADDRESSED = 4


@dataclass(frozen=True, slots=True)
class Assertion:
    """One mention of a finding and what the text says of it."""

    term: Term
    stance: Stance


def read_assertions(text: str, terms: Sequence[Term], tokens: Sequence[Token]) -> Iterator[Assertion]:
    """Each finding or diagnosis of the text with its stance, in order.

    What is spoken to the patient is left open: there "any cough?" and "no" stand in two turns, often without their marks.
    """
    spoken = is_spoken(tokens)
    ends = [hit.end() for hit in _SENTENCE.finditer(text)]
    place, start = 0, 0
    for term in terms:
        while place < len(ends) and ends[place] <= term.start:
            start, place = ends[place], place + 1
        if term.kind in ("finding", "diagnosis"):
            end = ends[place] if place < len(ends) else len(text)
            stance = "open" if spoken else _stance(text, term, max(start, term.start - _REACH_CHARACTERS), end)
            yield Assertion(term, stance)


def is_spoken(tokens: Sequence[Token]) -> bool:
    """Whether the text speaks to somebody, as a conversation does and a note does not."""
    addressed = sum(token.key in _ADDRESSED for token in tokens)
    return addressed >= _LEAST_ADDRESSED and addressed * 100 > len(tokens)


def _stance(text: str, term: Term, start: int, end: int) -> Stance:
    if text[end - 1 : end] == "?":
        return "open"
    before = text[start : term.start]
    cut = max((hit.end() for hit in _NEW_THOUGHT.finditer(before)), default=0)
    denied = _NON.search(before) or _NO.search(before, cut) or _NO_AFTER.match(text, term.end, min(end, term.end + 40))
    if denied:
        return "denied"
    return "open" if _OPEN.search(before) or _OPEN.search(text, term.end, min(end, term.end + 30)) else "affirmed"
