"""The rollout plan: ordered steps, as it stands in revision and manifest.

What must not live here: what a running rollout has seen (``rollout``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from webapp.errors import InvalidInput

EVERYONE = 10_000
KINDS = ("shadow", "canary", "ab", "direct")
UNITS = ("encounter", "clinician", "site")
GUARDRAILS = ("errors", "harm_reports", "phi_flags")
LONGEST_SECONDS = 366 * 24 * 3600
MOST_STEPS = 12


@dataclass(frozen=True)
class Step:
    """One step. ``share_basis_points`` of 10,000 units get the new version; ``min_units`` counts per arm."""

    kind: str
    share_basis_points: int
    unit: str
    bake_seconds: int
    min_units: int
    max_seconds: int
    advance: str
    cohort: str | None
    guardrails: tuple[str, ...]

    @property
    def serves_everyone(self) -> bool:
        """Does this step make the release live?"""
        return self.share_basis_points == EVERYONE and self.kind == "direct"


@dataclass(frozen=True)
class Plan:
    """The steps in order; the last one serves everyone. ``offline_seconds``: how long a cut-off application may serve live."""

    steps: tuple[Step, ...]
    offline_seconds: int = 86_400

    def document(self) -> dict[str, Any]:
        """The plan for canonical JSON."""
        return {
            "offline_seconds": self.offline_seconds,
            "steps": [{**asdict(step), "guardrails": list(step.guardrails)} for step in self.steps],
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
    offline = _number("The rollout plan", document, "offline_seconds", 86_400, 0, LONGEST_SECONDS)
    plan = Plan(tuple(_step(number, step) for number, step in enumerate(steps, 1)), offline)
    _check_order(plan)
    return plan


def _step(number: int, document: object) -> Step:
    place = f"Step {number} of the rollout plan"
    if not isinstance(document, Mapping):
        raise InvalidInput(f"{place} is not a mapping.")
    unknown = set(document) - set(Step.__dataclass_fields__)
    if unknown:
        raise InvalidInput(f"{place} does not know {', '.join(sorted(map(str, unknown)))}.")
    kind = _choice(place, document, "kind", KINDS, None)
    share = _number(place, document, "share_basis_points", EVERYONE if kind == "direct" else None, 1, EVERYONE)
    if kind == "direct" and share != EVERYONE:
        raise InvalidInput(f"{place} is direct, so it serves everyone (share_basis_points 10000).")
    if kind != "direct" and share == EVERYONE:
        raise InvalidInput(f"{place} serves everyone, so it is direct.")
    if kind in ("shadow", "ab"):
        raise InvalidInput(f"{place}: silent runs and comparisons are not available yet; use canary or direct.")
    if document.get("cohort") is not None:
        raise InvalidInput(f"{place}: cohorts are not available yet; leave cohort out.")
    if _choice(place, document, "advance", ("manual", "auto"), "manual") == "auto":
        raise InvalidInput(
            f"{place}: a person advances each step; advancing by itself is for administrative prompts only "
            "and not available yet."
        )
    bake = _number(place, document, "bake_seconds", 0, 0, LONGEST_SECONDS)
    return Step(
        kind=kind,
        share_basis_points=share,
        unit=_choice(place, document, "unit", UNITS, "encounter"),
        bake_seconds=bake,
        min_units=_number(place, document, "min_units", 0, 0, 1_000_000),
        max_seconds=_number(place, document, "max_seconds", LONGEST_SECONDS, bake, LONGEST_SECONDS),
        advance="manual",
        cohort=None,
        guardrails=_guardrails(place, document.get("guardrails", list(GUARDRAILS))),
    )


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


def _guardrails(place: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, Sequence) or isinstance(value, str) or any(name not in GUARDRAILS for name in value):
        raise InvalidInput(f"{place}: guardrails are from {', '.join(GUARDRAILS)}.")
    if not value:
        raise InvalidInput(f"{place} watches nothing; name at least one of {', '.join(GUARDRAILS)}.")
    return tuple(dict.fromkeys(str(name) for name in value))


def _check_order(plan: Plan) -> None:
    shares = [step.share_basis_points for step in plan.steps]
    if shares != sorted(shares):
        raise InvalidInput("The steps of a rollout plan only widen: each share is at least the one before.")
    if not plan.steps[-1].serves_everyone or any(step.serves_everyone for step in plan.steps[:-1]):
        raise InvalidInput("A rollout plan ends with one direct step that serves everyone.")
