"""What is known of one measure after a run: numbers, verdict, and the document that is stored of them.

Documents hold integers and strings only (parts per million), so that their canonical form is the same everywhere.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

from webapp.domain.verdict import Verdict, words_for
from webapp.errors import InvalidInput

PPM = 1_000_000
MOST_UNSCORED_SHARE = 0.02


def to_ppm(value: float) -> int:
    """The value in parts per million, rounded half to even; InvalidInput where it is no finite number."""
    if not math.isfinite(value):
        raise InvalidInput("A value that is no finite number cannot be stored. Leave the measure unmeasured.")
    return round(value * PPM)


@dataclass(frozen=True)
class Comparison:
    """New against live on one measure; differences are new minus live and None where nothing is known.

    ``low`` and ``high`` are two-sided, ``bound`` the one-sided worst case; ``p_harm`` is one-sided, ``p_adjusted`` after Holm.
    ``cases_needed`` counts cases beyond those there; ``reason`` says in a sentence why there is no more. ``seed`` and
    ``resamples`` are those of the bootstrap where one was drawn, so that it can be drawn again.
    """

    verdict: Verdict
    method: str
    n: int
    clusters: int
    total_cases: int
    unscored: int
    margin: float
    practical: float
    confidence: float
    higher_is_better: bool = True
    baseline_mean: float | None = None
    candidate_mean: float | None = None
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    bound: float | None = None
    better: int = 0
    worse: int = 0
    same: int = 0
    p_harm: float | None = None
    p_adjusted: float | None = None
    cases_needed: int | None = None
    seed: int | None = None
    resamples: int | None = None
    reason: str = ""

    @property
    def words(self) -> str:
        """The verdict as screens say it."""
        return words_for(self.verdict, self.cases_needed)

    def to_document(self) -> dict[str, Any]:
        """The comparison as integers and strings; what is unknown is left out."""
        return document_of(self)


_SHARES = (
    "margin",
    "practical",
    "confidence",
    "threshold",
    "baseline_mean",
    "candidate_mean",
    "difference",
    "low",
    "high",
    "bound",
    "p_harm",
    "p_adjusted",
)


def document_of(known: Any) -> dict[str, Any]:
    """A frozen dataclass of results as integers and strings: shares under ``..._ppm``, yes or no as words."""
    document: dict[str, Any] = {}
    for name, value in vars(known).items():
        if value is None or value == "":
            continue
        if name in _SHARES:
            document[f"{name}_ppm"] = to_ppm(value)
        elif isinstance(value, bool):
            document[name] = "yes" if value else "no"
        else:
            document[name] = value if isinstance(value, int) else str(value)
    return document


def mirrored(known: Comparison) -> Comparison:
    """The same comparison with all signs turned, for a measure of which less is better."""
    return replace(
        known,
        baseline_mean=_minus(known.baseline_mean),
        candidate_mean=_minus(known.candidate_mean),
        difference=_minus(known.difference),
        low=_minus(known.high),
        high=_minus(known.low),
        bound=_minus(known.bound),
        higher_is_better=False,
    )


def _minus(value: float | None) -> float | None:
    return None if value is None else 0.0 - value


def unscored_count(n: int, total_cases: int, unscored: int) -> int:
    """How many applicable cases have no value; a case that is neither scored nor reported counts as unscored."""
    return max(unscored, total_cases - n)


def too_many_unscored(n: int, total_cases: int, unscored: int) -> bool:
    """Whether more than 2 % of the applicable cases have no value."""
    missing = unscored_count(n, total_cases, unscored)
    return missing > MOST_UNSCORED_SHARE * max(total_cases, n + unscored)
