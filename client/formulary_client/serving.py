"""Serving from a verified snapshot, by its age: the new version for two minutes, the live one as long as its plan allows."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from formulary_client.deciding import Choice, Place, choose, unit_hash
from formulary_client.errors import CutOff, NothingLive, Restricted, Stopped, UnknownPrompt
from formulary_client.resolved import Resolved, Runnable
from formulary_client.snapshot import Offer, Shelf, Snapshot

CANDIDATE_SECONDS = 120
LARGEST_CLOCK_DIFFERENCE_SECONDS = 300
"""How far the server's time may lie ahead of this clock."""


def serve(held: Snapshot, prompt: str, place: Place, now: float) -> Resolved:
    """What this request runs; a DowntimeError with the prompt's downtime text where it runs nothing."""
    shelf = held.shelves.get(prompt)
    if shelf is None:
        raise UnknownPrompt(f"The formulary has no prompt called {prompt[:60]}, or the token may not use it.")
    if shelf.stopped is not None:
        raise Stopped(f"This prompt is stopped: {shelf.stopped}", shelf.downtime_text)
    age = _require_young(held, shelf, now)
    choice = _choose(shelf, replace(place, application=held.application), now, is_fresh=age <= CANDIDATE_SECONDS)
    if choice is None and shelf.live is not None:
        raise Restricted("What is live of this prompt is restricted to other places.", shelf.downtime_text)
    if choice is None:
        raise NothingLive("No signed release of this prompt is live.", shelf.downtime_text)
    shown = _require_sound(shelf.new if choice.is_new else shelf.live, shelf)
    silent = shelf.new.document if choice.is_silent and shelf.new is not None and shelf.new.refusal is None else None
    content = shown["content"]
    return Resolved(
        **_parts(shown),
        prompt=prompt,
        arm="live" if choice.arm == "shadowed" else choice.arm,
        reason=choice.reason,
        decision_id=_decision_id(shelf, shown["release_id"], choice, place, now),
        downtime_text=content["downtime_text"],
        age_seconds=max(age, 0.0),
        shadow=None if silent is None else Runnable(**_parts(silent)),
    )


def _require_young(held: Snapshot, shelf: Shelf, now: float) -> float:
    """The age of the server's word in seconds; CutOff where that is more than the plan allows, or cannot be told."""
    age = now - held.at
    if not -LARGEST_CLOCK_DIFFERENCE_SECONDS <= age <= shelf.offline_seconds:
        raise CutOff(
            f"The server has not been heard of for more than {shelf.offline_seconds} seconds; use the fallback workflow.",
            shelf.downtime_text,
        )
    return age


def _choose(shelf: Shelf, place: Place, now: float, *, is_fresh: bool) -> Choice | None:
    """What the rule says; cut off, everybody is on the live version, also those who had the new one."""
    live = None if shelf.live is None else shelf.live.document
    new = None if shelf.new is None else shelf.new.document
    rule = shelf.rule if is_fresh or shelf.rule is None else replace(shelf.rule, watched_at=None)
    return choose(live, new, rule, place, now)


def _require_sound(offer: Offer | None, shelf: Shelf) -> Mapping[str, Any]:
    assert offer is not None
    if offer.refusal is not None:
        raise offer.refusal.with_text(shelf.downtime_text)
    return offer.document


def _parts(offered: Mapping[str, Any]) -> dict[str, Any]:
    content = offered["content"]
    return {
        "release_id": offered["release_id"],
        "version": dict(content["version"]),
        "model": content["model"],
        "fallbacks": list(content["fallbacks"]),
        "parameters": copy.deepcopy(content["parameters"]),
        "messages": [dict(message) for message in content["messages"]],
    }


def _decision_id(shelf: Shelf, release_id: str, choice: Choice, place: Place, now: float) -> str:
    """The id under the server's grant; without one the report is set apart there, and nothing else happens."""
    grant = shelf.grants.get(f"{release_id}.{choice.arm}.{choice.step}", "none")
    return f"loc_{release_id}.{choice.arm}.{choice.step}.{unit_hash(place.unit, choice.salt)}.{int(now)}.{grant}"
