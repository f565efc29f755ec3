"""What one policy asks that another did not, in words, and what of it asks for less than before.

Weaker is whatever lets more pass, with fewer eyes or after less evidence; where words changed, nobody but a reader can tell, so it
says "read it". What must not live here: who may bring a policy into force.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from webapp.domain.guardrails import TABLE, too_many_of
from webapp.domain.measures import BY_NAME
from webapp.domain.plan import Plan, Step
from webapp.domain.plan_words import reach_words
from webapp.domain.policy import AFTER_ROLLOUT, ClassPolicy, JudgeRule, MeasureRule, Policy
from webapp.domain.record.levels import LEVELS, NEEDED_WORDS
from webapp.domain.workflow.stages import CLASS_WORDS, RiskClass


class Direction(StrEnum):
    """Which way a difference goes."""

    WEAKER = "weaker"
    STRICTER = "stricter"
    READ_IT = "read_it"
    NEITHER = "neither"


@dataclass(frozen=True)
class Difference:
    """One difference: for whom (a risk class in words, or every change), in one sentence."""

    place: str
    sentence: str
    direction: Direction

    @property
    def is_weaker(self) -> bool:
        """Does the new policy ask for less here?"""
        return self.direction is Direction.WEAKER


EVERY_CHANGE = "Every change"


def differences(old: Policy, new: Policy) -> tuple[Difference, ...]:
    """Every difference, in the order of the policy's page; nothing where both ask for the same."""
    found = [Difference(EVERY_CHANGE, sentence, way) for sentence, way in _overall(old, new)]
    for risk_class in RiskClass:
        words = CLASS_WORDS[risk_class].capitalize()
        found += [Difference(words, *row) for row in _of_class(old.of(risk_class), new.of(risk_class))]
    return tuple(found)


Row = tuple[str, Direction]


def _overall(old: Policy, new: Policy) -> Iterator[Row]:
    if old.name != new.name:
        yield f"It is called {new.name} instead of {old.name}.", Direction.NEITHER
    yield from _number(
        "A signature lapses for starting after {} days",
        old.signature_lapse_days,
        new.signature_lapse_days,
        more=Direction.WEAKER,
    )
    for words, before, after in (
        ("A review is due after {} days", old.review_due_days, new.review_due_days),
        ("A sign-off is due after {} days", old.signoff_due_days, new.signoff_due_days),
    ):
        yield from _number(words, before, after, more=Direction.NEITHER)


def _of_class(old: ClassPolicy, new: ClassPolicy) -> Iterator[Row]:
    if old.passes_unreviewed != new.passes_unreviewed:
        yield (
            ("A change may pass without any review when every measure holds.", Direction.WEAKER)
            if new.passes_unreviewed
            else ("No change passes without a review any more.", Direction.STRICTER)
        )
    yield from _level("The review is signed with {}", old.review_level, new.review_level)
    yield from _level("The sign-off is signed with {}", old.signoff_level, new.signoff_level)
    if old.after_rollout != new.after_rollout:
        is_more = AFTER_ROLLOUT.index(new.after_rollout) > AFTER_ROLLOUT.index(old.after_rollout)
        yield AFTER_WORDS[new.after_rollout], Direction.STRICTER if is_more else Direction.WEAKER
    yield from _level("Moves of the rollout are signed with {}", old.rollout_level, new.rollout_level)
    for words, before, after in (
        ("A run needs at least {} cases", old.least_cases, new.least_cases),
        ("Each case is asked {} times", old.repeats, new.repeats),
        ("Reviewer and physician open {} worst cases", old.worst_cases, new.worst_cases),
        ("The follow-up audit grades {} answers", old.audit_sample, new.audit_sample),
    ):
        yield from _number(words, before, after, more=Direction.STRICTER)
    yield from _measures(_by_name(old), _by_name(new))
    yield from _judge(old.judge, new.judge)
    yield from _texts(
        "checklist", {i.item: i.text for i in old.checklist}, {i.item: i.text for i in new.checklist}, "The reviewer"
    )
    yield from _plan(old.plan, new.plan)


