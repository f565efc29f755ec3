"""What may still be done to a plan that is signed and under way: slower or narrower, never faster or wider. Pure.

Steps that were entered stay as they were; the present one may only ask for more; a step may be put in before one that is at least as wide.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations

from webapp.domain.guardrails import TABLE
from webapp.domain.plan import Plan, Step
from webapp.domain.plan_words import duration_words, share_words


def faults_of_narrowing(before: Plan, after: Plan, present: int) -> tuple[str, ...]:
    """Everything in ``after`` that is faster or wider than ``before``, or touches the past, as sentences; ``present`` counts from 0."""
    if after == before:
        return ("Nothing is changed; make a step slower or narrower first.",)
    found = [*_whole_faults(before, after), *_past_faults(before, after, present)]
    if len(after.steps) < len(before.steps):
        found.append("A step is missing. Steps are only added; take none out.")
        return tuple(found)
    if len(after.steps) > present:
        found += _present_faults(present + 1, before.steps[present], after.steps[present])
    return (*found, *_future_faults(before.steps[present + 1 :], after.steps[present + 1 :], present + 2))


def _whole_faults(before: Plan, after: Plan) -> Iterator[str]:
    if after.offline_seconds > before.offline_seconds:
        yield f"A cut-off application may serve the live version for {duration_words(before.offline_seconds)} at most."


def _past_faults(before: Plan, after: Plan, present: int) -> Iterator[str]:
    if after.steps[:present] != before.steps[:present]:
        yield "Steps that are over stay as they were."


def _present_faults(number: int, old: Step, new: Step) -> Iterator[str]:
    """Who is in stays in: of the present step only waiting, units, limits and the person who decides can change."""
    if (new.kind, new.share_basis_points, new.cohort) != (old.kind, old.share_basis_points, old.cohort):
        yield f"Step {number} is entered, so whom it reaches stays; hold the rollout, or change a later step."
    yield from _faster(number, old, new)


def _future_faults(old: Sequence[Step], new: Sequence[Step], first: int) -> tuple[str, ...]:
    """The faults under the fitting of old steps to new ones, in order, that has the fewest; what fits none was put in."""
    if len(new) < len(old):
        return ()
    fittings = combinations(range(len(new)), len(old))
    return min((tuple(_fitted(old, new, places, first)) for places in fittings), key=len, default=())


def _fitted(old: Sequence[Step], new: Sequence[Step], places: Sequence[int], first: int) -> Iterator[str]:
    for place, step in enumerate(new):
        number = first + place
        if place in places:
            like = old[places.index(place)]
            yield from _wider(number, like, step)
            yield from _faster(number, like, step)
            continue
        later = next((one for one, taken in zip(old, places, strict=True) if taken > place), None)
        if later is None:
            yield f"Step {number} is put in after the last one; put it in before."
        else:
            yield from _wider(number, later, replace(step, kind=later.kind))
            yield from _weaker(number, later, step)


def _wider(number: int, old: Step, new: Step) -> Iterator[str]:
    if new.kind != old.kind:
        yield f"Step {number} stays of its kind."
    if new.share_basis_points > old.share_basis_points:
        yield f"Step {number} takes {share_words(new.share_basis_points)}, more than the {share_words(old.share_basis_points)} planned."
    if old.cohort is not None and (new.cohort is None or not new.cohort.is_within(old.cohort)):
        yield f"Step {number} reaches more than its cohort; names may only be taken away."


def _faster(number: int, old: Step, new: Step) -> Iterator[str]:
    """A step that waits less, asks for fewer units, counts others, or is watched less closely than before."""
    if new.unit != old.unit:
        yield f"Step {number} goes on counting the same units."
    if new.bake_seconds < old.bake_seconds:
        yield f"Step {number} waits {duration_words(new.bake_seconds)}, less than the {duration_words(old.bake_seconds)} planned."
    if new.min_units < old.min_units:
        yield f"Step {number} asks for {new.min_units} units, fewer than the {old.min_units} planned."
    asks_more = new.bake_seconds > old.bake_seconds or new.min_units > old.min_units
    if new.max_seconds > old.max_seconds and not (asks_more or new.share_basis_points < old.share_basis_points):
        yield f"The longest time of step {number} grows only where it waits longer, asks for more units or takes a smaller share."
    yield from _weaker(number, old, new)


def _weaker(number: int, old: Step, new: Step) -> Iterator[str]:
    if new.silence_seconds > old.silence_seconds:
        yield f"Step {number} pauses after {duration_words(old.silence_seconds)} without a report at the latest."
    if new.advance == "auto" and old.advance != "auto":
        yield f"Step {number} goes on by a person's decision."
    missing = [
        name for name in old.guardrails if name not in new.guardrails and (new.kind == old.kind or _exists(name, new))
    ]
    if missing:
        yield f"Step {number} goes on watching {', '.join(missing)}."


def _exists(name: str, step: Step) -> bool:
    """Can this limit exist in a step of this kind?"""
    return step.kind in TABLE[name].kinds and not (step.is_alone and TABLE[name].needs_live)
