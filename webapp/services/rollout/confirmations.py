"""Whether a stop has arrived: which applications have fetched since, when the others were last seen, and whom to phone. Reading only.

What must not live here: when a stop has arrived (``arrivals``), and stops on delivery hosts (``host_stops``).
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.acts.situation import Case, load_change
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Change, Release, Rollout, Signature, Version
from webapp.domain.plan import read_plan
from webapp.errors import Conflict
from webapp.services.rollout.applications import ApplicationView, applications_of
from webapp.services.rollout.arrivals import Arrivals, arrivals, confirmation_of
from webapp.services.rollout.history import STOPS, RolloutEvent, rollout_events

CUT_OFF_SECONDS = 120
"""How old a client's snapshot may be for it to serve a new version that is not live for everyone."""


@dataclass(frozen=True)
class ConfirmationsView:
    """The list after the newest stop of a rollout. ``stop`` None: nothing is stopped.

    ``now_runs``: the label that everyone gets now; None: nothing. ``keeps_new``: who was in keeps the new version. ``cut_off_seconds``: how
    long an application with our client that cannot fetch may go on with the new version.
    """

    change: Change
    prompt_name: str
    new_label: str
    state: str
    stop: RolloutEvent | None
    now_runs: str | None
    keeps_new: bool
    cut_off_seconds: int
    arrivals: Arrivals
    downtime_text: str
    signature_id: str | None


def show_confirmations(outside: Outside, change_id: str) -> ConfirmationsView:
    """Which applications have the newest stop of this change's rollout; Conflict where no rollout ever began."""
    with outside.database.reading() as session:
        case = load_change(session, change_id)
        rollout = session.scalar(select(Rollout).where(Rollout.change_id == change_id))
        if rollout is None or case.revision is None:
            raise Conflict("The rollout of this change has not started, so there is nothing to stop.")
        stop = _standing_stop(rollout, rollout_events(session, change_id))
        live = session.get(Release, case.prompt.live_release_id or "")
        return ConfirmationsView(
            change=case.change,
            prompt_name=case.prompt.name,
            new_label=session.get_one(Version, case.revision.version_id).label,
            state=rollout.state,
            stop=stop,
            now_runs=live.label if live else None,
            keeps_new=rollout.serves == "freeze",
            cut_off_seconds=_cut_off_seconds(rollout),
            arrivals=Arrivals() if stop is None else _arrivals(outside, session, case, rollout, stop),
            downtime_text=case.revision.downtime_text,
            signature_id=None if stop is None else _signature_of(session, change_id, stop),
        )


def _arrivals(outside: Outside, session: Session, case: Case, rollout: Rollout, stop: RolloutEvent) -> Arrivals:
    keeps_new, release_id = rollout.serves == "freeze", rollout.release_id
    found = applications_of(session, case.prompt, rollout.started_at, outside.now())
    reached = (one for one in found if one.fetches or _ran(one, release_id))
    return arrivals(confirmation_of(one, stop, release_id, keeps_new=keeps_new) for one in reached)


def _ran(application: ApplicationView, release_id: str) -> bool:
    return any(ran.release_id == release_id for ran in application.ran)


def _cut_off_seconds(rollout: Rollout) -> int:
    """As the plan says where the new version was live for everyone; else as the client does with any new version."""
    plan = read_plan(rollout.plan)
    return plan.offline_seconds if plan.steps[rollout.step_index].serves_everyone else CUT_OFF_SECONDS


def _standing_stop(rollout: Rollout, events: tuple[RolloutEvent, ...]) -> RolloutEvent | None:
    """The move by which the rollout stands now; None while it runs or after it was completed."""
    if rollout.state not in ("held", "paused", "rolled_back"):
        return None
    return next((event for event in reversed(events) if event.move in STOPS), None)


def _signature_of(session: Session, change_id: str, stop: RolloutEvent) -> str | None:
    """The signature of a stop that a person made."""
    query = select(Signature.id).where(Signature.change_id == change_id, Signature.move == stop.move)
    return None if stop.system else session.scalars(query.order_by(Signature.signed_at.desc())).first()
