"""One rollout told day by day: started, served by delivery, reported on, looked at by the watch, advanced by an informaticist.

Every decision is delivery's, every verdict the engine's. What must not live here: words for the terminal (``words``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise
from typing import Any

from sqlalchemy import select

from webapp.acts.rollout_facts import present_step, step_seen
from webapp.adapters.store.schema import Rollout
from webapp.domain.cohorts import Place
from webapp.domain.rollout import LimitSeen, judge_step
from webapp.domain.verdict import Verdict
from webapp.services import delivery, interactions, rollout
from webapp.simulator.course import FAULT_DAY, HALF_SCORE, HIGH_RATING, LOW_RATING, Course
from webapp.simulator.encounters import Encounter, encounters_of
from webapp.simulator.house import FIRST_DAY, House

GROUPS_PER_DAY = 6
"""Encounters come in groups of some minutes, because delivery asks for a look of the watch in the last 300 seconds."""
LONGEST_GROUP_SECONDS = 200
DAYS_UNWATCHED = 2
REQUEST, ANSWER = "A visit.", "A note."
ENDED = ("rolled_back", "complete")


@dataclass(frozen=True)
class Event:
    """Who (the watch, or an informaticist) made which move, why, and the safety limits at that moment."""

    who: str
    move: str
    why: str
    limits: tuple[LimitSeen, ...]


@dataclass(frozen=True)
class Day:
    """One day: the step at its end, units of both versions in that step so far, verdicts then, and what happened.

    ``saw`` counts this day's encounters to whom the new version was shown.
    """

    number: int
    step: int
    encounters: int
    saw: int
    new: int
    live: int
    limits: tuple[LimitSeen, ...]
    events: tuple[Event, ...]
    state: str


@dataclass
class Told:
    """How it ended: ``outcome`` is rolled_back, complete, or the state in which the days ran out.

    ``rules``: why the watch paused and rolled back, in order; ``harmed``: of those who saw the new version; ``back_to_live``: how many
    encounters at the end were served the live version, one after the other.
    """

    outcome: str = "running"
    rules: list[str] = field(default_factory=list)
    day: int = 0
    encounters: int = 0
    saw: int = 0
    harmed: int = 0
    back_to_live: int = 0
    days: list[Day] = field(default_factory=list)


def tell(house: House, course: Course, say: Callable[[Day], Any]) -> Told:
    """The rollout of the house's signed change has run its course; ``say`` hears of each day."""
    return _Telling(house, course).run(say)


