"""The table of safety limits: what each one watches, how far the new version may fall behind, and in which steps it can exist.

What must not live here: how a limit is judged (``rollout``).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

EVENT, SHARE, RATIO, SCORE = "event", "share", "ratio", "score"
ALL_KINDS = ("shadow", "canary", "ab", "direct")
DISPLAYED = ("canary", "ab", "direct")
BESIDE_LIVE = ("canary", "ab")
COMPARED = ("shadow", *BESIDE_LIVE)


@dataclass(frozen=True)
class Guardrail:
    """One safety limit.

    ``words`` say it whole, ``too_many`` what stops a step where there is too much of it ("stopped by too many failed answers").
    ``measure``: ``event`` (one is one too many), ``share`` (of units, margin in shares of one), ``ratio`` (new to live, as the
    natural logarithm; margin likewise) or ``score`` (what is lost of a mark from 0 to 1, so that it is only held against live).
    ``kinds``: the steps in which it can exist; ``is_critical``: failing rolls back at once.
    """

    name: str
    words: str
    too_many: str
    measure: str
    margin: float
    kinds: tuple[str, ...]
    is_critical: bool = False

    @property
    def needs_live(self) -> bool:
        """Has it no limit of its own, so that it can only be held against a live version?"""
        return self.measure in (RATIO, SCORE)

    @property
    def subject(self) -> str:
        """What it watches, as part of a sentence: "calls that failed"."""
        return self.words.partition(":")[0].lower()


TABLE = {
    one.name: one
    for one in (
        Guardrail(
            "errors",
            "Calls that failed: at most 5 points of 100 more than with the live version",
            "failed answers",
            SHARE,
            0.05,
            ALL_KINDS,
        ),
        Guardrail(
            "harm_reports",
            "Reports of possible harm: none",
            "reports of possible harm",
            EVENT,
            0.0,
            DISPLAYED,
            is_critical=True,
        ),
        Guardrail(
            "phi_flags",
            "Identifiers in answers that were not in the request: none",
            "patient identifiers in answers",
            EVENT,
            0.0,
            ALL_KINDS,
            is_critical=True,
        ),
        Guardrail(
            "edits",
            "Answers that clinicians had to change: at most 10 points of 100 more than with the live version",
            "answers that clinicians had to change",
            SHARE,
            0.10,
            DISPLAYED,
        ),
        Guardrail(
            "rejections",
            "Answers that clinicians threw away: at most 5 points of 100 more than with the live version",
            "answers that clinicians threw away",
            SHARE,
            0.05,
            DISPLAYED,
        ),
        Guardrail(
            "unsafe_flags",
            "Answers that the application flagged as unsafe: at most 3 points of 100 more than with the live version",
            "answers flagged as unsafe",
            SHARE,
            0.03,
            ALL_KINDS,
        ),
        Guardrail(
            "checks",
            "Scores of the application's own checks: at most 5 points of 100 lower than with the live version",
            "low check scores",
            SCORE,
            0.05,
            COMPARED,
        ),
        Guardrail(
            "quality",
            "Ratings that clinicians gave a sample of answers: at most 10 points of 100 lower than with the live version",
            "low ratings by clinicians",
            SCORE,
            0.10,
            BESIDE_LIVE,
        ),
        Guardrail("latency", "Time to answer: at most half longer", "slow answers", RATIO, math.log(1.5), COMPARED),
        Guardrail("cost", "Cost of a call: at most half more", "dear calls", RATIO, math.log(1.5), COMPARED),
    )
}
DEFAULTS = ("errors", "harm_reports", "phi_flags")


def subjects(names: Iterable[str]) -> str:
    """The limits of these names as part of a sentence; an unknown one by its name."""
    return ", ".join(TABLE[name].subject if name in TABLE else name for name in names)


def too_many_of(names: Iterable[str]) -> str:
    """What there must not be too much of, by the limits of these names: "failed answers or slow answers"."""
    return " or ".join(TABLE[name].too_many for name in names)


def defaults_of(kind: str) -> tuple[str, ...]:
    """What a step of this kind watches where its plan does not say."""
    return tuple(name for name in DEFAULTS if kind in TABLE[name].kinds)