def _by_name(rules: ClassPolicy) -> dict[str, MeasureRule]:
    return {rule.measure: rule for rule in rules.measures}


def _number(words: str, old: int, new: int, *, more: Direction) -> Iterator[Row]:
    """The sentence with both numbers; ``more`` is what a larger number means."""
    if old == new:
        return
    less = {Direction.WEAKER: Direction.STRICTER, Direction.STRICTER: Direction.WEAKER}.get(more, more)
    yield f"{words.format(f'{new:,}')} instead of {old:,}.", more if new > old else less


def _level(words: str, old: str, new: str) -> Iterator[Row]:
    if old != new:
        way = Direction.STRICTER if LEVELS.index(new) > LEVELS.index(old) else Direction.WEAKER
        yield f"{words.format(_level_words(new))} instead of {_level_words(old)}.", way


def _level_words(level: str) -> str:
    return f"{NEEDED_WORDS[level].replace('your', 'a')} ({level})"


def _measures(old: Mapping[str, MeasureRule], new: Mapping[str, MeasureRule]) -> Iterator[Row]:
    for name in old.keys() - new.keys():
        yield f"{_measure_words(name)} decides nothing any more.", Direction.WEAKER
    for name in new.keys() - old.keys():
        yield f"{_measure_words(name)} decides as well.", Direction.STRICTER
    for name in (name for name in new if name in old):
        yield from _measure(_measure_words(name), old[name], new[name])


def _measure(words: str, old: MeasureRule, new: MeasureRule) -> Iterator[Row]:
    for sentence, before, after, more in (
        ("holds while it loses at most {} points of 100", old.margin_ppm, new.margin_ppm, Direction.WEAKER),
        ("counts as worse from a loss of {} points of 100", old.practical_ppm, new.practical_ppm, Direction.WEAKER),
        ("of a first version reaches at least {} points of 100", old.threshold_ppm, new.threshold_ppm, Direction.STRICTER),
    ):  # fmt: skip
        if before != after:
            way = more if after > before else _opposite(more)
            yield f"{words} {sentence.format(_points(after))} instead of {_points(before)}.", way
    if old.only_where_asked != new.only_where_asked:
        yield (
            (f"{words} counts only where a case asks for it.", Direction.WEAKER)
            if new.only_where_asked
            else (f"{words} counts in every test set.", Direction.STRICTER)
        )


def _opposite(way: Direction) -> Direction:
    return Direction.STRICTER if way is Direction.WEAKER else Direction.WEAKER


def _points(ppm: int) -> str:
    return f"{ppm / 10_000:g}"


def _measure_words(name: str) -> str:
    return f'"{BY_NAME[name].words if name in BY_NAME else name}"'


def _judge(old: JudgeRule | None, new: JudgeRule | None) -> Iterator[Row]:
    if old is None and new is None:
        return
    if new is None:
        yield "No judge reads the answers any more.", Direction.WEAKER
    elif old is None:
        yield f"A judge ({new.model}) reads the answers as well; it may only lower a verdict.", Direction.STRICTER
    else:
        if old.model != new.model:
            yield f"The judge is {new.model} instead of {old.model}.", Direction.READ_IT
        yield from _texts("judge", old.questions, new.questions, "The judge")
        yield from _measure("The judge's mark", old.rule, new.rule)


def _texts(what: str, old: Mapping[str, str], new: Mapping[str, str], who: str) -> Iterator[Row]:
    """Items of a list that people or a judge answer: gone, new, or in other words."""
    for item in (item for item in old if item not in new):
        yield f'{who} is no longer asked: "{old[item]}"', Direction.WEAKER
    for item in (item for item in new if item not in old):
        yield f'{who} is asked as well: "{new[item]}"', Direction.STRICTER
    for item in (item for item in new if item in old and old[item] != new[item]):
        yield (
            f'A question of the {what} reads "{new[item]}" instead of "{old[item]}"; read whether it asks as much.',
            Direction.READ_IT,
        )


