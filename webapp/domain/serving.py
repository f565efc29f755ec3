"""What an application gets for one request, decided from what stands on a prompt's shelf. Pure: no database, no clock.

Delivery decides with this while everything else is down. What must not live here: whether a release verifies (``services.delivery``).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from webapp.domain.assignment import OUTSIDE, Assigned, assign, salt_of
from webapp.domain.cohorts import Cohort, Place
from webapp.domain.decision import unit_hash
from webapp.domain.plan import DAY_SECONDS, Plan

LONGEST_UNWATCHED_SECONDS = 300
"""Without a look of the watch younger than this, everyone is served the live version: a dead scheduler is a return to live."""


@dataclass(frozen=True)
class Offered:
    """A release as it may be served: what an application runs of it, or the fault (code, sentence) for which nobody gets it.

    ``only``: whom a restriction leaves it to; anybody else gets the downtime text, never this release.
    """

    release_id: str
    manifest_sha256: str
    content: Mapping[str, Any] = field(default_factory=dict)
    fault: tuple[str, str] | None = None
    only: Cohort | None = None

    def is_for(self, place: Place) -> bool:
        """May this request get the release? One that does not say where it comes from gets none that is restricted by it."""
        return self.only is None or self.only.holds(place)

    @cached_property
    def members(self) -> str:
        """The content as members of a JSON object, each after a comma: written once, however often it is served."""
        return "".join(f",{json.dumps(name)}:{json.dumps(value)}" for name, value in self.content.items())


@dataclass(frozen=True)
class Rule:
    """The rollout of a prompt as delivery needs it. ``units_in``: hashes of those who stay in while nobody new may enter."""

    release_id: str
    plan: Plan
    step_index: int
    salt: str
    serves: str
    watched_at: datetime | None
    units_in: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Shelf:
    """Everything that is needed to serve one prompt: what is live, what is new, who gets which; how long live is served cut off.

    ``before``: what a hold makes live again where the rollout's last step already serves everyone.
    """

    name: str
    live: Offered | None = None
    new: Offered | None = None
    rule: Rule | None = None
    downtime_text: str = ""
    offline_seconds: int = DAY_SECONDS
    before: Offered | None = None


@dataclass(frozen=True)
class Choice:
    """What is served. ``silent``: the release that runs beside it and that nobody sees; ``step``: the step that counts it."""

    offered: Offered
    arm: str
    step: int
    reason: str
    salt: str
    silent: Offered | None = None


def choose(shelf: Shelf, place: Place, now: datetime) -> Choice | None:
    """What this request gets; None where nothing is served. ``reason`` is OpenFeature's: SPLIT, STATIC or TARGETING_MATCH."""
    live, rule = shelf.live, shelf.rule
    if live is not None and not live.is_for(place):
        if rule is not None and rule.release_id == live.release_id:
            return None
        live = None
    if rule is not None and live is not None and rule.release_id == live.release_id:
        return Choice(live, "candidate", rule.step_index if place.unit else OUTSIDE, "STATIC", rule.salt)
    if rule is not None and shelf.new is not None:
        assigned = _assigned(rule, place, now)
        if assigned.gets_new and shelf.new.is_for(place):
            return Choice(shelf.new, "candidate", assigned.step, _reason(rule), rule.salt)
        if live is not None:
            silent = shelf.new if assigned.runs_silently and shelf.new.is_for(place) else None
            arm = "live" if silent is None else "shadowed"
            return Choice(live, arm, assigned.step, "SPLIT" if place.unit else "STATIC", rule.salt, silent)
    return None if live is None else Choice(live, "live", OUTSIDE, "STATIC", salt_of(live.manifest_sha256))


def held_back(shelf: Shelf) -> Shelf:
    """The shelf while somebody holds the rollout: everyone gets what was live before it, or nothing where there was nothing."""
    if shelf.rule is None:
        return shelf
    rule = replace(shelf.rule, serves="live")
    if shelf.live is not None and shelf.live.release_id == rule.release_id:
        return replace(shelf, live=shelf.before, new=shelf.live, rule=rule)
    return replace(shelf, rule=rule)


def as_watched(shelf: Shelf, now: datetime) -> Shelf:
    """The shelf as the watch leaves it: in a last step that nobody watches, what was live before it is live again.

    The first version of a prompt has nothing before it and stays: its last step serves what is live.
    """
    rule, live = shelf.rule, shelf.live
    is_last = rule is not None and live is not None and rule.release_id == live.release_id
    return held_back(shelf) if is_last and shelf.before is not None and not _is_watched(rule, now) else shelf


def decisions_of(shelf: Shelf) -> list[tuple[str, str, int]]:
    """Release, arm and step of everything that ``choose`` can answer from this shelf."""
    live, new, rule = shelf.live, shelf.new, shelf.rule
    found = [] if live is None else [(live.release_id, "live", OUTSIDE)]
    if rule is not None and live is not None and rule.release_id == live.release_id:
        return [(live.release_id, "candidate", step) for step in (rule.step_index, OUTSIDE)]
    if rule is not None and new is not None:
        found.append((new.release_id, "candidate", rule.step_index))
        if live is not None:
            found += [(live.release_id, arm, rule.step_index) for arm in ("live", "shadowed")]
    return found


def _assigned(rule: Rule, place: Place, now: datetime) -> Assigned:
    """What the plan says, unless the rollout stands still or nobody watches it: then nobody new, or nobody at all, is in."""
    assigned = assign(rule.plan, rule.step_index, place, rule.salt)
    if rule.serves == "live" or not _is_watched(rule, now):
        return replace(assigned, gets_new=False, runs_silently=False)
    if rule.serves == "freeze":
        was_in = unit_hash(place.unit, rule.salt) in rule.units_in
        return replace(assigned, gets_new=assigned.gets_new and was_in, runs_silently=False)
    return assigned


def _is_watched(rule: Rule | None, now: datetime) -> bool:
    longest = timedelta(seconds=LONGEST_UNWATCHED_SECONDS)
    return rule is not None and rule.watched_at is not None and now - rule.watched_at < longest


def _reason(rule: Rule) -> str:
    return "SPLIT" if rule.plan.steps[rule.step_index].cohort is None else "TARGETING_MATCH"
