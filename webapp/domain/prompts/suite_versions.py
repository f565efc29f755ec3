"""Versions of one test set: what is new, replaced, gone or edited from one to the next, and what a version holds.

Contents are canonical JSON lines, as stored. What must not live here: which cases were used (the acts know the runs).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from webapp.domain.prompts.case_fields import CATEGORIES


@dataclass(frozen=True)
class EditedCase:
    """A case that has other content under the same id; ``fields`` are the names of those that differ."""

    id: str
    fields: tuple[str, ...]


@dataclass(frozen=True)
class SuiteDifference:
    """What a later version does to an earlier one; ``superseded`` are (old id, new id), ``kept`` counts cases left as they are."""

    added: tuple[str, ...]
    superseded: tuple[tuple[str, str], ...]
    removed: tuple[str, ...]
    edited: tuple[EditedCase, ...]
    kept: int


@dataclass(frozen=True)
class Counts:
    """How many cases a version has of each category and of each value of each subgroup."""

    categories: Mapping[str, int]
    subgroups: Mapping[str, Mapping[str, int]]


def compare_contents(old: bytes, new: bytes) -> SuiteDifference:
    """The difference of two stored contents; only lines that differ are read."""
    before, after = old.splitlines(), new.splitlines()
    gone, come = _only_in(before, after), _only_in(after, before)
    replaced = {
        case["supersedes"]: id
        for id, case in come.items()
        if id not in gone and case.get("supersedes") in gone and case["supersedes"] not in come
    }
    new_ids = set(replaced.values())
    return SuiteDifference(
        added=tuple(id for id in come if id not in gone and id not in new_ids),
        superseded=tuple(replaced.items()),
        removed=tuple(id for id in gone if id not in come and id not in replaced),
        edited=tuple(EditedCase(id, _differing(gone[id], case)) for id, case in come.items() if id in gone),
        kept=len(after) - len(come),
    )


def count_cases(content: bytes) -> Counts:
    """The counts of a stored content: categories in their fixed order, values of subgroups most frequent first."""
    cases = [json.loads(line) for line in content.splitlines()]
    subgroups: dict[str, Counter[str]] = {}
    for case in cases:
        for name, value in case.get("subgroup", {}).items():
            subgroups.setdefault(name, Counter())[value] += 1
    found = Counter(case["category"] for case in cases)
    return Counts(
        {category: found[category] for category in CATEGORIES if found[category]},
        {name: dict(values.most_common()) for name, values in sorted(subgroups.items())},
    )


def _only_in(lines: Iterable[bytes], others: Iterable[bytes]) -> dict[str, dict[str, Any]]:
    known = set(others)
    cases = [json.loads(line) for line in lines if line not in known]
    return {case["id"]: case for case in cases}


def _differing(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name)))
