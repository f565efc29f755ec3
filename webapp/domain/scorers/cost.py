"""Cost: what one answer cost. An amount, not a mark: no value in 0..1."""

from __future__ import annotations

from webapp.domain.prompts.suite import Case
from webapp.domain.scorers.interface import Answer, Lookups, Score, unscored

NAME = "cost"
VERSION = "1"
LIMITS = "Counts what the price table says of the tokens reported; not a bill. Never taken from cached answers."


def score(_case: Case, answer: Answer, _lookups: Lookups) -> Score:
    """The amount in microusd, or unscored where none was reported."""
    if answer.cost_microusd is None or answer.cost_microusd < 0:
        return unscored(NAME, "not_reported", "The model reported no cost")
    return Score(NAME, None, "scored", amount=answer.cost_microusd, unit="microusd")
