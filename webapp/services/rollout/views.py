"""The rollout page: steps in words and dates, safety limits, who runs what. Reading only; moves stand in ``moves``."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.acts.rollout_facts import step_seen
from webapp.acts.situation import load_change, read_situation
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Change, Interaction, Release, Rollout, Token, Version
from webapp.domain.guardrails import RATIO, TABLE
from webapp.domain.plan import Step, read_plan
from webapp.domain.plan_words import KINDS, UNITS, duration_words, reach_words
from webapp.domain.rollout import LimitSeen, StepSeen, judge_step, units_counted
from webapp.domain.workflow import Actor, Offer, Stage, offers
from webapp.errors import Conflict

_WHOM_TO_CALL = Token.owner_contact + ", " + Token.owner_phone
ARM_WORDS = {"live": "live", "candidate": "new", "shadow": "new, silently"}


@dataclass(frozen=True)
class StepView:
    """One step of the plan as the page shows it."""

    words: str
    share: str
    state: str
    entry: str
    exit: str
    dates: str
    units_seen: int
    units_needed: int
    unit: str
    verdict: str | None


@dataclass(frozen=True)
class GuardrailView:
    """One safety limit of the present step, with what was seen in words. ``live`` is empty where no live version runs beside it."""

    words: str
    verdict: str
    new: str
    live: str
    difference: str


@dataclass(frozen=True)
class ApplicationView:
    """An application that reported on this prompt: which versions it ran and when it was last heard."""

    name: str
    owner_contact: str
    arms: str
    last_seen: datetime


@dataclass(frozen=True)
class RolloutView:
    """The page of a rollout. ``state``: none, running, paused, held, complete, rolled_back."""

    change: Change
    prompt_name: str
    live_label: str | None
    new_label: str
    state: str
    serves: str
    state_reason: str | None
    steps: tuple[StepView, ...]
    guardrails: tuple[GuardrailView, ...]
    offers: tuple[Offer, ...]
    applications: tuple[ApplicationView, ...]
    downtime_text: str
    released_by_policy: bool


def show_rollout(outside: Outside, actor: Actor, change_id: str) -> RolloutView:
    """The rollout of this change, planned or running, with what is open to this person."""
    with outside.database.reading() as session:
        case = load_change(session, change_id)
        if case.revision is None:
            raise Conflict("This change was never submitted, so there is no plan yet.")
        situation = read_situation(outside, session, case, actor)
        rollout = session.scalar(select(Rollout).where(Rollout.change_id == change_id))
        plan = read_plan(rollout.plan if rollout else case.revision.plan)
        seen = step_seen(session, rollout) if rollout else StepSeen()
        live = session.get(Release, case.prompt.live_release_id or "")
        return RolloutView(
            change=case.change,
            prompt_name=case.prompt.name,
            live_label=live.label if live else None,
            new_label=session.get_one(Version, case.revision.version_id).label,
            state=rollout.state if rollout else "none",
            serves=rollout.serves if rollout else "plan",
            state_reason=rollout.state_reason if rollout else None,
            steps=tuple(_step_view(number, step, rollout, seen) for number, step in enumerate(plan.steps)),
            guardrails=_guardrails(plan.steps[rollout.step_index], seen) if rollout else (),
            offers=_stops_first(offers(situation)) if case.change.stage == Stage.ROLLOUT.value or rollout else (),
            applications=_applications(session, case.prompt.id),
            downtime_text=case.revision.downtime_text,
            released_by_policy=bool(
                session.scalar(select(Release.id).where(Release.change_id == change_id, Release.released_by_policy))
            ),
        )


def _stops_first(found: tuple[Offer, ...]) -> tuple[Offer, ...]:
    """Hold and roll back stand on top, whatever else is open."""
    return tuple(sorted(found, key=lambda offer: offer.move.name not in ("hold", "roll_back")))


def _step_view(number: int, step: Step, rollout: Rollout | None, seen: StepSeen) -> StepView:
    present = -1 if rollout is None else rollout.step_index
    unit = UNITS[step.unit]
    is_present = number == present
    return StepView(
        words=KINDS[step.kind],
        share=reach_words(step),
        state=_step_state(number, rollout),
        entry="the author starts the rollout" if number == 0 else f"an informaticist advances from step {number}",
        exit=_exit_words(step, unit),
        dates=_date_words(step, rollout if is_present else None, number < present),
        units_seen=units_counted(step, seen) if is_present else 0,
        units_needed=step.min_units,
        unit=f"{unit} per version" if not step.serves_everyone else unit,
        verdict=None,
    )


def _guardrails(step: Step, seen: StepSeen) -> tuple[GuardrailView, ...]:
    return tuple(
        GuardrailView(TABLE[limit.name].words, limit.verdict.value, *_seen_words(limit))
        for limit in judge_step(step, seen)
    )


def _seen_words(limit: LimitSeen) -> tuple[str, str, str]:
    """What was seen with the new version and with live, and the difference with its bounds."""
    new = f"{limit.n_new} units" if limit.events is None else f"{limit.events} in {limit.n_new} units"
    live = "" if limit.n_live is None else f"{limit.n_live} units"
    if limit.found is None:
        return new, live, ""
    if TABLE[limit.name].measure == RATIO:
        middle, low, high = (
            100 * math.expm1(value) for value in (limit.found.estimate, limit.found.low, limit.found.high)
        )
        return new, live, f"{middle:+.0f} % ({low:+.0f} to {high:+.0f} %)"
    middle, low, high = (100 * value for value in (limit.found.estimate, limit.found.low, limit.found.high))
    return new, live, f"{middle:+.1f} points of 100 ({low:+.1f} to {high:+.1f})"


def _step_state(number: int, rollout: Rollout | None) -> str:
    if rollout is None or number > rollout.step_index:
        return "waiting"
    if number < rollout.step_index or rollout.state == "complete":
        return "done"
    return "current" if rollout.state == "running" else "stopped"


def _exit_words(step: Step, unit: str) -> str:
    wait = duration_words(step.bake_seconds)
    return f"the waiting time of {wait} is over, {step.min_units} {unit} were seen and every safety limit holds"


def _date_words(step: Step, rollout: Rollout | None, is_past: bool) -> str:
    if rollout is not None:
        ends = rollout.step_entered_at + timedelta(seconds=step.bake_seconds)
        return f"Since {rollout.step_entered_at:%-d %b %Y, %H:%M} UTC; waiting time until {ends:%-d %b %Y, %H:%M} UTC"
    return "Over" if is_past else f"Waiting time {duration_words(step.bake_seconds)}"


def _applications(session: Session, prompt_id: str) -> tuple[ApplicationView, ...]:
    query = (
        select(Token.name, _WHOM_TO_CALL, Interaction.arm, func.max(Interaction.received_at))
        .join(Token, Token.id == Interaction.token_id)
        .where(Interaction.prompt_id == prompt_id)
        .group_by(Token.id, Token.name, Token.owner_contact, Token.owner_phone, Interaction.arm)
        .order_by(Token.name, Token.id)
    )
    found: dict[tuple[str, str], dict[str, datetime]] = {}
    for name, contact, arm, last in session.execute(query):
        found.setdefault((name, contact), {})[arm] = last
    return tuple(
        ApplicationView(name, contact, " and ".join(sorted(ARM_WORDS[arm] for arm in arms)), max(arms.values()))
        for (name, contact), arms in found.items()
    )
