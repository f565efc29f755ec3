"""The rollout page: steps in words and dates, safety limits, who runs what, what happened. Reading only; moves stand in ``moves``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.acts.answering_models import why_not_answering
from webapp.acts.live import earlier_releases, live_before
from webapp.acts.rollout_facts import step_seen
from webapp.acts.situation import Case, load_change, situation_as_asked
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Change, Release, Rollout, Version
from webapp.domain.plan import Step, read_plan
from webapp.domain.plan_words import UNITS
from webapp.domain.rollout import LONGEST_PAUSE_SECONDS, StepSeen, has_wrong_shares
from webapp.domain.serving import LONGEST_UNWATCHED_SECONDS
from webapp.domain.workflow import Actor, Offer, Stage, offers
from webapp.errors import Conflict
from webapp.services.rollout.applications import LOOK_BACK, ApplicationView, applications_of
from webapp.services.rollout.history import RolloutEvent, rollout_events, steps_entered
from webapp.services.rollout.host_stops import HostStop, standing_host_stops
from webapp.services.rollout.limit_words import counted
from webapp.services.rollout.limits_shown import LimitView, confidence_of, limits_shown
from webapp.services.rollout.steps_shown import Past, StepView, steps_shown, units_by_step

STOPS = ("hold", "roll_back")


@dataclass(frozen=True)
class SharesView:
    """How many units got the new version, against the plan. ``are_wrong``: something assigns otherwise than planned."""

    words: str
    are_wrong: bool


@dataclass(frozen=True)
class RolloutView:
    """The page of a rollout. ``state``: none, running, paused, held, complete, rolled_back.

    ``is_serving``: does anybody get the new version now, so that there is something to stop? ``returns_to``: what everyone gets after a
    roll back; None: nothing; ``returns_fault``: why the model of that, or of the version before, does not answer. ``is_unwatched``: the
    watch has not looked for so long that everyone gets the live version. ``confidence`` of each bound; ``stopped_at`` and ``ended_at`` as
    the rollout has them.
    """

    change: Change
    prompt_name: str
    live_label: str | None
    new_label: str
    state: str
    serves: str
    state_reason: str | None
    stopped_at: datetime | None
    ended_at: datetime | None
    watched_at: datetime | None
    last_report_at: datetime | None
    is_serving: bool
    returns_to: str | None
    returns_fault: str | None
    is_unwatched: bool
    confidence: float
    shares: SharesView | None
    steps: tuple[StepView, ...]
    guardrails: tuple[LimitView, ...]
    offers: tuple[Offer, ...]
    applications: tuple[ApplicationView, ...]
    events: tuple[RolloutEvent, ...]
    host_stops: tuple[HostStop, ...]
    downtime_text: str
    released_by_policy: bool

    @property
    def stops(self) -> tuple[Offer, ...]:
        """What this person can stop it with."""
        return tuple(offer for offer in self.offers if offer.move.name in STOPS and offer.is_open)

    @property
    def onward(self) -> tuple[Offer, ...]:
        """The moves that could come next, also while they are closed."""
        return tuple(offer for offer in self.offers if offer.move.name not in STOPS)

    @property
    def gives_up_at(self) -> datetime | None:
        """When a pause by a safety limit becomes a roll back."""
        if self.state != "paused" or self.stopped_at is None:
            return None
        return self.stopped_at + timedelta(seconds=LONGEST_PAUSE_SECONDS)

    @property
    def present_step(self) -> tuple[int, StepView] | None:
        """The number and the step in which the rollout is."""
        found = [(number, step) for number, step in enumerate(self.steps, 1) if step.state in ("current", "stopped")]
        return found[0] if found else None


def show_rollout(outside: Outside, actor: Actor, change_id: str) -> RolloutView:
    """The rollout of this change, planned or running, with what is open to this person."""
    with outside.database.reading() as session:
        case = load_change(session, change_id)
        if case.revision is None:
            raise Conflict("This change was never submitted, so there is no plan yet.")
        situation = situation_as_asked(outside, session, case, actor)
        rollout = session.scalar(select(Rollout).where(Rollout.change_id == change_id))
        plan = read_plan(rollout.plan if rollout else case.revision.plan)
        seen = step_seen(session, rollout) if rollout else StepSeen()
        live = session.get(Release, case.prompt.live_release_id or "")
        events, now = rollout_events(session, change_id), outside.now()
        past = Past()
        if rollout is not None:
            past = Past(steps_entered(events), rollout.ended_at, units_by_step(session, rollout))
        step = plan.steps[rollout.step_index] if rollout else plan.steps[0]
        returns_to, returns_fault = _returns_to(outside, session, case, rollout, live)
        since = rollout.started_at if rollout else now - LOOK_BACK
        is_begun = case.change.stage == Stage.ROLLOUT.value or rollout is not None
        return RolloutView(
            change=case.change,
            prompt_name=case.prompt.name,
            live_label=live.label if live else None,
            new_label=session.get_one(Version, case.revision.version_id).label,
            state=rollout.state if rollout else "none",
            serves=rollout.serves if rollout else "plan",
            state_reason=rollout.state_reason if rollout else None,
            stopped_at=rollout.stopped_at if rollout else None,
            ended_at=rollout.ended_at if rollout else None,
            watched_at=rollout.watched_at if rollout else None,
            last_report_at=seen.last_report_at,
            is_serving=rollout is not None and _is_serving(case, rollout),
            returns_to=returns_to,
            returns_fault=returns_fault,
            is_unwatched=rollout is not None and _is_unwatched(rollout, now),
            confidence=confidence_of(step),
            shares=_shares(step, seen) if rollout else None,
            steps=steps_shown(plan, rollout, seen, past, now),
            guardrails=limits_shown(step, seen) if rollout else (),
            offers=_stops_first(offers(situation, _moves_of(rollout, len(plan.steps)))) if is_begun else (),
            applications=applications_of(session, case.prompt, since, now),
            events=events[::-1],
            host_stops=standing_host_stops(session, case.prompt.name),
            downtime_text=case.revision.downtime_text,
            released_by_policy=bool(
                session.scalar(select(Release.id).where(Release.change_id == change_id, Release.released_by_policy))
            ),
        )


def _moves_of(rollout: Rollout | None, steps: int) -> tuple[str, ...]:
    """What can stop it or comes next. Other moves are not asked for here: each reads facts, and none of those may be in a stop's way."""
    if rollout is None:
        return ("start",)
    is_last = rollout.step_index == steps - 1
    onward = {"running": ("complete",) if is_last else ("advance",), "paused": ("resume",), "held": ("resume",)}
    return (*STOPS, *onward.get(rollout.state, ()))


