"""How many units a prompt meets, read from the reports of the last weeks, and what that makes of a plan, in words and dates.

What must not live here: the arithmetic (``webapp.domain.plan_dates``).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Interaction, Prompt, Rollout, Token
from webapp.domain.plan import DAY_SECONDS, Plan, read_plan
from webapp.domain.plan_dates import PERIOD_DAYS, Volume, calendar, days_words, pace_of, pace_words
from webapp.domain.plan_words import UNITS, per_day_words, reach_words


@dataclass(frozen=True)
class StepOutlook:
    """One step at this prompt's volume: its number from 1, whom it reaches, its dates, and how long its units take."""

    number: int
    reach: str
    dates: str
    pace: str


@dataclass(frozen=True)
class Outlook:
    """A plan at this prompt's volume. ``volume`` says in a sentence what the dates are computed from, or why there are none."""

    volume: str
    steps: tuple[StepOutlook, ...]


def read_volume(outside: Outside, session: Session, prompt: Prompt) -> Volume | None:
    """The units that were reported of this prompt lately; None where nothing was, or for less than a day."""
    now = outside.now()
    first = session.scalar(select(func.min(Interaction.received_at)).where(Interaction.prompt_id == prompt.id))
    since = now - timedelta(days=PERIOD_DAYS)
    seconds = 0.0 if first is None else (now - max(first, since)).total_seconds()
    if seconds < DAY_SECONDS:
        return None
    met = (
        select(Interaction.subgroup["site"].as_string().label("site"), Token.name, Interaction.unit_hash)
        .join(Token, Token.id == Interaction.token_id)
        .where(Interaction.prompt_id == prompt.id, Interaction.received_at >= since)
        .distinct()
        .subquery()
    )
    query = select(met.c.site, met.c.name, func.count()).group_by(met.c.site, met.c.name)
    sources = tuple((site or "", application, units) for site, application, units in session.execute(query))
    return Volume(_unit(session, prompt), seconds / DAY_SECONDS, sources) if sources else None


def _unit(session: Session, prompt: Prompt) -> str:
    """What this prompt's applications take for a unit, by the plan of its newest rollout."""
    query = select(Rollout.plan).where(Rollout.prompt_id == prompt.id).order_by(Rollout.started_at.desc())
    plan = session.scalars(query.limit(1)).first()
    return "encounter" if plan is None else read_plan(plan).steps[-1].unit


def outlook(
    plan: Plan,
    volume: Volume | None,
    now: datetime,
    *,
    has_live: bool,
    first: int = 0,
    entered: datetime | None = None,
    seen: int = 0,
) -> Outlook:
    """What becomes of each step from ``first`` on, which was entered at ``entered``, now unless said, and saw ``seen`` units."""
    days = calendar(plan, volume, now, has_live=has_live, first=first, entered=entered, seen=seen)
    steps = []
    for number, step in enumerate(plan.steps[first:]):
        pace = pace_of(step, volume, has_live=has_live, seen=0 if number else seen)
        steps.append(
            StepOutlook(first + number + 1, reach_words(step), days_words(days[number]), pace_words(step, pace))
        )
    return Outlook(volume_words(volume), tuple(steps))


def plan_outlook(outside: Outside, session: Session, prompt: Prompt, plan: Plan) -> Outlook:
    """The outlook of a plan that has not started, were it started now."""
    has_live = prompt.live_release_id is not None
    return outlook(plan, read_volume(outside, session, prompt), outside.now(), has_live=has_live)


def volume_words(volume: Volume | None) -> str:
    """What the dates are computed from."""
    if volume is None:
        return "No application has reported on this prompt for long enough, so dates cannot be told."
    per_day = per_day_words((volume.met() or 0) / volume.days)
    days = f"{volume.days:.0f} day{'s' if round(volume.days) != 1 else ''}"
    return f"Computed from {per_day} {UNITS[volume.unit]} a day, as reported in the last {days}."
