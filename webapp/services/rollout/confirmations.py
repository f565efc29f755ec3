"""Whether a stop has arrived: which applications have fetched since, when the others were last seen, and whom to phone. Reading only.

Fetching is the proof: whoever met a state from after the stop has it. A call of the live version proves nothing, because most units had
that one before.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.acts.situation import Case, load_change
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Change, Release, Rollout, Signature, Version
from webapp.domain.plan import read_plan
from webapp.domain.record.canonical import sha256_hex
from webapp.errors import Conflict
from webapp.services.rollout.applications import ApplicationView, applications_of
from webapp.services.rollout.history import STOPS, RolloutEvent, rollout_events

SETTLED = timedelta(seconds=5)
"""From the act itself until every reader of the database has it, with room to spare."""
CUT_OFF_SECONDS = 120
"""How old a client's snapshot may be for it to serve a new version that is not live for everyone."""
STILL, WAITING, NEVER, OVER, CONFIRMED = "still", "waiting", "never", "over", "confirmed"
ORDER = (STILL, WAITING, OVER, NEVER, CONFIRMED)


@dataclass(frozen=True)
class Confirmation:
    """One application after the stop. ``state``: still (it ran what is stopped, afterwards), waiting (not seen to fetch since), over (its
    token opens nothing any more), never (it has not fetched or called yet) or confirmed; ``at``: the call or fetch that says so.
    """

    application: ApplicationView
    state: str
    at: datetime | None


@dataclass(frozen=True)
class ConfirmationsView:
    """The list after the newest stop of a rollout. ``stop`` None: nothing is stopped.

    ``now_runs``: the label that everyone gets now; None: nothing. ``keeps_new``: who was in keeps the new version. ``cut_off_seconds``: how
    long an application with our client that cannot fetch may go on with the new version. ``mark`` is the same while the list is.
    """

    change: Change
    prompt_name: str
    new_label: str
    state: str
    stop: RolloutEvent | None
    now_runs: str | None
    keeps_new: bool
    cut_off_seconds: int
    rows: tuple[Confirmation, ...]
    downtime_text: str
    signature_id: str | None

    @property
    def confirmed(self) -> int:
        """How many have it."""
        return sum(row.state == CONFIRMED for row in self.rows)

    @property
    def expected(self) -> int:
        """How many there are to reach: all but those that never asked for this prompt."""
        return sum(row.state != NEVER for row in self.rows)

    @property
    def is_all(self) -> bool:
        """Has every application that is to be reached confirmed it?"""
        return self.confirmed == self.expected

    @property
    def mark(self) -> str:
        """Changes when the list does."""
        return sha256_hex(repr([(row.application.name, row.state, row.at) for row in self.rows]).encode())[:16]


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
            rows=() if stop is None else _rows(outside, session, case, rollout, stop.at),
            downtime_text=case.revision.downtime_text,
            signature_id=None if stop is None else _signature_of(session, change_id, stop),
        )


def confirmation_of(
    application: ApplicationView, stopped_at: datetime, stopped_ids: frozenset[str], *, keeps_new: bool
) -> Confirmation:
    """Where one application stands after a stop of these releases."""
    ran_at = max((ran.last_at for ran in application.ran if ran.release_id in stopped_ids), default=None)
    fetched_at = application.last_fetched_at
    has_it = fetched_at is not None and fetched_at >= stopped_at + SETTLED
    ran_after = ran_at is not None and ran_at > max(filter(None, (stopped_at, fetched_at if has_it else None)))
    if ran_after and not keeps_new:
        return Confirmation(application, STILL, ran_at)
    if has_it:
        return Confirmation(application, CONFIRMED, fetched_at)
    if application.over:
        return Confirmation(application, OVER, application.last_seen)
    if fetched_at is None and not application.ran:
        return Confirmation(application, NEVER, application.last_seen)
    return Confirmation(application, WAITING, application.last_seen)


def _rows(
    outside: Outside, session: Session, case: Case, rollout: Rollout, stopped_at: datetime
) -> tuple[Confirmation, ...]:
    found = applications_of(session, case.prompt, rollout.started_at, outside.now())
    rows = (
        confirmation_of(one, stopped_at, frozenset({rollout.release_id}), keeps_new=rollout.serves == "freeze")
        for one in found
        if one.fetches or _ran(one, rollout.release_id)
    )
    return _in_order(rows)


def _in_order(rows: Iterable[Confirmation]) -> tuple[Confirmation, ...]:
    """Whoever has to be phoned first."""
    return tuple(sorted(rows, key=lambda row: (ORDER.index(row.state), row.application.name)))


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
