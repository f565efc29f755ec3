"""The plan editor: a rollout plan as fields of a plain form, and the fields as a plan.

What must not live here: whether the plan can be followed or finish (the domain says so).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any

from werkzeug.datastructures import MultiDict

from webapp.domain.cohorts import PARTS
from webapp.domain.guardrails import TABLE
from webapp.domain.plan import DAY_SECONDS, EVERYONE, MOST_STEPS
from webapp.domain.plan_words import duration_words
from webapp.errors import InvalidInput

SECONDS = {"second": 1, "minute": 60, "hour": 3_600, "day": 86_400, "week": 7 * 86_400}
DURATION = re.compile(r"\s*([0-9]{1,9})\s*(second|minute|hour|day|week)s?\s*", re.ASCII)
LONGEST_FIELD = 20_000


@dataclass(frozen=True)
class StepFields:
    """One step as it was typed, or as it is shown at first; durations as "2 days", the share in per cent."""

    kind: str = "canary"
    share: str = "5"
    unit: str = "encounter"
    sites: str = ""
    departments: str = ""
    applications: str = ""
    units: str = ""
    bake: str = "1 day"
    min_units: str = "100"
    longest: str = "90 days"
    silence: str = "1 day"
    advance: str = "manual"
    guardrails: tuple[str, ...] = ("errors", "harm_reports", "phi_flags")


@dataclass(frozen=True)
class PlanFields:
    """The whole editor: its steps, the time for which a cut-off application may serve live, and the plan that it started from.

    ``start`` is JSON; the same steps as at the start mean that no plan was chosen. ``first``: so many steps of the plan are over
    and do not stand in the editor.
    """

    steps: tuple[StepFields, ...]
    offline: str = "1 day"
    start: str = ""
    first: int = 0


def fields_of(document: Mapping[str, Any], *, is_usual: bool, first: int = 0) -> PlanFields:
    """A plan's document as fields."""
    steps = tuple(_step_fields(step) for step in document.get("steps", ()))
    start = json.dumps(document) if is_usual else ""
    return PlanFields(steps, duration_words(document.get("offline_seconds", DAY_SECONDS)), start, first)


def fields_sent(form: MultiDict[str, str]) -> PlanFields | None:
    """The editor as it was sent; None where the form had none."""
    count, first = _count(form, "plan-steps"), _count(form, "plan-present")
    if count is None:
        return None
    steps = tuple(_step_sent(form, number) for number in range(1, min(count, MOST_STEPS) + 1))
    return PlanFields(steps, _text(form, "plan-offline"), _text(form, "plan-start"), first or 0)


def _count(form: MultiDict[str, str], name: str) -> int | None:
    text = form.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else None


def document_of(fields: PlanFields) -> dict[str, Any]:
    """The plan that the fields describe; InvalidInput names the first that cannot be read."""
    steps = [_document(number, step) for number, step in enumerate(fields.steps, fields.first + 1)]
    return {"steps": steps, "offline_seconds": _seconds("The rollout plan", "time without the server", fields.offline)}


def chosen(fields: PlanFields) -> dict[str, Any] | None:
    """The plan that the author chose; None where the editor was left as it started."""
    document = document_of(fields)
    try:
        start = document_of(fields_of(json.loads(fields.start), is_usual=True))
    except (ValueError, TypeError, AttributeError, KeyError, RecursionError, InvalidInput):
        return document
    return None if start == document else document


def changed(fields: PlanFields, act: str) -> PlanFields:
    """The editor after ``add-2`` (a step before the second) or ``remove-2``; the same after anything else."""
    name, _, number = act.partition("-")
    place = int(number) - 1 if number.isascii() and number.isdigit() and len(number) < 4 else -1
    steps = list(fields.steps)
    if not 0 <= place < len(steps):
        return fields
    if name == "add" and len(steps) < MOST_STEPS:
        steps.insert(place, StepFields() if place == 0 else replace(steps[place - 1]))
    if name == "remove" and len(steps) > 1:
        del steps[place]
    return replace(fields, steps=tuple(steps))


def _step_fields(step: Mapping[str, Any]) -> StepFields:
    cohort = step.get("cohort") or {}
    return StepFields(
        kind=step["kind"],
        share=f"{step['share_basis_points'] / 100:g}",
        unit=step["unit"],
        bake=duration_words(step["bake_seconds"]),
        min_units=str(step["min_units"]),
        longest=duration_words(step["max_seconds"]),
        silence=duration_words(step["silence_seconds"]),
        advance=step["advance"],
        guardrails=tuple(step["guardrails"]),
        **{part: ", ".join(cohort.get(part, ())) for part in PARTS},
    )


def _step_sent(form: MultiDict[str, str], number: int) -> StepFields:
    names = [name for name in StepFields.__dataclass_fields__ if name != "guardrails"]
    typed = {name: _text(form, f"step-{number}-{name}") for name in names}
    return StepFields(**typed, guardrails=tuple(form.getlist(f"step-{number}-guardrails")))


def _text(form: MultiDict[str, str], name: str) -> str:
    return form.get(name, "")[:LONGEST_FIELD].strip()


def _document(number: int, step: StepFields) -> dict[str, Any]:
    place = f"Step {number} of the rollout plan"
    cohort = {part: names for part in PARTS if (names := _names(getattr(step, part)))}
    return {
        "kind": step.kind,
        "share_basis_points": EVERYONE if step.kind == "direct" else _basis_points(place, step.share),
        "unit": step.unit,
        "cohort": cohort or None,
        "bake_seconds": _seconds(place, "waiting time", step.bake),
        "min_units": _whole(place, "number of units", step.min_units),
        "max_seconds": _seconds(place, "longest time", step.longest),
        "silence_seconds": _seconds(place, "time without reports", step.silence),
        "advance": step.advance,
        "guardrails": _known_first(step.guardrails),
    }


def _known_first(names: Sequence[str]) -> list[str]:
    """In the order of the table; a word that stands in none is left for the plan's own reading to refuse."""
    return [*(name for name in TABLE if name in names), *(name for name in names if name not in TABLE)]


def _names(text: str) -> list[str]:
    return [name.strip() for name in re.split(r"[,\n]", text) if name.strip()]


def _basis_points(place: str, text: str) -> int:
    try:
        share = Decimal(text.removesuffix("%").strip().replace(",", ".")) * 100
    except InvalidOperation:
        share = Decimal(-1)
    if not (share.is_finite() and 0 < share <= EVERYONE and share == share.to_integral_value()):
        raise _fault(f"{place}: the share is a number of per cent from 0.01 to 100, as 5 or 0.5.")
    return int(share)


def _whole(place: str, what: str, text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise _fault(f"{place}: the {what} is a whole number, as 100.")
    return int(text)


def _seconds(place: str, what: str, text: str) -> int:
    found = DURATION.fullmatch(text.lower())
    if found is None:
        raise _fault(f"{place}: the {what} is written as 2 days, 36 hours or 90 minutes.")
    return int(found[1]) * SECONDS[found[2]]


def _fault(sentence: str) -> InvalidInput:
    return InvalidInput(sentence, details={"field": "plan"})
