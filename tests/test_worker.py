"""The worker as a process on a real Valkey: killed in mid-run, poisoned, without queue; nothing lost, nothing twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from tests.conftest import Clock, SilentQueue, Staff
from tests.services.evaluation.conftest import ScriptedModels, job_of, valkey
from tests.services.submissions import good, prompt_bytes, suite_bytes
from webapp.acts import jobs
from webapp.acts.outbox import deliver_outbox
from webapp.adapters.outside import Outside
from webapp.adapters.queue import RedisQueue
from webapp.adapters.store.schema import Answer, Job, Outbox, Run
from webapp.errors import Unavailable
from webapp.scheduler import RING_AGAIN_SECONDS, Sweeper, tick
from webapp.services.submission import Submitted, run_again, submit
from webapp.worker import work_on_job

__all__ = ["valkey"]
ROOT = Path(__file__).resolve().parent.parent
PATIENCE_SECONDS = 60
TEXT = "words of a patient"


def sent(house: Outside, staff: Staff, count: int = 40) -> Submitted:
    prompt = prompt_bytes(risk_class="administrative")
    return submit(
        house, staff.act_as("ada"), good(prompt=prompt, suite=suite_bytes(count), risk_class="administrative")
    )


def run_of(house: Outside, run_id: str) -> Run:
    with house.database.reading() as session:
        return session.get_one(Run, run_id)


def answers(house: Outside) -> int:
    with house.database.reading() as session:
        return session.scalar(select(func.count()).select_from(Answer)) or 0


def until(holds: Callable[[], bool]) -> None:
    """Waits for another process, which has its own time."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


@pytest.fixture
def queue(valkey: Any) -> Iterator[RedisQueue]:
    made = RedisQueue(f"redis://127.0.0.1:{valkey.port}/0")
    made.connection.flushall()
    yield made
    made.connection.close()


