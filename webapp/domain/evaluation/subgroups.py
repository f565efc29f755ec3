"""The measures that decide, once more for each subgroup of the cases: where is the loss larger than in the whole?

A flag says where to look. It decides nothing, because many groups are looked at and some stand out by chance; how many is said.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from webapp.domain.evaluation.judging import Judged, Known, known_of
from webapp.domain.evaluation.tally import Critical, Tally
from webapp.domain.policy import ClassPolicy, MeasureRule
from webapp.domain.prompts.suite import Case
from webapp.domain.statistics.absolute import Absolute
from webapp.domain.statistics.comparison import PPM
from webapp.domain.statistics.power import chance_beyond, spread_of_bound

MOST_GROUPS = 40
FEWEST_CASES = 2
SHOWN = (
    "n",
    "baseline_mean_ppm",
    "candidate_mean_ppm",
    "difference_ppm",
    "low_ppm",
    "high_ppm",
    "better",
    "worse",
    "same",
    "method",
    "seed",
)


@dataclass(frozen=True)
class GroupMeasure:
    """One measure in one group; ``flagged``: worse there than in all cases by more than the margin."""

    name: str
    words: str
    known: Known
    flagged: bool
    by_chance: float

    def to_document(self) -> dict[str, Any]:
        """The numbers as integers and strings."""
        numbers = self.known.to_document()
        shown = {name: numbers[name] for name in SHOWN if name in numbers}
        return {"measure": self.name, "words": self.words, **shown, "flagged": "yes" if self.flagged else "no"}


@dataclass(frozen=True)
class Group:
    """The cases with one value of one subgroup, such as setting = ward; ``critical`` counts those with a new critical finding."""

    by: str
    value: str
    cases: int
    critical: int
    measures: tuple[GroupMeasure, ...]

    def to_document(self) -> dict[str, Any]:
        """The group as integers and strings."""
        measures = [one.to_document() for one in self.measures]
        return {
            "by": self.by,
            "value": self.value,
            "cases": self.cases,
            "critical": self.critical,
            "measures": measures,
        }


@dataclass(frozen=True)
class Subgroups:
    """All groups that are shown; ``left_out`` counts smaller ones beyond the first 40."""

    groups: tuple[Group, ...]
    left_out: int

    @property
    def sentence(self) -> str:
        """How many comparisons stand out, and how many would by chance."""
        rows = [one for group in self.groups for one in group.measures]
        if not rows:
            return "The cases name no subgroups."
        flagged, chance = sum(one.flagged for one in rows), math.fsum(one.by_chance for one in rows)
        return (
            f"{flagged} of {len(rows)} comparisons by subgroup are worse than the whole by more than the margin; about "
            f"{chance:.1f} would be by chance alone, were all groups alike. A flag shows where to look and decides nothing."
        )

    def to_document(self) -> dict[str, Any]:
        """The groups as integers and strings."""
        groups = [group.to_document() for group in self.groups]
        return {"sentence": self.sentence, "left_out": self.left_out, "groups": groups}


def by_subgroup(
    tally: Tally, cases: Sequence[Case], rules: ClassPolicy, judged: Sequence[Judged], criticals: Sequence[Critical]
) -> Subgroups:
    """The primary measures by subgroup, by name and value; the 40 largest groups of at least two cases."""
    fallen = {one.case for one in criticals if one.is_new}
    whole = [one for one in judged if one.is_primary]
    found = [(key, group) for key, group in _groups(cases).items() if len(group) >= FEWEST_CASES]
    kept = sorted(found, key=lambda one: (-len(one[1]), one[0]))[:MOST_GROUPS]
    deciding = rules.measures if rules.judge is None else (*rules.measures, rules.judge.rule)
    limits = {rule.measure: rule for rule in deciding}
    groups = tuple(
        Group(
            by,
            value,
            len(group),
            sum(case.id in fallen for case in group),
            tuple(_measures(tally, group, rules, whole, limits)),
        )
        for (by, value), group in sorted(kept, key=lambda one: one[0])
    )
    return Subgroups(groups, len(found) - len(kept))


def _groups(cases: Sequence[Case]) -> Mapping[tuple[str, str], list[Case]]:
    groups: dict[tuple[str, str], list[Case]] = {}
    for case in cases:
        for by, value in case.subgroup.items():
            groups.setdefault((by, value), []).append(case)
    return groups


def _measures(
    tally: Tally,
    group: Sequence[Case],
    rules: ClassPolicy,
    whole: Sequence[Judged],
    limits: Mapping[str, MeasureRule],
) -> Iterator[GroupMeasure]:
    for one in whole:
        name, margin = one.measure.name, limits[one.measure.name].margin_ppm / PPM
        known = known_of(tally, group, name, limits[name], rules)
        here, there = _level(known), _level(one.known)
        if here is None or there is None:
            continue
        chance = chance_beyond(margin, spread_of_bound(_reach(one.known), one.known.n), known.n, one.known.n)
        yield GroupMeasure(name, one.measure.words, known, here - there < -margin - 1e-9, chance)


def _level(known: Known) -> float | None:
    """What is compared between a group and the whole: the difference to live, or the mean of a first version."""
    return known.candidate_mean if isinstance(known, Absolute) else known.difference


def _reach(known: Known) -> float:
    level = _level(known)
    return 0.0 if level is None or known.bound is None else level - known.bound
