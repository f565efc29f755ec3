"""Steps of a rollout plan in the words of the screens: sign-off, rollout and policy say them alike."""

from __future__ import annotations

from webapp.domain.guardrails import too_many_of
from webapp.domain.plan import EVERYONE, Step

KINDS = {"shadow": "Silent run", "canary": "Limited release", "ab": "Comparison", "direct": "Everyone"}
UNITS = {"encounter": "encounters", "clinician": "clinicians", "site": "sites"}


def duration_words(seconds: int) -> str:
    """As "2 days" or "90 seconds"."""
    for size, word in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= size and seconds % size == 0:
            return f"{seconds // size} {word}{'s' if seconds != size else ''}"
    return f"{seconds} seconds"


def share_words(basis_points: int) -> str:
    """As "5 %" or "12.5 %"."""
    return f"{basis_points / 100:g} %"


def per_day_words(count: float) -> str:
    """As "60" or, below ten, "2.5"."""
    return f"{count:.0f}" if count >= 10 else f"{count:.2g}"


def reach_words(step: Step) -> str:
    """Whom the step reaches, as "5 % of encounters"."""
    everyone = step.share_basis_points == EVERYONE
    words = f"All {UNITS[step.unit]}" if everyone else f"{share_words(step.share_basis_points)} of {UNITS[step.unit]}"
    if step.cohort is None:
        return words
    return f"{words} of a cohort ({step.cohort.words})"


def step_words(step: Step) -> str:
    """The step as one line: who gets it, for how long at least, what has to be seen, what stops it, who lets it go on."""
    bake = f", for at least {duration_words(step.bake_seconds)}" if step.bake_seconds else ""
    seen = f", until {step.min_units} {UNITS[step.unit]} per version were seen" if step.min_units else ""
    stopped = f", stopped by too many {too_many_of(step.guardrails)}" if step.guardrails else ""
    silent = ", nobody sees the answers" if step.kind == "shadow" else ""
    on = "it goes on by itself" if step.advance == "auto" else "an informaticist decides"
    return f"{KINDS[step.kind]}: {reach_words(step)}{silent}{bake}{seen}{stopped}; then {on}."
