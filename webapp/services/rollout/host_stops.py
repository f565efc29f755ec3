"""Stops and holds of a prompt that stand on delivery hosts, as the audit log knows them, and which applications have met the newest.

What must not live here: making and lifting them, which needs no database (``services.delivery``).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.acts.situation import load_change
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Leaf, Prompt, Release, Rollout
from webapp.errors import NotFound
from webapp.services.rollout.applications import LOOK_BACK, applications_of
from webapp.services.rollout.arrivals import Arrivals, arrivals, confirmation_of
from webapp.services.rollout.history import typed_with

STOPPED, LIFTED = "delivery.stopped", "delivery.resumed"
EVERYTHING = "*"


@dataclass(frozen=True)
class HostStop:
    """One stop on one delivery host that was not lifted; ``is_hold``: only the new version is kept back. ``seq``: its entry."""

    prompt: str
    is_hold: bool
    by: str
    reason: str
    at: datetime
    seq: int


@dataclass(frozen=True)
class HostStopsView:
    """The stops of a prompt on delivery hosts, newest first, and who has met the newest."""

    prompt_name: str
    stops: tuple[HostStop, ...]
    arrivals: Arrivals
    live_label: str | None
    downtime_text: str


def show_host_stops(outside: Outside, prompt_name: str) -> HostStopsView:
    """What stands on delivery hosts for this prompt; NotFound where there is no such prompt."""
    with outside.database.reading() as session:
        prompt = session.scalar(select(Prompt).where(Prompt.name == prompt_name))
        if prompt is None:
            raise NotFound(f"The formulary has no prompt called {prompt_name[:60]}.")
        stops, live = standing_host_stops(session, prompt_name), session.get(Release, prompt.live_release_id or "")
        rollout = session.scalars(
            select(Rollout).where(Rollout.prompt_id == prompt.id).order_by(Rollout.started_at.desc())
        ).first()
        revision = None if rollout is None else load_change(session, rollout.change_id).revision
        return HostStopsView(
            prompt_name=prompt_name,
            stops=stops,
            arrivals=_arrivals(outside, session, prompt, rollout, stops[0]) if stops else Arrivals(),
            live_label=live.label if live else None,
            downtime_text=revision.downtime_text if revision else "",
        )


def standing_host_stops(session: Session, prompt_name: str) -> tuple[HostStop, ...]:
    """Those that concern this prompt and were not lifted, as far as their hosts could enter it, newest first."""
    lifted = select(Leaf.entity_id).where(Leaf.type == LIFTED)
    query = select(Leaf).where(Leaf.type == STOPPED, Leaf.entity_id.not_in(lifted)).order_by(Leaf.seq.desc())
    found = (_host_stop(session, leaf) for leaf in session.scalars(query))
    return tuple(stop for stop in found if stop.prompt in (EVERYTHING, prompt_name))


def _host_stop(session: Session, leaf: Leaf) -> HostStop:
    """One whose text was erased concerns every prompt: nobody can say any more that it does not."""
    entry = json.loads(leaf.content)
    said = typed_with(session, entry)
    return HostStop(
        prompt=said.get("prompt", EVERYTHING),
        is_hold=(entry.get("after") or {}).get("state") == "held",
        by=said.get("by", entry["actor"]["name"]),
        reason=said.get("reason", ""),
        at=datetime.fromisoformat(said["at"]) if "at" in said else leaf.at,
        seq=leaf.seq,
    )


def _arrivals(outside: Outside, session: Session, prompt: Prompt, rollout: Rollout | None, stop: HostStop) -> Arrivals:
    """A stop concerns whatever is served; a hold the new version."""
    now = outside.now()
    stopped_id = rollout.release_id if rollout is not None and stop.is_hold else None
    found = applications_of(session, prompt, min(stop.at, now) - LOOK_BACK, now)
    return arrivals(confirmation_of(one, stop, stopped_id) for one in found if one.fetches or one.ran)
