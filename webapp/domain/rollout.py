"""What the reports of one step say about its safety limits, and what follows by itself. Pure: the same reports, the same verdict.

Absence of alarm is not success: a limit passes when the bound of harm lies below its margin, over enough units of both versions.
What must not live here: how reports are read (``webapp.acts.rollout_facts``) and how a move is made (``webapp.services.rollout``).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from webapp.domain.guardrails import EVENT, RATIO, SHARE, TABLE, Guardrail, subjects
from webapp.domain.plan import Step
from webapp.domain.statistics.sequential import (
    Difference,
    difference,
    evidence_above,
    evidence_below,
    evidence_of_wrong_shares,
    paired_difference,
)
from webapp.domain.verdict import Verdict

CHANCE = 0.05
"""The chance, over all looks and all limits of a step together, of calling a harmless version worse."""
SURE_OF_WRONG_SHARES = 1_000.0
LONGEST_PAUSE_SECONDS = 4 * 3_600


@dataclass(frozen=True)
class Unit:
    """What one unit met of one version in one step; its calls count as one. None: nothing was said about it.

    ``key`` is the same for a unit's live and silent answers; ``milliseconds``, ``microusd``, ``check_score`` (0 to 1) and ``rating``
    (1 to 5) are means over the unit's calls.
    """

    is_new: bool
    key: str = ""
    had_error: bool = False
    had_harm: bool = False
    had_identifier: bool = False
    sent_text: bool = False
    was_edited: bool | None = None
    was_rejected: bool | None = None
    milliseconds: float | None = None
    microusd: float | None = None
    check_score: float | None = None
    was_unsafe: bool | None = None
    rating: float | None = None


@dataclass(frozen=True)
class StepSeen:
    """Everything that was reported of the present step: its units in order of arrival, and events of the whole rollout.

    ``harm`` and ``identifiers`` count units of the new version in any step; ``has_live``: is there a live version beside it?
    ``live_before``: units of the live version in earlier steps, where nothing is live beside the present one any more.
    ``shares_are_planned``: units arrived as the plan shares them out (not while new ones were kept out).
    """

    units: tuple[Unit, ...] = ()
    harm: int = 0
    identifiers: int = 0
    has_live: bool = True
    shares_are_planned: bool = True
    last_report_at: datetime | None = None
    live_before: tuple[Unit, ...] = ()

    def arm(self, is_new: bool) -> tuple[Unit, ...]:
        """The units of one version."""
        return tuple(unit for unit in self.units if unit.is_new is is_new)

    def pairs(self) -> tuple[tuple[Unit, Unit], ...]:
        """Units of which both versions answered, (live, new), in order of arrival of the later answer."""
        first: dict[str, Unit] = {}
        found = []
        for unit in self.units:
            other = first.setdefault(unit.key, unit)
            if other.is_new is not unit.is_new:
                found.append((other, unit) if unit.is_new else (unit, other))
        return tuple(found)


@dataclass(frozen=True)
class LimitSeen:
    """One safety limit over what was seen; bounds hold at every look. ``n_live`` is None where there is no live version to compare with."""

    name: str
    verdict: Verdict
    n_new: int
    n_live: int | None = None
    events: int | None = None
    found: Difference | None = None


@dataclass(frozen=True)
class Reaction:
    """What follows by itself: ``roll_back``, ``pause`` or ``advance``, with a closed code and the rule in words."""

    move: str
    code: str
    rule: str


def judge_step(step: Step, seen: StepSeen) -> tuple[LimitSeen, ...]:
    """Each safety limit of the step with its verdict."""
    confidence = 1 - CHANCE / max(1, sum(TABLE[name].measure != EVENT for name in step.guardrails))
    return tuple(_judge(TABLE[name], step, seen, confidence) for name in step.guardrails)


def limit_document(limit: LimitSeen) -> dict[str, object]:
    """The limit for canonical JSON: counts as numbers, bounds as text, because the record has no floats."""
    bounds = {} if limit.found is None else {name: f"{value:.4f}" for name, value in asdict(limit.found).items()}
    counts = {"new": limit.n_new, "live": limit.n_live, "events": limit.events}
    return {"limit": limit.name, "verdict": limit.verdict.value, **counts, **bounds}


def has_wrong_shares(step: Step, seen: StepSeen) -> bool:
    """Do units reach the new version with another share than planned, beyond a chance of 1 in 1,000 over all looks?"""
    if _is_alone(step, seen) or not seen.shares_are_planned or step.kind == "shadow":
        return False
    new, live = len(seen.arm(True)), len(seen.arm(False))
    return evidence_of_wrong_shares(new, live, step.share_basis_points / 10_000) >= SURE_OF_WRONG_SHARES


def units_counted(step: Step, seen: StepSeen) -> int:
    """Units of the version that has seen fewer; of the new one alone where there is no live version beside it."""
    if step.kind == "shadow":
        return len(seen.pairs())
    new = len(seen.arm(True))
    return new if _is_alone(step, seen) else min(new, len(seen.arm(False)))


def has_passed(step: Step, seen: StepSeen, limits: Sequence[LimitSeen]) -> bool:
    """Were enough units seen and does every limit hold?"""
    return units_counted(step, seen) >= step.min_units and all(limit.verdict is Verdict.PASS for limit in limits)


def react(
    step: Step, state: str, entered_at: datetime, stopped_at: datetime | None, seen: StepSeen, now: datetime
) -> Reaction | None:
    """What follows by itself from what was seen; None: the step goes on, or a person decides.

    A critical limit rolls back in any state, also where the plan does not name it; everything else only acts on a rollout that
    runs, and a pause that is over its longest time becomes a roll back.
    """
    limits = judge_step(step, seen)
    failing = [limit.name for limit in limits if limit.verdict is Verdict.FAIL]
    critical = [name for name, count in _grave_events(seen).items() if count]
    if critical:
        return Reaction("roll_back", "critical_limit", f"Safety limit failed: {subjects(critical)}")
    if state == "paused" and stopped_at is not None and now - stopped_at > timedelta(seconds=LONGEST_PAUSE_SECONDS):
        return Reaction("roll_back", "pause_too_long", "The pause is over its longest time of 4 hours")
    if state != "running":
        return None
    if failing:
        return Reaction("pause", "limit", f"Safety limit failed: {subjects(failing)}")
    if has_wrong_shares(step, seen):
        return Reaction("pause", "wrong_shares", "Units do not reach the new version with the planned share")
    return _react_to_time(step, entered_at, seen, limits, now)


def react_after_rollout(answer: str, grave: Mapping[str, int]) -> Reaction | None:
    """What harm or identifiers do once the release serves everyone; ``answer`` is the policy's: alarm, hold or stop."""
    moves = {"hold": "pause", "stop": "roll_back"}
    broken = subjects(name for name, count in grave.items() if count)
    if not broken or answer not in moves:
        return None
    return Reaction(moves[answer], "after_rollout", f"Safety limit failed after the rollout: {broken}")


