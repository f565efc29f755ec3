"""One text read once: its terms, numbers, sides, findings, medicines with doses, and statements."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from webapp.domain.scorers.assertions import Assertion, read_assertions
from webapp.domain.scorers.medication_reading import Medicine, read_medicines
from webapp.domain.scorers.quantities import Quantity, read_quantities
from webapp.domain.scorers.sides import Side, read_sides
from webapp.domain.scorers.statements import Statement, read_statements
from webapp.domain.scorers.terms import Term, Token, read_terms, read_tokens

_TEXTS_KEPT = 16


@dataclass(frozen=True)
class Reading:
    """What stands in one text, each kind in the order of the text."""

    text: str
    tokens: tuple[Token, ...]
    terms: tuple[Term, ...]
    quantities: tuple[Quantity, ...]
    sides: tuple[Side, ...]
    assertions: tuple[Assertion, ...]
    medicines: tuple[Medicine, ...]
    statements: tuple[Statement, ...]


@lru_cache(maxsize=_TEXTS_KEPT)
def read(text: str) -> Reading:
    """The reading of a text; the last few are kept, because both arms are held against the same encounter."""
    tokens = tuple(read_tokens(text))
    terms, quantities = tuple(read_terms(tokens)), tuple(read_quantities(text, tokens))
    return Reading(
        text,
        tokens,
        terms,
        quantities,
        tuple(read_sides(text, tokens)),
        tuple(read_assertions(text, terms, tokens)),
        read_medicines(text),
        tuple(read_statements(text, tokens, terms, quantities)),
    )
