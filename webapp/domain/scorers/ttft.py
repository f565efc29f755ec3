"""Time to first token: how long a reader waits until the answer begins. An amount, not a mark: no value in 0..1."""

from __future__ import annotations

from webapp.domain.prompts.suite import Case
from webapp.domain.scorers.interface import Answer, Lookups, Score, measured

NAME = "ttft"
VERSION = "1"
LIMITS = (
    "Time until the first piece of a streamed answer arrived at this server, network included. A model that does not stream, "
    "the offline model and an answer kept from an earlier run report none."
)


def score(_case: Case, answer: Answer, _lookups: Lookups) -> Score:
    """The amount in ms, or unscored where none was measured."""
    return measured(NAME, answer, answer.ttft_ms, "ms", "The model reported no time to its first word")