def _react_to_time(
    step: Step, entered_at: datetime, seen: StepSeen, limits: Sequence[LimitSeen], now: datetime
) -> Reaction | None:
    age = now - entered_at
    passed = has_passed(step, seen, limits)
    is_done = passed and age >= timedelta(seconds=step.bake_seconds)
    if not passed and age >= timedelta(seconds=step.max_seconds):
        return Reaction("pause", "overdue", "The step's longest time is over and its limits are not shown to hold")
    if now - (seen.last_report_at or entered_at) >= timedelta(seconds=step.silence_seconds) and not is_done:
        hours = step.silence_seconds // 3_600
        return Reaction("pause", "no_reports", f"No application has reported for {hours} hours")
    if is_done and step.advance == "auto":
        return Reaction("advance", "passed", "Waiting time over, enough units seen, every safety limit holds")
    return None


def _is_alone(step: Step, seen: StepSeen) -> bool:
    """Is there no live version beside the new one: nothing is live, or everybody meant gets the new one?"""
    return step.is_alone or not seen.has_live


def _judge(guardrail: Guardrail, step: Step, seen: StepSeen, confidence: float) -> LimitSeen:
    if guardrail.measure == EVENT:
        return _judge_events(guardrail, step, seen)
    read = READERS[guardrail.name]
    if step.kind == "shadow":
        return _judge_pairs(guardrail, step, seen, confidence)
    new = _values(seen.arm(True), read)
    live = _values(seen.live_before if _is_alone(step, seen) else seen.arm(False), read)
    if not _is_alone(step, seen) or len(live) >= _planned(step):
        return _judge_difference(guardrail, step, new, live, confidence)
    if guardrail.measure == SHARE:
        return _judge_share(guardrail, step, new, confidence)
    return LimitSeen(guardrail.name, Verdict.UNMEASURED, len(new))