@pytest.fixture
def start(outside: Outside, queue: RedisQueue, valkey: Any, tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """Starts the real command in a process of its own; all that are left are ended."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("FORMULARY_")} | {
        "FORMULARY_VAR_DIR": str(tmp_path),
        "FORMULARY_DATABASE_URL": outside.database.url,
        "FORMULARY_REDIS_URL": f"redis://127.0.0.1:{valkey.port}/0",
    }
    children: list[subprocess.Popen[bytes]] = []

    def begin(*arguments: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "webapp.cli", "worker", *arguments]
        children.append(subprocess.Popen(command, env=environ, cwd=ROOT, stderr=subprocess.PIPE))
        return children[-1]

    yield begin
    for child in children:
        if child.poll() is None:
            child.kill()
        child.communicate()


def test_a_worker_finishes_what_waits_and_ends_in_a_burst(
    outside: Outside, staff: Staff, queue: RedisQueue, start: Callable[..., Any]
) -> None:
    house = replace(outside, queue=queue)
    change = sent(house, staff)
    assert deliver_outbox(house) == 1
    worker = start("--burst")
    assert worker.wait(PATIENCE_SECONDS) == 0, worker.stderr.read().decode()
    run = run_of(house, change.run_id)
    assert (run.state, run.done_calls, answers(house)) == ("complete", 40, 40)
    assert job_of(house, change.run_id).state == "done"


def test_a_killed_worker_loses_nothing_and_no_answer_comes_twice(
    outside: Outside, staff: Staff, clock: Clock, queue: RedisQueue, start: Callable[..., Any]
) -> None:
    house = replace(outside, queue=queue)
    change = sent(house, staff, count=600)
    deliver_outbox(house)
    worker = start()
    until(lambda: answers(house) > 0)
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait(PATIENCE_SECONDS)
    kept, broken_off = answers(house), run_of(house, change.run_id)
    assert 0 < kept < 600
    assert (broken_off.state, broken_off.done_calls) == ("running", kept)
    sweeper = Sweeper(house)
    let_the_lease_run_out(house, clock, change.run_id)
    assert sweeper.sweep() == 1
    start("--burst").wait(PATIENCE_SECONDS)
    run = run_of(house, change.run_id)
    assert (run.state, run.done_calls, answers(house)) == ("complete", 600, 600)


def let_the_lease_run_out(house: Outside, clock: Clock, run_id: str) -> None:
    """The lease of the dead worker is over, for us and for the next one, which has the real time."""
    with house.database.writing() as session:
        job = session.scalars(select(Job).where(Job.subject_id == run_id)).one()
        job.lease_until = job.created_at
    clock.forward(seconds=1)


def test_a_worker_that_is_asked_to_stop_gives_its_run_back(
    outside: Outside, staff: Staff, queue: RedisQueue, start: Callable[..., Any]
) -> None:
    house = replace(outside, queue=queue)
    change = sent(house, staff, count=600)
    deliver_outbox(house)
    worker = start()
    until(lambda: answers(house) > 0)
    worker.terminate()
    assert worker.wait(PATIENCE_SECONDS) == 0
    job = job_of(house, change.run_id)
    assert (job.state, run_of(house, change.run_id).state) == ("ready", "running")


def test_pages_know_whether_a_worker_lives(queue: RedisQueue, start: Callable[..., Any]) -> None:
    assert queue.workers() == 0
    worker = start()
    until(lambda: queue.workers() == 1)
    worker.terminate()
    worker.wait(PATIENCE_SECONDS)
    assert queue.workers() == 0


def test_a_queue_that_does_not_answer_is_said() -> None:
    silent = RedisQueue("redis://127.0.0.1:1/0")
    with pytest.raises(Unavailable, match="The queue does not answer"):
        silent.ring("job_1")
    with pytest.raises(Unavailable, match="The queue does not answer"):
        silent.workers()


def test_submitting_works_while_the_queue_is_down_and_the_run_goes_on_later(
    outside: Outside, staff: Staff, clock: Clock
) -> None:
    assert isinstance(outside.queue, SilentQueue)
    outside.queue.is_up = False
    change = sent(outside, staff)
    sweeper = Sweeper(outside)
    tick(outside, sweeper)
    assert outside.queue.rung == []
    with outside.database.reading() as session:
        assert session.scalars(select(Outbox.sent_at)).all() == [None]
    outside.queue.is_up = True
    tick(outside, sweeper)
    assert set(outside.queue.rung) == {job_of(outside, change.run_id).id}


def test_the_sweeper_rings_again_but_not_at_every_tick(outside: Outside, staff: Staff, clock: Clock) -> None:
    assert isinstance(outside.queue, SilentQueue)
    sent(outside, staff)
    sweeper = Sweeper(outside)
    assert [sweeper.sweep() for _ in range(3)] == [1, 0, 0]
    clock.forward(seconds=RING_AGAIN_SECONDS)
    assert sweeper.sweep() == 1


class Worse(BaseException):
    """What a worker does not survive."""


def test_a_run_that_kills_its_workers_fails_visibly_and_can_be_run_again(
    outside: Outside, staff: Staff, clock: Clock
) -> None:
    models = ScriptedModels(outside.models, say=die)
    house = replace(outside, models=models)  # type: ignore[arg-type]
    change = sent(house, staff)
    job_id = job_of(house, change.run_id).id
    for _ in range(jobs.MOST_ATTEMPTS):
        with pytest.raises(Worse):
            work_on_job(house, job_id)
        assert run_of(house, change.run_id).state == "running"
        clock.forward(seconds=jobs.LEASE_SECONDS + 1)
    work_on_job(house, job_id)
    run = run_of(house, change.run_id)
    assert (run.state, job_of(house, change.run_id).state) == ("failed", "failed")
    assert "ended 5 times in this run without getting on" in (run.failure or "")
    run_again(house, staff.act_as("ada"), change.change_id, change.digest)
    models.say = lambda call: "500 mg"
    newest = next(row for row in all_runs(house) if row.state == "queued")
    work_on_job(house, job_of(house, newest.id).id)
    assert run_of(house, newest.id).state == "complete"


def die(call: object) -> str:
    raise Worse


def all_runs(house: Outside) -> list[Run]:
    with house.database.reading() as session:
        return list(session.scalars(select(Run).order_by(Run.number)))


def test_a_fault_is_tried_again_and_then_fails_with_a_sentence(
    outside: Outside, staff: Staff, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    def stumble(call: object) -> str:
        raise KeyError(TEXT)

    house = replace(outside, models=ScriptedModels(outside.models, say=stumble))  # type: ignore[arg-type]
    change = sent(house, staff)
    job_id = job_of(house, change.run_id).id
    for _ in range(jobs.MOST_ATTEMPTS):
        work_on_job(house, job_id)
        clock.forward(minutes=5)
    run = run_of(house, change.run_id)
    assert (run.state, job_of(house, change.run_id).state) == ("failed", "failed")
    assert "The worker failed in this run (KeyError)" in (run.failure or "")
    assert TEXT not in caplog.text


def test_a_job_that_is_done_is_not_worked_on_again(outside: Outside, staff: Staff) -> None:
    models = ScriptedModels(outside.models, say=lambda call: "500 mg")
    house = replace(outside, models=models)  # type: ignore[arg-type]
    change = sent(house, staff)
    job_id = job_of(house, change.run_id).id
    work_on_job(house, job_id)
    work_on_job(house, job_id)
    work_on_job(house, "job_unknown")
    assert len(models.calls) == 40


def test_one_broken_step_of_the_scheduler_does_not_end_the_others(
    outside: Outside, staff: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_off(_house: Outside) -> int:
        raise RuntimeError

    assert isinstance(outside.queue, SilentQueue)
    monkeypatch.setattr("webapp.scheduler.deliver_outbox", break_off)
    sent(outside, staff)
    tick(outside, Sweeper(outside))
    assert len(outside.queue.rung) == 1
