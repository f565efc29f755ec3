"""Latency: how long one answer took. An amount, not a mark: no value in 0..1."""

from __future__ import annotations

from webapp.domain.prompts.suite import Case
from webapp.domain.scorers.interface import Answer, Lookups, Score, unscored

NAME = "latency"
VERSION = "1"
LIMITS = "Time of one call as seen from this server, network included. The offline model reports none."


def score(_case: Case, answer: Answer, _lookups: Lookups) -> Score:
    """The amount in ms, or unscored where none was reported."""
    if answer.latency_ms is None or answer.latency_ms < 0:
        return unscored(NAME, "not_reported", "The model reported no time")
    return Score(NAME, None, "scored", amount=answer.latency_ms, unit="ms")
