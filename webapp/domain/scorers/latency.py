"""Latency: how long one answer took. An amount, not a mark: no value in 0..1."""

from __future__ import annotations

from webapp.domain.prompts.suite import Case
from webapp.domain.scorers.interface import Answer, Lookups, Score, measured

NAME = "latency"
VERSION = "2"
LIMITS = (
    "Time of one call as seen from this server, network included. "
    "The offline model and an answer kept from an earlier run report none."
)


def score(_case: Case, answer: Answer, _lookups: Lookups) -> Score:
    """The amount in ms, or unscored where none was measured."""
    return measured(NAME, answer, answer.latency_ms, "ms", "The model reported no time")
