"""Invented encounters whose harm is known: the same seed, the same encounters. Nothing in them is of a patient."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from webapp.simulator.course import LOST_REPORTS, Course

USUAL_MILLISECONDS, SPREAD = 2_000.0, 0.4
USUAL_MICROUSD = 3_000.0


@dataclass(frozen=True)
class Encounter:
    """One encounter: would it come to harm, how long is the call, and how dear, with the live version and with the new one.

    ``is_lost``: its report does not arrive where reports get lost.
    """

    unit: str
    harmed: tuple[bool, bool]
    is_lost: bool
    milliseconds: tuple[int, int]
    microusd: tuple[int, int]

    def is_harmed(self, is_new: bool) -> bool:
        """Does it come to harm with this version?"""
        return self.harmed[is_new]


def encounters_of(course: Course, day: int) -> list[Encounter]:
    """The encounters of this day, counted from 1, in order of arrival."""
    draw = np.random.default_rng([course.seed, day])
    harmed = draw.random((course.per_day, 2)) < (course.harm_live, course.harm_new)
    lost = draw.random(course.per_day) < LOST_REPORTS
    times, costs = (
        (draw.lognormal(0.0, SPREAD, (course.per_day, 2)) * usual).astype(int).tolist()
        for usual in (USUAL_MILLISECONDS, USUAL_MICROUSD)
    )
    return [
        Encounter(f"encounter-{day}-{number}", (bool(bad[0]), bool(bad[1])), bool(gone), tuple(time), tuple(cost))
        for number, (bad, gone, time, cost) in enumerate(zip(harmed, lost, times, costs, strict=True), 1)
    ]