def _plan(old: Plan, new: Plan) -> Iterator[Row]:
    yield from _number(
        "An application that is cut off serves what is live for up to {} seconds",
        old.offline_seconds,
        new.offline_seconds,
        more=Direction.WEAKER,
    )
    if len(old.steps) != len(new.steps):
        yield from _number("The rollout has {} steps", len(old.steps), len(new.steps), more=Direction.STRICTER)
        yield from _totals(old, new)
        return
    for number, (before, after) in enumerate(zip(old.steps, new.steps, strict=True), 1):
        yield from _step(f"Step {number} of the rollout", before, after)


def _totals(old: Plan, new: Plan) -> Iterator[Row]:
    """What plans of different lengths have in common: the first step's share, and the least time and units in all."""
    yield from _share("The first step", old.steps[0], new.steps[0])
    for words, name in (("waits at least {} hours in all", "bake_seconds"), ("needs at least {} units in all", "min_units")):  # fmt: skip
        before, after = (sum(getattr(step, name) for step in plan.steps) for plan in (old, new))
        if before != after:
            way = Direction.STRICTER if after > before else Direction.WEAKER
            one = 3600 if name == "bake_seconds" else 1
            yield f"The rollout {words.format(f'{after / one:g}')} instead of {before / one:g}.", way
    watched = {guard for step in old.steps for guard in step.guardrails}
    lost = {guard for guard in watched if any(_could_stop(step, guard) for step in new.steps)}
    if lost:
        yield f"Not every step is stopped by {too_many_of(sorted(lost))} any more.", Direction.WEAKER


def _could_stop(step: Step, guard: str) -> bool:
    """Could this limit stop the step, and does not?"""
    return step.kind in TABLE[guard].kinds and guard not in step.guardrails


def _step(place: str, old: Step, new: Step) -> Iterator[Row]:
    yield from _share(place, old, new)
    for words, before, after, more in (
        ("waits at least {} hours", old.bake_seconds / 3600, new.bake_seconds / 3600, Direction.STRICTER),
        ("needs at least {} units", old.min_units, new.min_units, Direction.STRICTER),
        ("lasts at most {} days", old.max_seconds / 86_400, new.max_seconds / 86_400, Direction.WEAKER),
        (
            "is paused after {} hours without a report",
            old.silence_seconds / 3600,
            new.silence_seconds / 3600,
            Direction.WEAKER,
        ),
    ):
        if before != after:
            yield f"{place} {words.format(f'{after:g}')} instead of {before:g}.", more if after > before else _opposite(more)  # fmt: skip
    if lost := set(old.guardrails) - set(new.guardrails):
        yield f"{place} is no longer stopped by {too_many_of(sorted(lost))}.", Direction.WEAKER
    if gained := set(new.guardrails) - set(old.guardrails):
        yield f"{place} is stopped by {too_many_of(sorted(gained))} as well.", Direction.STRICTER
    if old.advance != new.advance:
        way = Direction.WEAKER if new.advance == "auto" else Direction.STRICTER
        yield f"{place} {'goes on by itself' if new.advance == 'auto' else 'is advanced by a person'}.", way
    if (old.kind, old.unit) != (new.kind, new.unit):
        yield f"{place} is {new.kind} by {new.unit} instead of {old.kind} by {old.unit}.", Direction.READ_IT
    if old.cohort != new.cohort:
        yield f"{place} is meant for {reach_words(new)} instead of {reach_words(old)}.", Direction.READ_IT


def _share(place: str, old: Step, new: Step) -> Iterator[Row]:
    before, after = old.share_basis_points / 100, new.share_basis_points / 100
    if before != after:
        way = Direction.WEAKER if after > before else Direction.STRICTER
        yield f"{place} reaches {after:g} of 100 instead of {before:g}.", way


AFTER_WORDS = {
    "alarm": "After the rollout, possible harm or a patient identifier in an answer alarms people, and nothing stops by itself.",
    "hold": "After the rollout, possible harm or a patient identifier in an answer makes the version before live until somebody decides.",
    "stop": "After the rollout, possible harm or a patient identifier in an answer rolls the release back.",
}
