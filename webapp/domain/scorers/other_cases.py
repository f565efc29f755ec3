"""Identifiers of the suite's other patients in an answer: listed ones by their keys, others by a look into the other inputs.

Keys are small; no text is copied, so that a large suite stays small in memory.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from webapp.domain.identifiers.folding import fold
from webapp.domain.identifiers.kinds import DIRECT, Sighting
from webapp.domain.identifiers.people import is_common
from webapp.domain.prompts.suite import Case, Identifier

MOST_OWNERS = 2  # what stands with three patients or more is the hospital's own number, or a common word
LONGEST_NAME_WORDS = 4
LEAST_RARE_NAME = 5
LEAST_DIGITS = 5
MOST_NUMBER_PARTS = 6
_WORD = re.compile(r"[^\W_]+")
_LEAST_NUMBER = 6


class OtherCases:
    """Answers ``Lookups.of_other_cases`` for one suite."""

    def __init__(self, cases: Sequence[Case]) -> None:
        self._cases = cases
        self._owners: dict[str, set[str]] = {}
        for case in cases:
            for one in case.expected.identifiers:
                for key in _keys_of(one):
                    self._owners.setdefault(key, set()).add(case.cluster)

    def find(self, case: Case, text: str, strange: tuple[Sighting, ...]) -> tuple[Sighting, ...]:
        """What of the answer belongs to another patient; ``strange`` are sightings that are not this case's own."""
        return (*self._listed(case, text), *(one for one in strange if self._stands_elsewhere(case, text, one)))

    def _listed(self, case: Case, text: str) -> Iterator[Sighting]:
        folded = fold(text)
        own: str | None = None
        for key, kind, start, end in _keys_in(folded.text):
            if not _is_of_another(self._owners.get(key), case):
                continue
            own = _own_words(case) if own is None else own
            if _glued(key) not in own:
                yield Sighting(kind, *folded.span(start, end))

    def _stands_elsewhere(self, case: Case, text: str, one: Sighting) -> bool:
        value = text[one.start : one.end]
        if one.kind not in DIRECT or len(value) < _LEAST_NUMBER or (one.kind == "name" and " " not in value.strip()):
            return False
        owners = {other.cluster for other in self._cases if any(value in given for given in other.inputs.values())}
        return _is_of_another(owners, case)


def _is_of_another(owners: set[str] | None, case: Case) -> bool:
    return bool(owners) and len(owners or ()) <= MOST_OWNERS and case.cluster not in (owners or ())


def _keys_of(identifier: Identifier) -> Iterator[str]:
    """What tells this person from others: a name of two words, a rare family name, a number or mail address of six characters."""
    words = _WORD.findall(fold(identifier.text).text.casefold())
    if identifier.type == "name":
        if 2 <= len(words) <= LONGEST_NAME_WORDS and all(len(word) > 1 for word in words):
            yield " ".join(words)
        if words and len(words[-1]) >= LEAST_RARE_NAME and not is_common(words[-1]):
            yield words[-1]
        return
    glued = "".join(words)
    has_digits = sum(map(str.isdigit, glued)) >= LEAST_DIGITS
    if len(glued) >= _LEAST_NUMBER and (has_digits or identifier.type == "email"):
        yield glued


def _keys_in(text: str) -> Iterator[tuple[str, str, int, int]]:
    """Each key that the folded text may hold, with a kind and offsets."""
    words = list(_WORD.finditer(text))
    for at, first in enumerate(words):
        if not first[0][0].isupper():
            continue
        key = first[0].casefold()
        yield key, "name", *first.span()
        for last in words[at + 1 : at + LONGEST_NAME_WORDS]:
            key += " " + last[0].casefold()
            yield key, "name", first.start(), last.end()
    for at, first in enumerate(words):
        key = ""
        for last in words[at : at + MOST_NUMBER_PARTS]:
            key += last[0].casefold()
            is_mail = "@" in text[first.start() : last.end()]
            if is_mail or any(map(str.isdigit, key)):
                yield key, "email" if is_mail else "mrn", first.start(), last.end()


def _own_words(case: Case) -> str:
    """All that stands in the case itself, glued, so that what two patients share is nobody else's."""
    texts = (
        *case.inputs.values(),
        *(chunk.text for chunk in case.context),
        case.expected.reference or "",
        *case.expected.must_include,
    )
    return _glued("\n".join(texts))


def _glued(text: str) -> str:
    return "".join(_WORD.findall(fold(text).text.casefold()))
