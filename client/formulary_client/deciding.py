"""Who gets which version: the same rules as the server's, tested on both sides with docs/vectors/serving.json."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import mmh3

OUTSIDE = -1
EVERYONE = 10_000
LONGEST_UNWATCHED_SECONDS = 300
PLACES = {"sites": "site", "departments": "department", "applications": "application", "units": "unit"}


@dataclass(frozen=True)
class Place:
    """Where a request comes from. Empty: not said."""

    unit: str = ""
    site: str = ""
    department: str = ""
    application: str = ""


@dataclass(frozen=True)
class Step:
    """A step of a plan. ``cohort``: the names that each part of a place must be among; None where nobody is named apart."""

    kind: str
    share_basis_points: int
    cohort: tuple[tuple[str, frozenset[str]], ...] | None

    def names(self, place: Place) -> bool:
        """Does the request belong to the cohort, where there is one?"""
        return self.cohort is None or all(getattr(place, part) in names for part, names in self.cohort)

    def takes(self, place: Place, bucket: int) -> bool:
        """Is the request among those of this step?"""
        return self.names(place) and bucket < self.share_basis_points


@dataclass(frozen=True)
class Rule:
    """A rollout. ``watched_at`` in seconds since 1970."""

    release_id: str
    steps: tuple[Step, ...]
    step_index: int
    salt: str
    serves: str
    watched_at: float | None
    units_in: frozenset[str]


@dataclass(frozen=True)
class Choice:
    """What a request gets: the live or the new release; ``is_silent``: the new one runs beside it and nobody sees it."""

    is_new: bool
    arm: str
    step: int
    reason: str
    salt: str
    is_silent: bool = False


def read_rule(document: Mapping[str, Any]) -> Rule:
    """The rule as the snapshot has it; KeyError, TypeError or ValueError for another form."""
    watched = document["watched_at"]
    return Rule(
        str(document["release_id"]),
        tuple(_read_step(step) for step in document["plan"]["steps"]),
        int(document["step_index"]),
        str(document["salt"]),
        str(document["serves"]),
        None if watched is None else datetime.fromisoformat(watched).timestamp(),
        frozenset(document["units_in"]),
    )


def _read_step(document: Mapping[str, Any]) -> Step:
    named = document["cohort"]
    cohort = None if named is None else tuple((PLACES[part], frozenset(names)) for part, names in named.items())
    return Step(str(document["kind"]), int(document["share_basis_points"]), cohort)


def bucket_of(unit: str, salt: str) -> int:
    """The bucket of a unit, 0..9999: MurmurHash3 (32 bit, unsigned, seed 0) of ``unit:salt``, modulo 10,000."""
    return int(mmh3.hash(f"{unit}:{salt}".encode(), seed=0, signed=False)) % EVERYONE


def unit_hash(unit: str, salt: str) -> str:
    """A keyed short form of a unit id, so that reports never carry the id itself."""
    return hashlib.sha256(f"{salt}:{unit}".encode()).hexdigest()[:16]


def is_for(offered: Mapping[str, Any], place: Place) -> bool:
    """May this request get the release? A restriction leaves it to those who fit all that it names."""
    only = offered.get("only") or {}
    return all(getattr(place, PLACES[part]) in names for part, names in only.items())


def choose(
    live: Mapping[str, Any] | None, new: Mapping[str, Any] | None, rule: Rule | None, place: Place, now: float
) -> Choice | None:
    """What this request gets of these two releases; None where nothing is served. ``now`` in seconds since 1970."""
    if live is not None and not is_for(live, place):
        if rule is not None and rule.release_id == live["release_id"]:
            return None
        live = None
    if rule is not None and live is not None and rule.release_id == live["release_id"]:
        return Choice(False, "candidate", rule.step_index if place.unit else OUTSIDE, "STATIC", rule.salt)
    if rule is not None and new is not None:
        step, gets_new, runs_silently = _assigned(rule, place, now)
        if gets_new and is_for(new, place):
            reason = "SPLIT" if rule.steps[rule.step_index].cohort is None else "TARGETING_MATCH"
            return Choice(True, "candidate", step, reason, rule.salt)
        if live is not None:
            runs_silently = runs_silently and is_for(new, place)
            arm = "shadowed" if runs_silently else "live"
            return Choice(False, arm, step, "SPLIT" if place.unit else "STATIC", rule.salt, runs_silently)
    return None if live is None else Choice(False, "live", OUTSIDE, "STATIC", live["manifest_sha256"][:16])


def _assigned(rule: Rule, place: Place, now: float) -> tuple[int, bool, bool]:
    """The step that counts the request, whether it gets the new version, and whether that runs silently beside the live one."""
    step, gets_new, runs_silently = _planned(rule, place)
    is_unwatched = rule.watched_at is None or now - rule.watched_at >= LONGEST_UNWATCHED_SECONDS
    if rule.serves == "live" or is_unwatched:
        return step, False, False
    if rule.serves == "freeze":
        return step, gets_new and unit_hash(place.unit, rule.salt) in rule.units_in, False
    return step, gets_new, runs_silently


def _planned(rule: Rule, place: Place) -> tuple[int, bool, bool]:
    if not place.unit:
        return OUTSIDE, False, False
    bucket, now_in = bucket_of(place.unit, rule.salt), rule.steps[rule.step_index]
    if now_in.kind == "shadow":
        is_in = now_in.takes(place, bucket)
        return (rule.step_index if is_in else OUTSIDE), False, is_in
    shown = (step for step in rule.steps[: rule.step_index + 1] if step.kind != "shadow")
    is_in = any(step.takes(place, bucket) for step in shown)
    is_meant = now_in.cohort is None or now_in.names(place)
    return (rule.step_index if is_in or is_meant else OUTSIDE), is_in, False
