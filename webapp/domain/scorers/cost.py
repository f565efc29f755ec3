"""Cost: what one answer cost. An amount, not a mark: no value in 0..1."""

from __future__ import annotations

from webapp.domain.prompts.suite import Case
from webapp.domain.scorers.interface import Answer, Lookups, Score, measured

NAME = "cost"
VERSION = "2"
LIMITS = (
    "Counts what the price table says of the tokens reported; not a bill. "
    "An answer kept from an earlier run cost nothing now and is left out."
)


def score(_case: Case, answer: Answer, _lookups: Lookups) -> Score:
    """The amount in microusd, or unscored where none was measured."""
    return measured(NAME, answer, answer.cost_microusd, "microusd", "The model reported no cost")
