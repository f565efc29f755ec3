"""The scheduler's door: what has to happen by itself every few seconds. Each step is safe to repeat, and none stops another."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from webapp.acts.jobs import overdue
from webapp.acts.outbox import deliver_mail, deliver_outbox
from webapp.acts.refusals import enter_rests
from webapp.acts.sealing import seal_growth
from webapp.acts.standing import require_whole_log
from webapp.adapters.outside import Outside
from webapp.errors import Conflict, FormularyError, Unavailable
from webapp.services import evaluation, exporting, interactions, policy, rollout

TICK_SECONDS = 5
RING_AGAIN_SECONDS = 20
log = logging.getLogger("formulary.scheduler")


@dataclass
class Sweeper:
    """Rings again for jobs that wait or were left by a dead worker; not at every tick, so that the queue does not fill up."""

    outside: Outside
    rung: dict[str, datetime] = field(default_factory=dict)

    def sweep(self) -> int:
        """The bell rang for every overdue job; returns for how many. Unavailable when the queue does not answer."""
        now, waiting = self.outside.now(), overdue(self.outside)
        self.rung = {job: at for job, at in self.rung.items() if job in waiting}
        due = [job for job in waiting if self._is_due(job, now)]
        for job in due:
            self.outside.queue.ring(job)
            self.rung[job] = now
        return len(due)

    def _is_due(self, job: str, now: datetime) -> bool:
        last = self.rung.get(job)
        return last is None or now - last >= timedelta(seconds=RING_AGAIN_SECONDS)


def tick(outside: Outside, sweeper: Sweeper) -> None:
    """Messages have left, overdue jobs are rung for, evaluations that hold have moved on, running rollouts were looked at, models are
    probed when they are due, old exports removed.

    Nothing of it happens while the log is not the one that was signed.
    """
    try:
        require_whole_log(outside)
    except (Conflict, Unavailable) as error:
        log.error("%s", error.sentence)
        return
    for step in (
        lambda: deliver_outbox(outside),
        sweeper.sweep,
        lambda: policy.keep_policy_in_time(outside),
        lambda: evaluation.settle_all(outside),
        lambda: rollout.watch(outside),
        lambda: interactions.tell_all(outside),
        lambda: rollout.lapse_old_signatures(outside),
        lambda: rollout.ask_for_probe(outside),
        lambda: exporting.tidy(outside),
        lambda: enter_rests(outside),
        lambda: seal_growth(outside),
        lambda: deliver_mail(outside),
    ):
        _do(step)


def run_scheduler(outside: Outside, is_over: threading.Event, *, seconds: float = TICK_SECONDS) -> None:
    """Ticks until ``is_over`` is set; what fails in one tick is tried again in the next."""
    sweeper = Sweeper(outside)
    while not is_over.is_set():
        tick(outside, sweeper)
        is_over.wait(seconds)


def _do(step: Callable[[], object]) -> None:
    try:
        step()
    except Unavailable as error:
        log.warning("%s", error.sentence)
    except FormularyError as error:
        log.error("a step of the scheduler was refused: %s", error.code)
    except Exception as error:  # noqa: BLE001 - the edge: one broken step must not end the others
        log.error("a step of the scheduler failed: %s", type(error).__name__)