class _Telling:
    def __init__(self, house: House, course: Course) -> None:
        self.house, self.course = house, course
        self.outside, self.clock = house.story.outside, house.story.clock
        self.shelves = delivery.Shelves(self.outside)
        self.events: list[Event] = []
        self.told = Told()

    def run(self, say: Callable[[Day], Any]) -> Told:
        story, change_id = self.house.story, self.house.change_id
        rollout.start(self.outside, story.actor(self.house.author), change_id, story.digest(change_id))
        last = self.course.days if self.course.fault != "dead_scheduler" else FAULT_DAY + DAYS_UNWATCHED
        for number in range(1, min(last, self.course.days) + 1):
            day = self._day(number)
            self.told.days.append(day)
            self.told.day, self.told.outcome = number, day.state
            say(day)
            if day.state in ENDED:
                break
        return self.told

    def _day(self, number: int) -> Day:
        """All encounters of the day, a look before and after each group's, and in the evening whoever may advance does."""
        self.events, before = [], self.told.saw
        for hour, group in _in_groups(encounters_of(self.course, number)):
            self.clock.at = FIRST_DAY + timedelta(days=number - 1, hours=hour)
            self._look(number)
            self._serve(number, group)
            self._look(number)
        if not self._is_unwatched(number):
            self._advance()
        found, limits, new, live = self._now()
        return Day(
            number=number,
            step=found.step_index + 1,
            encounters=self.course.per_day,
            saw=self.told.saw - before,
            new=new,
            live=live,
            limits=limits,
            events=tuple(self.events),
            state=found.state,
        )

    def _look(self, day: int) -> None:
        """The watch looked, unless nobody watches any more; what it did is an event."""
        if self._is_unwatched(day):
            return
        for done in rollout.watch(self.outside):
            move = done.split()[0]
            found, limits, *_ = self._now()
            self.events.append(Event("watch", move, found.state_reason or "", limits))
            if move != "advance":
                self.told.rules.append((found.state_reason or "").rstrip("."))

    def _is_unwatched(self, day: int) -> bool:
        return self.course.fault == "dead_scheduler" and day >= FAULT_DAY

    def _serve(self, day: int, group: Sequence[Encounter]) -> None:
        """Each encounter asks delivery and runs; what ran is reported, unless applications are silent."""
        self.shelves.look()
        reports, problems = [], []
        for encounter in group:
            self.clock.forward(seconds=min(2.0, LONGEST_GROUP_SECONDS / len(group)))
            document = self.shelves.serve(self.house.name, Place(encounter.unit)).document
            self._count(document, encounter)
            for is_new in _versions(document):
                if not self._is_silent(day, encounter, is_new):
                    reports.append(self._report(document, encounter, is_new))
                    if is_new and self.course.limit == "harm_reports" and encounter.is_harmed(is_new):
                        problems.append(document["decision_id"])
        if reports:
            interactions.report(self.outside, self.house.story.token_id, reports)
        for decision_id in problems:
            interactions.report_problem(
                self.outside, self.house.story.token_id, decision_id, "It reached the patient.", True
            )

    def _count(self, document: dict[str, Any], encounter: Encounter) -> None:
        is_new = document["arm"] == "candidate"
        self.told.encounters += 1
        self.told.saw += is_new
        self.told.harmed += is_new and encounter.is_harmed(True)
        self.told.back_to_live = 0 if is_new else self.told.back_to_live + 1

    def _is_silent(self, day: int, encounter: Encounter, is_new: bool) -> bool:
        if self.course.fault == "missing_telemetry":
            return day >= FAULT_DAY
        return self.course.fault == "wrong_shares" and encounter.is_lost and not is_new

    def _report(self, document: dict[str, Any], encounter: Encounter, is_new: bool) -> interactions.Report:
        bad, limit = encounter.is_harmed(is_new), self.course.limit
        is_shown = is_new == (document["arm"] == "candidate")
        outcomes = {"rejections": "rejected", "edits": "edited"}
        return interactions.Report(
            event_id=f"{encounter.unit}-{'new' if is_new else 'live'}",
            decision_id=document["decision_id"],
            happened_at=self.clock(),
            model="offline-clinical-1",
            is_displayed=is_shown,
            request_text=REQUEST,
            response_text=ANSWER,
            latency_ms=encounter.milliseconds[is_new],
            cost_microusd=encounter.microusd[is_new],
            error="time-out" if bad and limit == "errors" else None,
            outcome=(outcomes.get(limit, "accepted") if bad else "accepted") if is_shown else None,
            check_score=HALF_SCORE if bad and limit == "checks" else 1.0,
            unsafe=bad and limit == "unsafe_flags",
            rating=(LOW_RATING if bad and limit == "quality" else HIGH_RATING) if is_shown else None,
        )

    def _advance(self) -> None:
        """An informaticist leaves the step where that is open."""
        story, change_id = self.house.story, self.house.change_id
        limits = self._now()[1]
        if any(limit.verdict is not Verdict.PASS for limit in limits):
            return
        actor = story.actor(self.house.informaticist)
        offered = rollout.show_rollout(self.outside, actor, change_id).offers
        moves = {"advance": rollout.advance, "complete": rollout.complete}
        for name in (offer.move.name for offer in offered if offer.is_open and offer.move.name in moves):
            reason = "Every limit holds and the waiting time is over."
            moves[name](self.outside, actor, change_id, story.digest(change_id), reason, self.house.password)
            self.events.append(Event("informaticist", name, reason, limits))
            return

    def _now(self) -> tuple[Rollout, tuple[LimitSeen, ...], int, int]:
        """The rollout as it is stored, its limits, and the units of both versions in its present step."""
        with self.outside.database.reading() as session:
            found = session.scalars(select(Rollout).where(Rollout.change_id == self.house.change_id)).one()
            step, seen = present_step(found), step_seen(session, found)
            return found, judge_step(step, seen), len(seen.arm(True)), len(seen.arm(False))


def _in_groups(encounters: Sequence[Encounter]) -> Iterator[tuple[int, Sequence[Encounter]]]:
    """The day's encounters in equal groups, each with the hour at which it comes."""
    count = len(encounters)
    bounds = [count * number // GROUPS_PER_DAY for number in range(GROUPS_PER_DAY + 1)]
    for number, (first, last) in enumerate(pairwise(bounds)):
        yield number * 24 // GROUPS_PER_DAY, encounters[first:last]


def _versions(document: dict[str, Any]) -> tuple[bool, ...]:
    """Which versions run for this decision: the one that is shown, and in a silent run the new one beside it."""
    shown = document["arm"] == "candidate"
    return (shown,) if document.get("shadow") is None else (shown, True)
