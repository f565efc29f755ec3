"""One encounter, read once: sentences, medicines, diagnoses, names, planted instructions.

What must not live here: the prompt's wishes and errors made on purpose; this is the same for every prompt.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass, replace

from webapp.adapters.llm.offline.identifiers import names_of
from webapp.adapters.llm.offline.injections import Injection, find_injection
from webapp.adapters.llm.offline.medicines import Medicine, medicines_of
from webapp.adapters.llm.offline.problems import Problem, diagnoses_of
from webapp.adapters.llm.offline.selection import Candidate, candidates_of
from webapp.adapters.llm.offline.sentences import Sentence, sentences_of

LONGEST_CHARACTERS = 200_000
# Both arms of a comparison and their repeats ask about the same encounter one after the other.
REMEMBERED = 8


@dataclass(frozen=True)
class Encounter:
    """What the rules found in one encounter; candidates leave out sentences that give orders to a machine."""

    medicines: Sequence[Medicine]
    diagnoses: Sequence[Problem]
    candidates: Sequence[Candidate]
    names: frozenset[str]
    injection: Injection | None


@functools.lru_cache(maxsize=REMEMBERED)
def read_encounter(text: str) -> Encounter:
    """Everything found in the text; what lies beyond the longest length is not read."""
    text = text[:LONGEST_CHARACTERS]
    sentences = sentences_of(text)
    injection = find_injection(sentences)
    clinical = _without(sentences, injection)
    return Encounter(
        medicines=medicines_of(clinical),
        diagnoses=diagnoses_of(clinical),
        candidates=candidates_of(clinical),
        names=names_of(text, sentences),
        injection=injection,
    )


def _without(sentences: Sequence[Sentence], injection: Injection | None) -> Sequence[Sentence]:
    """The sentences without those that give orders to a machine, numbered anew."""
    if injection is None:
        return sentences
    kept = [sentence for sentence in sentences if sentence.place not in injection.places]
    return [replace(sentence, place=place) for place, sentence in enumerate(kept)]
