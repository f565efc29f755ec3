"""Safety limits as the rollout page shows them: counts of both versions, bounds that hold at every look, and how they came about.

What must not live here: what a limit means and when it fails (``webapp.domain.rollout``).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from webapp.domain.guardrails import EVENT, SHARE, TABLE
from webapp.domain.plan import Step
from webapp.domain.plan_words import UNITS
from webapp.domain.rollout import CHANCE, READERS, LimitSeen, StepSeen, Unit, judge_step
from webapp.domain.statistics.rates import rate_bounds
from webapp.domain.verdict import Verdict
from webapp.services.rollout.limit_words import (
    COUNTED,
    MISSING,
    allowed_words,
    counted,
    difference_words,
    in_hundred,
    unit_words,
    values_words,
)

MOST_LOOKS = 6
MOST_UNITS_IMAGINED = 12_000
TIMES = (1.25, 1.5, 2, 2.5, 3, 4, 6, 8)
HAPPENED: dict[str, Callable[[Unit], bool]] = {
    "harm_reports": lambda unit: unit.had_harm,
    "phi_flags": lambda unit: unit.had_identifier,
}


@dataclass(frozen=True)
class Look:
    """One look at one limit, after the first units of both versions. Numbers in ``unit`` of the limit; None: nothing to tell yet."""

    n_new: int
    new: str
    live: str
    difference: str
    verdict: str
    estimate: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class LimitView:
    """One safety limit of the present step. ``live`` is empty where no live version runs beside it; ``margin`` None: none is allowed.

    ``looks``: the same over the step, the last one now; ``more_needed``: about how many more units per version would show that it
    holds, if they were like those seen; ``missing``: what applications have to report so that it can be measured.
    """

    name: str
    words: str
    verdict: str
    new: str
    live: str
    difference: str
    allowed: str
    unit: str
    margin: float | None
    looks: tuple[Look, ...]
    more_needed: int | None = None
    missing: str = ""


def limits_shown(step: Step, seen: StepSeen) -> tuple[LimitView, ...]:
    """Every limit of the step over everything that was seen in it."""
    now = judge_step(step, seen)
    places = _places(len(seen.units))
    earlier = [(part, judge_step(step, part)) for part in (replace(seen, units=seen.units[:end]) for end in places)]
    more = _more_needed(step, seen, now)
    return tuple(_view(step, seen, limit, earlier, more.get(limit.name)) for limit in now)


def confidence_of(step: Step) -> float:
    """The confidence of each bound of this step, so that all of them together keep the chance of a false alarm."""
    return 1 - CHANCE / max(1, sum(TABLE[name].measure != EVENT for name in step.guardrails))


def _places(units: int) -> list[int]:
    """After how many units it is looked at, evenly and ending with all of them."""
    looks = min(MOST_LOOKS, units // 2)
    return sorted({round(units * number / looks) for number in range(1, looks + 1)}) if looks else []


def _view(
    step: Step,
    seen: StepSeen,
    limit: LimitSeen,
    earlier: Sequence[tuple[StepSeen, Sequence[LimitSeen]]],
    more_needed: int | None,
) -> LimitView:
    guardrail, is_alone = TABLE[limit.name], limit.n_live is None
    new, live = _counts(step, seen, limit)
    looks = [_look(step, part, next(one for one in judged if one.name == limit.name)) for part, judged in earlier]
    is_missing = limit.verdict is Verdict.UNMEASURED and bool(seen.units)
    return LimitView(
        name=limit.name,
        words=guardrail.words,
        verdict=limit.verdict.value,
        new=new,
        live=live,
        difference=_look(step, seen, limit).difference,
        allowed=allowed_words(guardrail, is_alone),
        unit=unit_words(guardrail, is_alone),
        margin=None if guardrail.measure == EVENT else in_hundred(guardrail, guardrail.margin),
        looks=tuple(look for look in looks if look.estimate is not None),
        more_needed=more_needed,
        missing=MISSING.get(limit.name, "") if is_missing else "",
    )


def _counts(step: Step, seen: StepSeen, limit: LimitSeen) -> tuple[str, str]:
    """What the new and the live version met so far; the second is empty where none runs beside.

    Events of the new version count over the whole rollout; those of the live one, which stop nothing, in this step.
    """
    guardrail, unit, what = TABLE[limit.name], UNITS[step.unit], COUNTED.get(limit.name, "")
    if guardrail.measure != EVENT:
        new, live = _values_of(step, seen, limit)
        earlier = " in earlier steps" if _has_only_earlier(step, seen) else ""
        beside = "" if limit.n_live is None else values_words(guardrail, live, unit) + earlier
        return values_words(guardrail, new, unit, what), beside
    happened, others = HAPPENED.get(limit.name), seen.arm(False)
    beside = "" if happened is None or not others else f"{sum(map(happened, others))} of {counted(len(others), unit)}"
    if limit.events:
        return (
            f"{counted(limit.events, unit)} {what} since the start; {counted(limit.n_new, unit)} in this step",
            beside,
        )
    return f"0 of {counted(limit.n_new, unit)} {what}", beside


def _look(step: Step, seen: StepSeen, limit: LimitSeen) -> Look:
    guardrail, is_alone = TABLE[limit.name], limit.n_live is None
    if guardrail.measure == EVENT:
        return Look(limit.n_new, "", "", "", limit.verdict.value)
    new, live = _values_of(step, seen, limit)
    found = limit.found
    if found is None and is_alone and guardrail.measure == SHARE:
        found = rate_bounds(new, confidence_of(step))
    numbers = () if found is None else (found.estimate, found.low, found.high)
    return Look(
        limit.n_new,
        values_words(guardrail, new),
        "" if is_alone else values_words(guardrail, live),
        "" if found is None else difference_words(guardrail, found, is_alone),
        limit.verdict.value,
        *(in_hundred(guardrail, number) for number in numbers),
    )


def _values_of(step: Step, seen: StepSeen, limit: LimitSeen) -> tuple[list[float], list[float]]:
    """What the limit reads from the units of the new and the live version; in a silent run from the same units."""
    read = READERS[limit.name]
    if step.kind == "shadow":
        both = [(read(new), read(live)) for live, new in seen.pairs()]
        pairs = [(new, live) for new, live in both if new is not None and live is not None]
        return [new for new, _ in pairs], [live for _, live in pairs]
    beside = seen.live_before if _has_only_earlier(step, seen) else seen.arm(False)
    new, live = ([read(unit) for unit in units] for units in (seen.arm(True), beside))
    return [at for at in new if at is not None], [at for at in live if at is not None]


def _has_only_earlier(step: Step, seen: StepSeen) -> bool:
    """Is the live version that is compared with one of earlier steps, because none runs beside this one?"""
    return step.is_alone or not seen.has_live


def _more_needed(step: Step, seen: StepSeen, now: Sequence[LimitSeen]) -> dict[str, int]:
    """About how many more units per version each limit needs that cannot be told yet, were they like those seen; only where it is near."""
    open_ones = {limit.name: limit for limit in now if limit.verdict is Verdict.INSUFFICIENT}
    found: dict[str, int] = {}
    for times in TIMES:
        wanted = math.ceil(len(seen.units) * times)
        if not open_ones or wanted > MOST_UNITS_IMAGINED:
            break
        judged = judge_step(step, replace(seen, units=_imagined(seen.units, wanted)))
        for limit in judged:
            if limit.name in open_ones and limit.verdict is Verdict.PASS:
                before = open_ones.pop(limit.name)
                found[limit.name] = max(1, _fewest(limit, step, seen) - _fewest(before, step, seen))
    return found


def _fewest(limit: LimitSeen, step: Step, seen: StepSeen) -> int:
    """Units of the version that has seen fewer, of those that still come in."""
    is_new_alone = limit.n_live is None or _has_only_earlier(step, seen)
    return limit.n_new if is_new_alone else min(limit.n_new, limit.n_live or 0)


def _imagined(units: Sequence[Unit], wanted: int) -> tuple[Unit, ...]:
    """The units seen, and as many more like them as are wanted in all."""
    return tuple(
        replace(units[number % len(units)], key=f"{units[number % len(units)].key}.{number // len(units)}")
        for number in range(wanted)
    )