def _grave_events(seen: StepSeen) -> dict[str, int]:
    """How often each critical limit was broken."""
    return {"harm_reports": seen.harm, "phi_flags": seen.identifiers}


def _judge_events(guardrail: Guardrail, step: Step, seen: StepSeen) -> LimitSeen:
    """One report of harm or one leaked identifier fails at once, however few units were seen."""
    events, new = _grave_events(seen)[guardrail.name], seen.arm(True)
    count = sum(unit.sent_text for unit in new) if guardrail.name == "phi_flags" else len(new)
    if events:
        verdict = Verdict.FAIL
    elif count == 0:
        verdict = Verdict.UNMEASURED
    else:
        verdict = Verdict.PASS if count >= step.min_units else Verdict.INSUFFICIENT
    return LimitSeen(guardrail.name, verdict, count, events=events)


def _judge_difference(
    guardrail: Guardrail, step: Step, new: Sequence[float], live: Sequence[float], confidence: float
) -> LimitSeen:
    """New against live, over different units: beside it, or before it in the step that serves everyone."""
    is_share = guardrail.measure != RATIO
    found = difference(new, live, planned=_planned(step), confidence=confidence, is_share=is_share)
    return LimitSeen(
        guardrail.name, _verdict(guardrail, step, found, len(new), len(live)), len(new), len(live), found=found
    )


def _judge_pairs(guardrail: Guardrail, step: Step, seen: StepSeen, confidence: float) -> LimitSeen:
    """New against live on the same units, as a silent run has them."""
    read = READERS[guardrail.name]
    both = [(read(live), read(new)) for live, new in seen.pairs()]
    differences = [new - live for live, new in both if live is not None and new is not None]
    is_share, count = guardrail.measure != RATIO, len(differences)
    found = paired_difference(differences, planned=_planned(step), confidence=confidence, is_share=is_share)
    return LimitSeen(guardrail.name, _verdict(guardrail, step, found, count, count), count, count, found=found)


def _verdict(guardrail: Guardrail, step: Step, found: Difference | None, new: int, live: int) -> Verdict:
    """Worse: more than nothing for sure, and more than the margin by all that was seen. Holds: below the margin for sure."""
    if not new or not live:
        return Verdict.UNMEASURED
    if found is None:
        return Verdict.INSUFFICIENT
    if found.low > 0 and found.estimate > guardrail.margin:
        return Verdict.FAIL
    is_enough = min(new, live) >= step.min_units and found.high < guardrail.margin
    return Verdict.PASS if is_enough else Verdict.INSUFFICIENT


def _planned(step: Step) -> int:
    return max(50, step.min_units)


def _judge_share(guardrail: Guardrail, step: Step, new: Sequence[float], confidence: float) -> LimitSeen:
    """The share of the new version against the margin itself, where no live version was seen in this rollout."""
    needed = 1 / (1 - confidence)
    if not new:
        verdict = Verdict.UNMEASURED
    elif evidence_above(new, guardrail.margin) >= needed:
        verdict = Verdict.FAIL
    else:
        is_enough = len(new) >= step.min_units and evidence_below(new, guardrail.margin) >= needed
        verdict = Verdict.PASS if is_enough else Verdict.INSUFFICIENT
    return LimitSeen(guardrail.name, verdict, len(new), events=int(sum(new)))


def _values(units: Sequence[Unit], read: Callable[[Unit], float | None]) -> list[float]:
    return [value for unit in units if (value := read(unit)) is not None]


def _logarithm(value: float | None) -> float | None:
    return None if value is None else math.log(max(1.0, value))


READERS: dict[str, Callable[[Unit], float | None]] = {
    "errors": lambda unit: float(unit.had_error),
    "edits": lambda unit: None if unit.was_edited is None else float(unit.was_edited),
    "rejections": lambda unit: None if unit.was_rejected is None else float(unit.was_rejected),
    "unsafe_flags": lambda unit: None if unit.was_unsafe is None else float(unit.was_unsafe),
    "checks": lambda unit: None if unit.check_score is None else 1 - unit.check_score,
    "quality": lambda unit: None if unit.rating is None else (5 - unit.rating) / 4,
    "latency": lambda unit: _logarithm(unit.milliseconds),
    "cost": lambda unit: _logarithm(unit.microusd),
}
assert set(_grave_events(StepSeen())) == {name for name, one in TABLE.items() if one.is_critical}
assert set(READERS) == {name for name, one in TABLE.items() if one.measure != EVENT}
