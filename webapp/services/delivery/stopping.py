"""Stops made on a delivery host: they hold at once, whatever is down, and are entered in the audit log when it is back.

What must not live here: holding and rolling back a rollout, which people do on its page (``services.rollout``).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from webapp.acts.recording import enter
from webapp.adapters.outside import Outside
from webapp.adapters.stop_flags import EVERYTHING, Stop, StopFlags
from webapp.adapters.store.schema import Leaf
from webapp.domain.workflow.situation import CONSOLE
from webapp.errors import AlreadyDone, InvalidInput, NotFound

LATE_SECONDS = 60
LONGEST_REASON = 500
STOPPED, LIFTED = "delivery.stopped", "delivery.resumed"


def stop(outside: Outside, flags: StopFlags, prompt: str, reason: str, by: str) -> Stop:
    """From the next decision on this host serves nothing of this prompt, or (``*``) nothing at all. Needs no database.

    InvalidInput without a reason, AlreadyDone where it is stopped already.
    """
    _require_reason(reason)
    if any(one.prompt == prompt and one.lifted_at is None for one in flags.all()):
        raise AlreadyDone("This is stopped here already.")
    made = Stop(outside.new_id("stp"), prompt, reason.strip(), outside.now().isoformat(), by)
    flags.add(made)
    return made


def lift(outside: Outside, flags: StopFlags, prompt: str, reason: str, by: str) -> None:
    """This host serves the prompt, or everything, again as signed; NotFound where nothing of that name is stopped."""
    _require_reason(reason)
    if not flags.lift(prompt, at=outside.now().isoformat(), by=by, reason=reason.strip()):
        what = "Everything" if prompt == EVERYTHING else prompt
        raise NotFound(f"{what} is not stopped on this host; see `formulary kill --list`.")


def enter_stops(outside: Outside, flags: StopFlags) -> int:
    """Stops and their ends that the log does not know yet are entered, those of more than a minute ago as late; returns how many."""
    found = flags.all()
    if not found:
        return 0
    with outside.database.reading() as session:
        query = select(Leaf.entity_id, Leaf.type).where(Leaf.type.in_((STOPPED, LIFTED)))
        known = {(entity_id, kind) for entity_id, kind in session.execute(query)}
    missing = [
        (one, kind, at, payload) for one in found for kind, at, payload in _acts_of(one) if (one.id, kind) not in known
    ]
    if missing:
        with outside.database.writing() as session:
            for one, kind, at, payload in missing:
                is_late = outside.now() - datetime.fromisoformat(at) > timedelta(seconds=LATE_SECONDS)
                entity = ("stop", one.id, None)
                enter(outside, session, CONSOLE, kind, entity, reason="late" if is_late else None, payload=payload)
    return len(missing)


def _acts_of(one: Stop) -> list[tuple[str, str, dict[str, str]]]:
    """The stop and, where it is over, its end: entry type, when, and what was typed."""
    made = {"prompt": one.prompt, "reason": one.reason, "by": one.by, "at": one.at}
    if one.lifted_at is None:
        return [(STOPPED, one.at, made)]
    ended = {"prompt": one.prompt, "reason": one.lift_reason or "", "by": one.lifted_by or "", "at": one.lifted_at}
    return [(STOPPED, one.at, made), (LIFTED, one.lifted_at, ended)]


def _require_reason(reason: str) -> None:
    if not 0 < len(reason.strip()) <= LONGEST_REASON:
        raise InvalidInput(f"Write why, in at most {LONGEST_REASON} characters; whoever is told to stop reads it.")
