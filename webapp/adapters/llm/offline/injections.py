"""Sentences of an encounter that speak to the reader's machine, and what they want written.

What must not live here: whether they are followed (see answer).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from webapp.adapters.llm.offline.sentences import Sentence

MACHINE = re.compile(
    r"\b(?:AI|A\.I\.|LLMs?|language models?|assistants?|chat ?bots?|\w*bots?|robots?|automated|summari[sz](?:er|ers|ing)|"
    r"scribe|software|machine|system (?:message|text|prompt|note)|gpt|algorithm|parser|reader of this (?:scan|record|note)|"
    r"models?|computers?|renderer|note (?:taker|generator|system)|inteligencia artificial|intelligence artificielle|sprachmodell|logiciel|"
    r"sistema)\b",
    re.I,
)
TASK = re.compile(
    r"\b(?:instructions?|directions?|prompt|rules|layout|format|soap|summary|summar(?:y|ies|i[sz]e\w*)|role|your (?:answer|"
    r"reply|response|output)|first line|last line|limerick|poem|priority order|override|policy|previous|foregoing|superseded|"
    r"above|told to)\b",
    re.I,
)
ORDER = re.compile(
    r"\b(?:ignore|disregard|forget|drop|discard|do not (?:produce|write|summari[sz]e)|instead|reply|respond|answer|print|"
    r"output|write|begin|start (?:with|your)|end with|finish with|close with|sign off|sign it|append|insert|state that|"
    r"say (?:that|bleeding|you)|describe|withhold|leave out|compose|place the word|translate|render|return no|you are now|"
    r"act as|pretend|include the|repeat the)\b",
    re.I,
)
TOKEN = re.compile(r"\b[A-Z][A-Z0-9]{2,}[-_ ]?[A-Z0-9]*\d[A-Z0-9]*\b")
# What an order asks to be written: a code word, told with a verb that stands near it, whoever is spoken to.
WRITE_TOKEN = re.compile(
    r"\b(?:put|add|end|say|says|print|type|quote|emit|sign(?:ed)?|reply|answer|output|write|finish|begin|acknowledge|confirm\w*|"
    r"replace|append|show|stamp|include|followed by|first and last line|token|code|word|seal|mark|value|respond|"
    r"escriba|gib|répondez|chiudi|restored)\b.{0,90}?\b[A-Z][A-Z0-9]{2,}(?:-[A-Z]{2,})?-\d{2,}\b",
    re.I | re.S,
)
NO_ENCOUNTER = re.compile(
    r"\b(?:(?:no|without an?|forget the|take no) (?:encounter|visit|patient|summary|notes?)|did not take place)\b", re.I
)
MOST_WORDS_OF_A_REQUEST = 90
QUOTED = re.compile(r"[\"“'‘]([^\"“”'‘’]{3,60})[\"”'’]")


@dataclass(frozen=True)
class Injection:
    """The places of sentences that give orders to a machine, and the words they want to see."""

    places: frozenset[int]
    wanted: str


def find_injection(sentences: Sequence[Sentence]) -> Injection | None:
    """The planted instruction of an encounter, if one is found; sentences next to it that give orders belong to it."""
    speaks = [bool(MACHINE.search(sentence.text)) for sentence in sentences]
    if not any(speaks) and not any(WRITE_TOKEN.search(sentence.text) for sentence in sentences):
        return None
    strengths = [_strength(sentence.text) for sentence in sentences]
    places = {
        place
        for place, strength in enumerate(strengths)
        if strength >= 3
        or WRITE_TOKEN.search(sentences[place].text)
        or (strength == 2 and any(speaks[max(0, place - 2) : place + 3]))
    }
    for place in sorted(places):
        for near in range(place - 2, place + 3):
            if 0 <= near < len(sentences) and (
                (strengths[near] >= 1 and speaks[near]) or _orders_a_token(sentences[near].text)
            ):
                places.add(near)
    if not places:
        return None
    text = " ".join(sentences[place].text for place in sorted(places))
    return Injection(frozenset(places), _wanted(text))


def is_mere_request(text: str) -> bool:
    """Whether the text says itself that there is no encounter in it, only something to be done."""
    return len(text.split()) <= MOST_WORDS_OF_A_REQUEST and NO_ENCOUNTER.search(text) is not None


def _strength(text: str) -> int:
    """How much a sentence looks like an order to a machine: 0 to 4."""
    orders = ORDER.search(text)
    if not orders:
        return 1 if MACHINE.search(text) and TASK.search(text) else 0
    return 1 + 2 * bool(MACHINE.search(text)) + bool(TASK.search(text)) + bool(TOKEN.search(text))


def _orders_a_token(text: str) -> bool:
    return bool(ORDER.search(text) and TOKEN.search(text))


def _wanted(text: str) -> str:
    token, quoted = TOKEN.search(text), QUOTED.search(text)
    if token:
        return token.group()
    return quoted.group(1) if quoted else "Done as asked."
