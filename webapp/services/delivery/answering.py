"""Answering one request from a shelf: the decision, its id and its ETag."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
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
from webapp.domain.serving import Choice, Offered, Shelf, as_watched, choose, held_back
from webapp.errors import Conflict, InvalidInput, NotFound, Refused, Unavailable
from webapp.services.delivery.reading import read_shelf

LONGEST_UNIT = 200
HALF_A_CHARACTER = re.compile("[\ud800-\udfff]")
NOT_YET = frozenset({"release_not_sealed"})
"""Faults that pass by themselves."""


@dataclass(frozen=True)
class Served:
    """A decision for one unit. ``etag`` stays the same while nothing changes; id and document are made when they are asked for."""

    prompt: str
    choice: Choice
    decision: Decision
    etag: str
    mac: Mac

    @property
    def document(self) -> dict[str, Any]:
        """What the application gets."""
        silent = self.choice.silent
        shadow = None if silent is None else dict(silent.content)
        return {**self._head(), **self.choice.offered.content, "shadow": shadow}

    def to_json(self) -> bytes:
        """The document as JSON; what the releases say is not written anew."""
        silent = self.choice.silent
        shadow = "null" if silent is None else f"{{{silent.members[1:]}}}"
        return f'{json.dumps(self._head())[:-1]}{self.choice.offered.members},"shadow":{shadow}}}'.encode()

    def _head(self) -> dict[str, str]:
        arm = self.choice.arm
        return {
            "prompt": self.prompt,
            "arm": "live" if arm == "shadowed" else arm,
            "reason": self.choice.reason,
            "decision_id": self.decision.to_id(self.mac),
        }


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
    """Nothing that the request says of itself is too long, or no text; InvalidInput where it is."""
    words = (place.unit, place.site, place.department)
    if any(len(word) > LONGEST_UNIT for word in words):
        raise InvalidInput(f"A unit id, a site and a department have at most {LONGEST_UNIT} characters each.")
    if any(HALF_A_CHARACTER.search(word) for word in words):
        raise InvalidInput("A unit id, a site or a department holds half a character (a lone surrogate).")


def stops_file(var_dir: Path) -> Path:
    """Where a host keeps its stops."""
    return var_dir / "delivery" / "stops.json"


def as_flagged(flags: StopFlags, shelf: Shelf) -> Shelf:
    """The shelf as this host serves from it: its new version may be held back. Stopped: Conflict with the reason and the downtime text."""
    reason, is_held = flags.standing_for(shelf.name)
    if reason is not None:
        raise Conflict(
            f"This prompt is stopped: {reason.rstrip('.')}. Use the fallback workflow.",
            code="stopped",
            details={"downtime_text": shelf.downtime_text},
        )
    return held_back(shelf) if is_held else shelf


def no_such_prompt(name: str) -> NotFound:
    """What is said of a prompt that is not in the formulary."""
    return NotFound(f"The formulary has no prompt called {name[:60]}.")


def answer(shelf: Shelf, place: Place, now: datetime, mac: Mac) -> Served:
    """What this request gets from this shelf; Conflict where nothing is served, Refused or Unavailable for a faulty release.

    A faulty one in a silent run is left out; its units stay unpaired, so the step pauses as unmeasured.
    """
    choice = choose(as_watched(shelf, now), place, now)
    if choice is None and shelf.live is not None and shelf.live.only is not None:
        raise Conflict(
            f"This prompt is restricted to {shelf.live.only.words}; use the fallback workflow.",
            code="restricted",
            details={"downtime_text": shelf.downtime_text},
        )
    if choice is None:
        raise Conflict(
            "No signed release of this prompt is live; use the fallback workflow.",
            code="nothing_live",
            details={"downtime_text": shelf.downtime_text},
        )
    _require_sound(choice.offered)
    if choice.silent is not None and choice.silent.fault is not None:
        choice = replace(choice, silent=None)  # whoever is shown the live version never waits for what nobody sees
    hashed = unit_hash(place.unit, choice.salt)
    decision = Decision(choice.offered.release_id, choice.arm, choice.step, hashed, int(now.timestamp()))
    return Served(shelf.name, choice, decision, _etag(choice, place), mac)


def _require_sound(offered: Offered) -> None:
    if offered.fault is not None:
        code, sentence = offered.fault
        raise Unavailable(sentence, code=code) if code in NOT_YET else Refused(sentence, code=code)


def _etag(choice: Choice, place: Place) -> str:
    """The same while the same bytes are served to this unit in the same step.

    The step is part of it: a report carries the step of its decision, so an application must fetch a new one.
    """
    silent = "" if choice.silent is None else choice.silent.release_id
    offered = choice.offered
    said = f"{offered.release_id}.{offered.manifest_sha256}.{choice.arm}.{choice.step}.{silent}.{place.unit}"
    return sha256_hex(said.encode())[:32]
