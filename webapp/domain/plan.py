"""The rollout plan: ordered steps, as it stands in revision and manifest.

What must not live here: what a running rollout has seen (``rollout``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import pairwise
from typing import Any

from webapp.domain.cohorts import Cohort, read_cohort
from webapp.domain.guardrails import ALL_KINDS, TABLE, defaults_of
from webapp.errors import InvalidInput

EVERYONE = 10_000
UNITS = ("encounter", "clinician", "site")
DAY_SECONDS = 24 * 3600
LONGEST_SECONDS = 366 * DAY_SECONDS
MOST_STEPS = 12


@dataclass(frozen=True)
class Step:
    """One step. ``share_basis_points`` of 10,000 units, of the cohort where one is named, get the new version.

    In a silent run (``shadow``) they get it beside the live one and nobody sees it. ``min_units`` counts per version;
    ``silence_seconds`` without any report pause the step.
    """

    kind: str
    share_basis_points: int
    unit: str
    bake_seconds: int
    min_units: int
    max_seconds: int
    advance: str
    cohort: Cohort | None
    guardrails: tuple[str, ...]
    silence_seconds: int = DAY_SECONDS

    @property
    def serves_everyone(self) -> bool:
        """Does this step make the release live?"""
        return self.share_basis_points == EVERYONE and self.kind == "direct"

    @property
    def is_alone(self) -> bool:
        """Does everybody who is meant get the new version, a whole cohort or everyone, so that none gets the live one beside it?"""
        return self.share_basis_points == EVERYONE and self.kind != "shadow"


@dataclass(frozen=True)
class Plan:
    """The steps in order; the last one serves everyone. ``offline_seconds``: how long a cut-off application may serve live."""

    steps: tuple[Step, ...]
    offline_seconds: int = DAY_SECONDS

    def without_silent_runs(self) -> Plan:
        """The plan where nothing is live that a silent run could be compared with."""
        return replace(self, steps=tuple(step for step in self.steps if step.kind != "shadow"))

    def document(self) -> dict[str, Any]:
        """The plan for canonical JSON."""
        return {
            "offline_seconds": self.offline_seconds,
            "steps": [_document_of(step) for step in self.steps],
        }


def read_plan(document: object) -> Plan:
    """The plan that ``document`` describes; InvalidInput names the first fault with its step."""
    if not isinstance(document, Mapping):
        raise InvalidInput("The rollout plan is not a mapping with steps.")
    unknown = set(document) - {"steps", "offline_seconds"}
    if unknown:
        raise InvalidInput(f"The rollout plan does not know {', '.join(sorted(map(str, unknown)))}.")
    steps = document.get("steps")
    if not isinstance(steps, Sequence) or isinstance(steps, str) or not 1 <= len(steps) <= MOST_STEPS:
        raise InvalidInput(f"The rollout plan needs 1 to {MOST_STEPS} steps.")
    offline = _number("The rollout plan", document, "offline_seconds", DAY_SECONDS, 0, LONGEST_SECONDS)
    plan = Plan(tuple(_step(number, step) for number, step in enumerate(steps, 1)), offline)
    _check_order(plan)
    return plan


def _document_of(step: Step) -> dict[str, Any]:
    cohort = None if step.cohort is None else step.cohort.document()
    return {**asdict(step), "guardrails": list(step.guardrails), "cohort": cohort}


def _step(number: int, document: object) -> Step:
    place = f"Step {number} of the rollout plan"
    if not isinstance(document, Mapping):
        raise InvalidInput(f"{place} is not a mapping.")
    unknown = set(document) - set(Step.__dataclass_fields__)
    if unknown:
        raise InvalidInput(f"{place} does not know {', '.join(sorted(map(str, unknown)))}.")
    kind = _choice(place, document, "kind", ALL_KINDS, None)
    share = _number(place, document, "share_basis_points", EVERYONE if kind == "direct" else None, 1, EVERYONE)
    bake = _number(place, document, "bake_seconds", 0, 0, LONGEST_SECONDS)
    step = Step(
        kind=kind,
        share_basis_points=share,
        unit=_choice(place, document, "unit", UNITS, "encounter"),
        bake_seconds=bake,
        min_units=_number(place, document, "min_units", 0, 0, 1_000_000),
        max_seconds=_number(place, document, "max_seconds", LONGEST_SECONDS, bake, LONGEST_SECONDS),
        advance=_choice(place, document, "advance", ("manual", "auto"), "manual"),
        cohort=read_cohort(place, document.get("cohort")),
        silence_seconds=_number(place, document, "silence_seconds", DAY_SECONDS, 3_600, LONGEST_SECONDS),
        guardrails=_guardrails(place, kind, document.get("guardrails", list(defaults_of(kind)))),
    )
    _check_reach(place, step)
    return step


def _check_reach(place: str, step: Step) -> None:
    """Whom the step reaches fits its kind."""
    is_everyone = step.share_basis_points == EVERYONE
    if step.kind == "direct" and (not is_everyone or step.cohort is not None):
        raise InvalidInput(f"{place} is direct, so it serves everyone (share_basis_points 10000, no cohort).")
    if step.kind in ("canary", "ab") and is_everyone and step.cohort is None:
        raise InvalidInput(f"{place} serves everyone, so it is direct; else name its cohort or give it a share.")
    if step.is_alone and (compared := [name for name in step.guardrails if TABLE[name].needs_live]):
        raise InvalidInput(
            f"{place} gives all its cohort the new version, so no live one runs beside it to compare {', '.join(compared)} with; "
            "leave them out or give a share."
        )
    if step.unit == "site" and not is_everyone:
        raise InvalidInput(f"{place} takes whole sites: name them in its cohort with share_basis_points 10000.")


def _number(place: str, document: Mapping[Any, Any], name: str, default: int | None, least: int, most: int) -> int:
    value = document.get(name, default)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise InvalidInput(f"{place}: {name} is a whole number from {least} to {most}.")
    return value


def _choice(place: str, document: Mapping[Any, Any], name: str, choices: tuple[str, ...], default: str | None) -> str:
    value = document.get(name, default)
    if value not in choices:
        raise InvalidInput(f"{place}: {name} is one of {', '.join(choices)}.")
    return str(value)


def _guardrails(place: str, kind: str, value: object) -> tuple[str, ...]:
    possible = [name for name, one in TABLE.items() if kind in one.kinds]
    if not isinstance(value, Sequence) or isinstance(value, str) or any(name not in possible for name in value):
        raise InvalidInput(f"{place}: guardrails of a step of this kind are from {', '.join(possible)}.")
    if not value:
        raise InvalidInput(f"{place} watches nothing; name at least one of {', '.join(possible)}.")
    return tuple(dict.fromkeys(str(name) for name in value))


def _check_order(plan: Plan) -> None:
    shown = [step for step in plan.steps if step.kind != "shadow"]
    if plan.steps[: len(plan.steps) - len(shown)] != tuple(step for step in plan.steps if step.kind == "shadow"):
        raise InvalidInput("Silent runs come first in a rollout plan: afterwards the new version is shown.")
    shares = [step.share_basis_points for step in shown if step.cohort is None]
    if shares != sorted(shares):
        raise InvalidInput("The steps of a rollout plan only widen: each share is at least the one before.")
    if any(one.cohort is None and after.cohort is not None for one, after in pairwise(shown)):
        raise InvalidInput("Steps with a cohort come before those for everybody's share: a rollout only widens.")
    if not plan.steps[-1].serves_everyone or any(step.serves_everyone for step in plan.steps[:-1]):
        raise InvalidInput("A rollout plan ends with one direct step that serves everyone.")
