"""Conditions that become another code by company or by side, as ICD-10-CM combines them.

What must not live here: finding the conditions (problems).
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence

from webapp.adapters.llm.offline.cues import NEGATION
from webapp.adapters.llm.offline.lexicon import Condition, lines_of
from webapp.adapters.llm.offline.sentences import Sentence

SIDE = re.compile(r"\b(right|left|R|L)\b(?! lower lobe| ventric| atri)|\b(?:RIGHT|LEFT)\b")
Rule = tuple[re.Pattern[str], Condition]


def combined(code: str, sentences: Sequence[Sentence]) -> Condition | None:
    """What the condition is called together with something else that the encounter states; None when alone."""
    for pattern, condition in _together().get(code, ()):
        for sentence in sentences:
            hit = pattern.search(sentence.text)
            if hit and not NEGATION.search(sentence.text[max(0, hit.start() - 30) : hit.start()]):
                return condition
    return None


def sided(code: str, sentence: Sentence) -> Condition | None:
    """The condition on the side that its sentence names first; None where it has no sides or none is named."""
    sides = _sides().get(code)
    hit = SIDE.search(sentence.text) if sides else None
    if sides is None or hit is None:
        return None
    return Condition(sides[0] if hit.group().lower().startswith("r") else sides[1], "")


@functools.cache
def _together() -> dict[str, tuple[Rule, ...]]:
    rules: dict[str, tuple[Rule, ...]] = {}
    for line in lines_of("combinations.txt"):
        if " = " not in line:
            continue
        left, _, right = line.partition(" = ")
        code, _, words = left.partition(" + ")
        exact, _, name = right.partition(": ")
        pattern = re.compile(rf"\b(?:{'|'.join(re.escape(word) for word in words.split(', '))})\b", re.I)
        rules[code] = (*rules.get(code, ()), (pattern, Condition(exact, name)))
    return rules


@functools.cache
def _sides() -> dict[str, tuple[str, str]]:
    found: dict[str, tuple[str, str]] = {}
    for line in lines_of("combinations.txt"):
        code, colon, sides = line.partition(": ")
        if colon and " = " not in line:
            right, _, left = sides.partition(", ")
            found[code] = (right, left)
    return found