def _stops_first(found: tuple[Offer, ...]) -> tuple[Offer, ...]:
    """Hold and roll back stand on top, whatever else is open."""
    return tuple(sorted(found, key=lambda offer: offer.move.name not in STOPS))


def _is_unwatched(rollout: Rollout, now: datetime) -> bool:
    if rollout.state != "running" or rollout.watched_at is None:
        return False
    return now - rollout.watched_at >= timedelta(seconds=LONGEST_UNWATCHED_SECONDS)


def _shares(step: Step, seen: StepSeen) -> SharesView | None:
    """None where no shares can be compared: in a silent run, with nothing live beside, before anybody reported."""
    if step.kind == "shadow" or step.is_alone or not seen.has_live or not seen.units:
        return None
    unit = UNITS[step.unit]
    new, all_units = len(seen.arm(True)), len(seen.units)
    rate = f"{100 * new / all_units:.1f} %"
    planned = f"{step.share_basis_points / 100:g} %"
    return SharesView(
        f"{new:,} of {counted(all_units, unit)} got the new version ({rate}); planned {planned}.",
        has_wrong_shares(step, seen),
    )


def _is_serving(case: Case, rollout: Rollout) -> bool:
    """Can anybody get the new version: a rollout under way or held back, or one whose release is live."""
    return rollout.ended_at is None or rollout.state == "held" or case.prompt.live_release_id == rollout.release_id


def _returns_to(
    outside: Outside, session: Session, case: Case, rollout: Rollout | None, live: Release | None
) -> tuple[str | None, str | None]:
    """The label of what everyone gets after a roll back, and why the model of it, or of the version before, does not answer."""
    if live is None:
        return None, None
    if rollout is None or live.id != rollout.release_id:
        return live.label, why_not_answering(outside, session, live)
    before = live_before(outside, session, case.prompt, live)
    if before is not None:
        return before.label, None
    gone = next(earlier_releases(outside, session, case.prompt, live), None)
    return None, None if gone is None else why_not_answering(outside, session, gone)
