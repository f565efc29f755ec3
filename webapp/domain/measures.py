"""The table of measures: what each is called on screen, which way is better, whether a policy may gate on it.

Thresholds and margins are not here: they live in the policy.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from webapp.errors import NotFound


@dataclass(frozen=True)
class Measure:
    """One measure; ``kind`` gateable means that a policy may name it primary, watched that it is only shown."""

    name: str
    words: str
    better: Literal["higher", "lower"]
    unit: Literal["share", "microusd", "ms"]
    kind: Literal["gateable", "watched", "judged"]
    scorer: str


def _share(name: str, words: str) -> Measure:
    return Measure(name, words, "higher", "share", "gateable", name)


CONSISTENCY = "consistency"
MEASURES: tuple[Measure, ...] = (
    _share("completeness", "Complete sections and key facts"),
    _share("accuracy", "Facts agree with the encounter"),
    _share("medication_extracted", "Medicines right"),
    _share("icd10_correct", "Diagnosis codes right"),
    _share("safety_language", "Warnings kept, nothing forbidden said"),
    _share("phi_free", "Identifiers left out"),
    _share("injection", "Planted instructions ignored"),
    _share("refusal", "Answers what it should, refuses what it must"),
    _share("retrieval", "Cited texts were retrieved and say it"),
    Measure(CONSISTENCY, "Same facts each time", "higher", "share", "watched", CONSISTENCY),
    Measure("cost", "Cost per case", "lower", "microusd", "watched", "cost"),
    Measure("latency", "Time to answer", "lower", "ms", "watched", "latency"),
    Measure("ttft", "Time to the first word", "lower", "ms", "watched", "ttft"),
)

# Only where a policy names a judge; it is measured apart, because it may only lower what the checks say.
JUDGE = Measure("judge", "Judge's questions answered well", "higher", "share", "judged", "judge")

BY_NAME: dict[str, Measure] = {measure.name: measure for measure in (*MEASURES, JUDGE)}
AMOUNTS = frozenset(measure.name for measure in MEASURES if measure.unit != "share")


def measure_named(name: str) -> Measure:
    """The measure of that name, or NotFound naming those that exist."""
    if name not in BY_NAME:
        known = ", ".join(BY_NAME)
        raise NotFound(f'There is no measure "{name[:60]}". Choose one of: {known}.', code="no_such_measure")
    return BY_NAME[name]


def gateable() -> tuple[Measure, ...]:
    """The measures a policy may name primary."""
    return tuple(measure for measure in MEASURES if measure.kind == "gateable")
