"""Runs and how far the present one is: the lines and sentences of the page.

What must not live here: what a run says (``result_view``).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.acts.live_answers import recorded_day
from webapp.acts.runs import FALLBACK
from webapp.acts.situation import Case
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Run
from webapp.domain.evaluation.words import amount
from webapp.errors import Unavailable
from webapp.services.evaluation.estimating import estimate_run

STATE_WORDS = {
    "queued": "Waiting for a worker",
    "running": "Running",
    "complete": "Complete",
    "incomplete": "Incomplete, not compared",
    "stopped": "Stopped early, worse",
    "failed": "Failed",
    "cancelled": "Cancelled by a newer run, or withdrawn",
}
NO_WORKER = "No worker is running, so the evaluation waits; an administrator starts one with `formulary worker`."


@dataclass(frozen=True)
class RunLine:
    """One run in the list of all runs of a change, also failed and cancelled ones.

    ``live_answers`` is a sentence where the live version was not asked anew, else empty.
    """

    id: str
    number: int
    revision: int
    state: str
    state_words: str
    verdict: str | None
    failure: str | None
    done: int
    planned: int
    cost: str
    is_offline: bool
    queued_at: datetime
    concluded_at: datetime | None
    is_present: bool
    model: str = ""
    is_fallback: bool = False
    live_answers: str = ""


@dataclass(frozen=True)
class Progress:
    """How far the present run is. ``trouble`` says in a sentence why nothing moves, else None; ``estimate`` what was expected."""

    done: int
    planned: int
    words: str
    seconds_left: int | None
    trouble: str | None
    estimate: str = ""


def run_lines(session: Session, case: Case) -> tuple[RunLine, ...]:
    """Every run of the change, the newest first."""
    query = select(Run).where(Run.change_id == case.change.id).order_by(Run.number.desc())
    present = case.run.id if case.run else None
    return tuple(_run_line(session, run, run.id == present) for run in session.scalars(query))


def _run_line(session: Session, run: Run, is_present: bool) -> RunLine:
    recorded_on = recorded_day(session, run)
    return RunLine(
        id=run.id,
        number=run.number,
        revision=run.revision,
        state=run.state,
        state_words=STATE_WORDS[run.state],
        verdict=run.verdict,
        failure=run.failure,
        done=run.done_calls,
        planned=run.planned_calls,
        cost=amount(run.cost_microusd, "microusd"),
        is_offline=run.is_offline,
        queued_at=run.queued_at,
        concluded_at=run.concluded_at,
        is_present=is_present,
        model=run.candidate_model,
        is_fallback=run.purpose == FALLBACK,
        live_answers=f"Live answers recorded {recorded_on:%-d %B %Y}." if recorded_on else "",
    )


def progress_of(outside: Outside, run: Run) -> Progress:
    """How far this run is, and why nothing moves where nothing does. Asks the queue, so never within a transaction."""
    left = seconds_left(run.done_calls, run.planned_calls, run.started_at, outside.now())
    words = f"Calls {run.done_calls} of {run.planned_calls}"
    if left is not None:
        words += f", {words_left(left)}"
    trouble = run.failure or _trouble(outside)
    return Progress(run.done_calls, run.planned_calls, words, left, trouble, estimate_run(outside, run).words)


def seconds_left(done: int, planned: int, started_at: datetime | None, now: datetime) -> int | None:
    """How long the rest takes at the rate so far; None before there is a rate."""
    if started_at is None or done == 0 or now <= started_at:
        return None
    return round((planned - done) * (now - started_at).total_seconds() / done)


def words_left(seconds: int) -> str:
    """Time left as people say it."""
    if seconds < 60:
        return "less than a minute left"
    minutes = -(-seconds // 60)
    return f"about {minutes} minute{'s' if minutes != 1 else ''} left"


def _trouble(outside: Outside) -> str | None:
    """Why nothing moves: the queue does not answer, or nobody works."""
    try:
        return None if outside.queue.workers() else NO_WORKER
    except Unavailable as error:
        return error.sentence
