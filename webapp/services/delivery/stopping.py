"""Stops and holds made on a delivery host: they hold at once, whatever is down, and are entered in the audit log when it is back.

What must not live here: holding and rolling back a rollout, which people do on its page (``services.rollout``), and who may stop.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from webapp.acts.recording import enter
from webapp.acts.standing import State, standing_of
from webapp.adapters.outside import Outside
from webapp.adapters.stop_flags import EVERYTHING, HOLD, STOP, UNREADABLE, Stop, StopFlags
from webapp.adapters.store.schema import Leaf
from webapp.domain.workflow import Actor
from webapp.domain.workflow.situation import CONSOLE
from webapp.domain.workflow.stages import Role
from webapp.errors import AlreadyDone, Conflict, InvalidInput, NotFound

LATE_SECONDS = 60
LONGEST_REASON = 500
STOPPED, LIFTED = "delivery.stopped", "delivery.resumed"
VIA = "emergency"
"""How people act who gave their password to a delivery host."""
MENDING = "The list of stops on this host cannot be read, so everything is stopped. Mend or remove var/delivery/stops.json on the host."


def stop(
    outside: Outside,
    flags: StopFlags,
    prompt: str,
    reason: str,
    by: str,
    *,
    kind: str = STOP,
    person: Mapping[str, Any] | None = None,
) -> Stop:
    """From the next decision on this host serves nothing of this prompt (``*``: of any); with ``kind`` hold, nothing new. Needs no database.

    InvalidInput without a reason, AlreadyDone where that is so already. OSError where the disk takes nothing: then it is so in this process.
    """
    require_reason(reason)
    if not flags.is_readable:
        raise AlreadyDone(UNREADABLE)
    made = Stop(outside.new_id("stp"), prompt, reason.strip(), outside.now().isoformat(), by, kind=kind, person=person)
    if not flags.add(made):
        raise AlreadyDone("This is held here already." if kind == HOLD else "This is stopped here already.")
    return made


def lift(
    outside: Outside, flags: StopFlags, prompt: str, reason: str, by: str, *, person: Mapping[str, Any] | None = None
) -> None:
    """This host serves the prompt, or everything, again as signed: its stop and its hold are over. NotFound where there is none."""
    ids = [one.id for one in flags.all() if one.stands and one.prompt == prompt]
    if flags.is_readable and not ids:
        what = "Everything" if prompt == EVERYTHING else prompt
        raise NotFound(f"{what} is not stopped on this host; see `formulary kill --list`.")
    lift_these(outside, flags, ids, reason, by, person=person)


def lift_these(
    outside: Outside, flags: StopFlags, ids: list[str], reason: str, by: str, *, person: Mapping[str, Any] | None = None
) -> None:
    """These stops and holds are over; NotFound where none of them stands, Conflict where the list cannot be read."""
    require_reason(reason)
    if not flags.is_readable:
        raise Conflict(MENDING)
    at = outside.now().isoformat()
    if not flags.lift(ids, lifted_at=at, lifted_by=by, lift_reason=reason.strip(), lifted_person=person):
        raise NotFound("This does not stand any more; load the page again.")


def enter_stops(outside: Outside, flags: StopFlags) -> int:
    """Stops and their ends that the log does not know yet are entered, those of more than a minute ago as late; returns how many.

    Into a log that was rewound or edited nothing is entered; they wait until it is right again.
    """
    found = flags.all()
    if not found:
        return 0
    with outside.database.reading() as session:
        query = select(Leaf.entity_id, Leaf.type).where(Leaf.type.in_((STOPPED, LIFTED)))
        known = {(entity_id, kind) for entity_id, kind in session.execute(query)}
    missing = [
        (one, kind, at, payload) for one in found for kind, at, payload in _acts_of(one) if (one.id, kind) not in known
    ]
    if not missing or standing_of(outside).state is State.BROKEN:
        return 0
    with outside.database.writing() as session:
        for one, kind, at, payload in missing:
            is_late = outside.now() - datetime.fromisoformat(at) > timedelta(seconds=LATE_SECONDS)
            after = ("held", None) if one.kind == HOLD and kind == STOPPED else None
            who = _actor_of(one.person if kind == STOPPED else one.lifted_person)
            entity, reason = ("stop", one.id, None), "late" if is_late else None
            enter(outside, session, who, kind, entity, after=after, reason=reason, payload=payload)
    return len(missing)


def _actor_of(person: Mapping[str, Any] | None) -> Actor:
    """Who gave a password on this host, as known then; else the operator at its console."""
    if person is None:
        return CONSOLE
    return Actor(person["id"], person["name"], frozenset(Role(role) for role in person["roles"]), via=VIA)


def _acts_of(one: Stop) -> list[tuple[str, str, dict[str, str]]]:
    """The stop and, where it is over, its end: entry type, when, and what was typed."""
    made = {"prompt": one.prompt, "kind": one.kind, "reason": one.reason, "by": one.by, "at": one.at}
    if one.person is not None:
        made["person_known_at"] = one.person["known_at"]
    if one.lifted_at is None:
        return [(STOPPED, one.at, made)]
    ended = {"prompt": one.prompt, "reason": one.lift_reason or "", "by": one.lifted_by or "", "at": one.lifted_at}
    return [(STOPPED, one.at, made), (LIFTED, one.lifted_at, ended)]


def require_reason(reason: str) -> None:
    """There is a reason, and it is not too long; InvalidInput otherwise."""
    if not 0 < len(reason.strip()) <= LONGEST_REASON:
        sentence = f"Write why, in at most {LONGEST_REASON} characters; whoever is told to stop reads it."
        raise InvalidInput(sentence, details={"field": "reason"})
