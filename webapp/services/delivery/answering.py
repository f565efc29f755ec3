"""Answering one request from a shelf: the decision, its id and its ETag."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select

from webapp.adapters.outside import Outside
from webapp.adapters.stop_flags import StopFlags
from webapp.adapters.store.schema import Prompt
from webapp.domain.cohorts import Place
from webapp.domain.decision import Decision, Mac, unit_hash
from webapp.domain.record.canonical import sha256_hex
from webapp.domain.serving import Choice, Offered, Shelf, choose, held_back
from webapp.errors import Conflict, InvalidInput, NotFound, Refused, Unavailable
from webapp.services.delivery.reading import read_shelf

LONGEST_UNIT = 200
NOT_YET = frozenset({"release_not_sealed"})
"""Faults that pass by themselves."""


@dataclass(frozen=True)
class Served:
    """A decision for one unit: the document for the application, and the digest that stays the same while nothing changes."""

    document: dict[str, Any]
    etag: str


def serve(outside: Outside, name: str, place: Place) -> Served:
    """The release for this request as the database has it now; Conflict with the downtime text where nothing is served."""
    require_short(place)
    with outside.database.reading() as session:
        prompt = session.scalar(select(Prompt).where(Prompt.name == name))
        if prompt is None:
            raise no_such_prompt(name)
        shelf = read_shelf(outside, session, prompt)
    shelf = as_flagged(StopFlags(stops_file(outside.settings.var_dir)), shelf)
    return answer(shelf, place, outside.now(), outside.keyring.mac)


def require_short(place: Place) -> None:
    """Nothing that the request says of itself is too long; InvalidInput where it is."""
    if any(len(word) > LONGEST_UNIT for word in (place.unit, place.site, place.department)):
        raise InvalidInput(f"A unit id, a site and a department have at most {LONGEST_UNIT} characters each.")


def stops_file(var_dir: Path) -> Path:
    """Where a host keeps its stops."""
    return var_dir / "delivery" / "stops.json"


def as_flagged(flags: StopFlags, shelf: Shelf) -> Shelf:
    """The shelf as this host serves from it: its new version may be held back. Stopped: Conflict with the reason and the downtime text."""
    reason = flags.reason_for(shelf.name)
    if reason is not None:
        raise Conflict(
            f"This prompt is stopped: {reason.rstrip('.')}. Use the fallback workflow.",
            code="stopped",
            details={"downtime_text": shelf.downtime_text},
        )
    return held_back(shelf) if flags.is_held(shelf.name) else shelf


def no_such_prompt(name: str) -> NotFound:
    """What is said of a prompt that is not in the formulary."""
    return NotFound(f"The formulary has no prompt called {name[:60]}.")


def answer(shelf: Shelf, place: Place, now: datetime, mac: Mac) -> Served:
    """What this request gets from this shelf; Conflict where nothing is served, Refused or Unavailable for a faulty release."""
    choice = choose(shelf, place, now)
    if choice is None:
        raise Conflict(
            "No signed release of this prompt is live; use the fallback workflow.",
            code="nothing_live",
            details={"downtime_text": shelf.downtime_text},
        )
    content = {
        "prompt": shelf.name,
        "arm": "live" if choice.arm == "shadowed" else choice.arm,
        "reason": choice.reason,
        **_sound(choice.offered),
        "shadow": None if choice.silent is None else _sound(choice.silent),
    }
    decision = Decision(
        choice.offered.release_id,
        choice.arm,
        choice.step,
        unit_hash(place.unit, choice.salt),
        int(now.timestamp()),
    )
    return Served({**content, "decision_id": decision.to_id(mac)}, _etag(choice, place))


def _sound(offered: Offered) -> dict[str, Any]:
    if offered.fault is None:
        return dict(offered.content)
    code, sentence = offered.fault
    raise Unavailable(sentence, code=code) if code in NOT_YET else Refused(sentence, code=code)


def _etag(choice: Choice, place: Place) -> str:
    """The same while the same bytes are served to this unit in the same step.

    The step is part of it: a report carries the step of its decision, so an application must fetch a new one.
    """
    silent = "" if choice.silent is None else choice.silent.release_id
    parts = [choice.offered.release_id, choice.offered.manifest_sha256, choice.arm, choice.step, silent, place.unit]
    return sha256_hex(json.dumps(parts).encode())[:32]
