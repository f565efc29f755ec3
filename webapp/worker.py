"""The worker's door: RQ hands over a job's id, the job's row says the rest. A fault here is a state of the run, never silence.

What must not live here: what a job does (services).
"""

from __future__ import annotations

import functools
import gc
import logging
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from redis.exceptions import RedisError
from rq import SimpleWorker
from rq.serializers import JSONSerializer

from webapp.acts import jobs
from webapp.acts.runs import EVALUATION_JOB
from webapp.acts.standing import State, require_whole_log
from webapp.acts.watching import begin_watch
from webapp.adapters.outside import Outside
from webapp.adapters.queue import QUEUE_NAME, RedisQueue
from webapp.adapters.store.schema import Job
from webapp.assembly import build, require_prepared
from webapp.errors import FormularyError, Unavailable
from webapp.services import evaluation, exporting, retention, rollout

STOPPING = threading.Event()
MAINTENANCE_SECONDS = 30
BEAT_SECONDS = 5
RECONNECT_SECONDS = 2
GAVE_UP = "The worker ended {attempts} times in this run without getting on; run it again, and tell an administrator if it fails again."
BROKE_OFF = "The worker failed in this run ({fault}); run it again, and tell an administrator if it fails again."
log = logging.getLogger("formulary.worker")


def work_on(job_id: str) -> None:
    """The task that the queue names: this job is looked at by this process."""
    work_on_job(house(), job_id, is_stopping=STOPPING.is_set)


def work_on_job(outside: Outside, job_id: str, *, is_stopping: Callable[[], bool] = lambda: False) -> None:
    """The job is done, failed visibly, waits for another try, or is somebody else's; untouched while the log is not the one that was signed.

    A job under way is given back, as when the worker is to stop, within seconds of the log turning out to be another one.
    """
    try:
        require_whole_log(outside)
        watch = begin_watch(outside)
    except FormularyError as error:
        log.error("job %s waits: %s", job_id, error.sentence)
        return
    job = jobs.lease(outside, job_id)
    if job is None:
        return
    if job.attempts > jobs.MOST_ATTEMPTS:
        FAILING[job.kind](outside, job, GAVE_UP.format(attempts=jobs.MOST_ATTEMPTS))
        return
    try:
        KINDS[job.kind](outside, job, is_stopping=lambda: is_stopping() or watch.look().state is State.BROKEN)
    except Exception as error:  # noqa: BLE001 - the edge: whatever went wrong becomes a state that people see
        _take_note(outside, job, error)


KINDS: dict[str, Callable[..., None]] = {
    EVALUATION_JOB: evaluation.execute_run,
    exporting.EXPORT_JOB: exporting.execute_export,
    retention.ERASURE_JOB: retention.execute_erasure,
    rollout.PROBE_JOB: rollout.execute_probe,
}
FAILING: dict[str, Callable[[Outside, Job, str], None]] = {
    EVALUATION_JOB: evaluation.fail_run,
    exporting.EXPORT_JOB: exporting.fail_export,
    retention.ERASURE_JOB: retention.fail_erasure,
    rollout.PROBE_JOB: rollout.fail_probe,
}


def _take_note(outside: Outside, job: Job, error: Exception) -> None:
    """The job waits for another try, or has failed with its run after the last one. No text of a case reaches the log."""
    fault = error.sentence if isinstance(error, FormularyError) else type(error).__name__
    where = "".join(traceback.format_tb(error.__traceback__)[-3:])
    log.error("job %s: %s\n%s", job.id, type(error).__name__, where)
    try:
        if jobs.is_last_attempt(outside, job.id):
            FAILING[job.kind](outside, job, BROKE_OFF.format(fault=fault))
        else:
            jobs.put_back(outside, job.id, job.fence, fault)
    except Unavailable:
        log.error("job %s: the database does not answer; the sweeper takes it up when its lease is over", job.id)


@functools.cache
def house() -> Outside:
    """The outside world of this process, built once."""
    outside = build()
    require_prepared(outside)
    return outside


class _Worker(SimpleWorker):
    """RQ's worker without a child process, which tells the running job when it is asked to stop."""

    def request_stop(self, signum: Any, frame: Any) -> None:
        """The first signal gives the job back after its present batch; a second one ends at once."""
        STOPPING.set()
        super().request_stop(signum, frame)  # type: ignore[no-untyped-call]


def run_worker(*, is_burst: bool = False) -> None:
    """Jobs are worked on until the process is asked to stop; with ``is_burst`` until the queue is empty.

    What models and checks need is loaded meanwhile, so that the first run need not wait for it. Unavailable when the queue does
    not answer in a burst; otherwise it is tried again until it does. Conflict (``log_broken``) on a log that is not the one that was signed.
    """
    _leave_in_order()
    require_whole_log(house(), from_bytes=True)
    url = house().settings.redis_url
    if not is_burst:
        threading.Thread(target=make_ready, name="make-ready", daemon=True).start()
    while True:
        try:
            _work(url, is_burst=is_burst)
        except (RedisError, OSError) as error:
            if is_burst:
                raise Unavailable("The queue does not answer; start it, then the worker.") from error
            log.error("the queue does not answer; trying again")
        if is_burst or STOPPING.wait(RECONNECT_SECONDS):
            return


def make_ready() -> None:
    """What models and checks need is loaded; it stays for good, so the collector of garbage no longer looks through it."""
    house().models.make_ready()
    evaluation.make_checks_ready()
    gc.collect()
    gc.freeze()


def _leave_in_order() -> None:
    """A stop that comes before RQ listens for it ends the process as any other way out does: pages learn that it is gone."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))


def _work(url: str, *, is_burst: bool) -> None:
    queue = RedisQueue(url)
    worker = _Worker(
        [QUEUE_NAME], connection=queue.connection, serializer=JSONSerializer, maintenance_interval=MAINTENANCE_SECONDS
    )
    with _beating(RedisQueue(url), worker.name):
        worker.work(burst=is_burst, logging_level="WARNING")


@contextmanager
def _beating(queue: RedisQueue, name: str) -> Iterator[None]:
    """Pages see that this worker lives as long as the block runs."""
    is_over = threading.Event()

    def beat() -> None:
        """Says so every few seconds."""
        queue.say_alive(name)
        while not is_over.wait(BEAT_SECONDS):
            queue.say_alive(name)

    thread = threading.Thread(target=beat, name="beat", daemon=True)
    try:
        thread.start()
        yield
    finally:  # also when the stop comes while the thread starts
        is_over.set()
        if thread.ident is not None:
            thread.join(BEAT_SECONDS)
        queue.say_gone(name)
