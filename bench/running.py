"""What a run takes against an ideal client: real worker, real SQLite, litellm, a provider on this machine.

Ideal is the sum of all latencies divided by the calls that may be open at once: no client that keeps to 16 can be faster.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import func, select

from tests.conftest import Staff, make_outside
from tests.people import join
from tests.services.submissions import good, prompt_bytes, suite_bytes
from tests.stages import change_in
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Answer, Job, Release, Run
from webapp.assembly import prepare
from webapp.services.evaluation.asking import AT_ONCE
from webapp.services.submission import submit

ROOT = Path(__file__).resolve().parent.parent
MODEL = "stub-1"
PEOPLE = {"ada": ("author",), "kim": ("informaticist",), "osei": ("physician",)}


@dataclass(frozen=True)
class Provider:
    """The stub as a process."""

    port: int

    def totals(self) -> dict[str, float]:
        """What it gave so far."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/totals") as answer:
            return dict(json.load(answer))


@contextmanager
def provider(fault_share: float = 0.0) -> Iterator[Provider]:
    """The stub runs as long as the block."""
    command = [sys.executable, "-m", "bench.stub", str(fault_share)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield Provider(int(process.stdout.readline()))
    finally:
        process.kill()
        process.wait()


@dataclass(frozen=True)
class House:
    """A house whose only model is the stub, with one queued run."""

    outside: Outside
    folder: Path
    models_file: Path
    run_id: str
    job_id: str

    def start(self) -> subprocess.Popen[str]:
        """A worker process that works on the job."""
        environ = {name: value for name, value in os.environ.items() if not name.startswith("FORMULARY_")} | {
            "FORMULARY_VAR_DIR": str(self.folder),
            "FORMULARY_DATABASE_URL": self.outside.database.url,
            "FORMULARY_MODELS_FILE": str(self.models_file),
        }
        command = [sys.executable, "-m", "bench.one_job", self.job_id]
        return subprocess.Popen(command, cwd=ROOT, env=environ, stdout=subprocess.PIPE, text=True)

    def work(self) -> dict[str, float]:
        """The run is worked on to its end; what that took."""
        out, _ = self.start().communicate()
        return dict(json.loads(out.splitlines()[-1]))

    def run(self) -> Run:
        """The run as it stands."""
        with self.outside.database.reading() as session:
            return session.get_one(Run, self.run_id)

    def answers(self) -> tuple[int, int, int]:
        """How many answers are stored, how many of them are good, and what they cost together."""
        cost = func.coalesce(func.sum(Answer.cost_microusd), 0)
        query = select(func.count(), func.count().filter(Answer.error.is_(None)), cost)
        with self.outside.database.reading() as session:
            stored, good_ones, microusd = session.execute(query.where(Answer.run_id == self.run_id)).one()
        return stored, good_ones, microusd

    def let_the_lease_run_out(self) -> None:
        """The lease of a dead worker is over."""
        with self.outside.database.writing() as session:
            job = session.get_one(Job, self.job_id)
            job.lease_until = job.created_at


@contextmanager
def house(port: int, suite: bytes, repeats: int) -> Iterator[House]:
    """A house with a queued run of both arms over the suite."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        models_file = folder / "models.yaml"
        models_file.write_text(yaml.safe_dump({"models": [_model(port)]}), encoding="utf-8")
        outside = make_outside(folder, f"sqlite:///{folder}/bench.sqlite", models_file=models_file)
        prepare(outside)
        staff = Staff(outside, {person: join(outside, person, roles) for person, roles in PEOPLE.items()})
        run_id = _queue(outside, staff, suite, repeats)
        with outside.database.reading() as session:
            job_id = session.scalars(select(Job.id).where(Job.subject_id == run_id)).one()
        yield House(outside, folder, models_file, run_id, job_id)
        outside.database.close()


def _queue(outside: Outside, staff: Staff, suite: bytes, repeats: int) -> str:
    """A run of version 1.1 against 1.0 waits."""
    first, second = (_submission(label, suite) for label in ("1.0", "1.1"))
    change_in(outside, staff, "rollout", first)
    sent = submit(outside, staff.act_as("ada"), second)
    with outside.database.writing() as session:
        run = session.get_one(Run, sent.run_id)
        run.baseline_release_id = session.scalars(select(Release.id)).one()
        run.baseline_model, run.repeats = run.candidate_model, repeats
        run.planned_calls = run.planned_calls * 2 * repeats
    return sent.run_id


def _submission(label: str, suite: bytes) -> Any:
    words = f"You write clinical notes, version {label}.\n"
    prompt = prompt_bytes(version=label, model_compatibility=[MODEL], system_prompt=words)
    return good(prompt=prompt, suite=suite)


def _model(port: int) -> dict[str, Any]:
    price = {"valid_from": "2026-01-01", "input_microusd_per_million": 100_000, "output_microusd_per_million": 400_000}
    return {
        "name": MODEL,
        "provider": "stub",
        "litellm_name": f"openai/{MODEL}",
        "api_base": f"http://127.0.0.1:{port}/v1",
        "region": "here",
        "baa": True,
        "prices": [price],
        "rpm": 1_000_000,
        "tpm": 1_000_000_000,
        "timeout_seconds": 10,
    }


def compare_run_with_ideal(fault_share: float = 0.0) -> None:
    """Prints wall time over ideal and processor seconds per 1,000 calls of 500 cases, 3 repeats, 2 arms."""
    with provider(fault_share) as stub, house(stub.port, suite_bytes(500), 3) as one:
        took, totals = one.work(), stub.totals()
        run, (stored, good_ones, cost) = one.run(), one.answers()
    ideal = totals["seconds"] / AT_ONCE
    assert (run.done_calls, run.cost_microusd) == (stored, cost), "the totals of the run are not those of its rows"
    print(
        f"run of {stored} calls, {totals['faults']:.0f} faults met: {took['wall']:.1f} s, ideal {ideal:.1f} s, "
        f"ratio {took['wall'] / ideal:.2f} (bound 1.3); {took['cpu'] / stored * 1000:.1f} CPU s per 1,000 calls (bound 5); "
        f"{stored - good_ones} lost; {run.state}; worker ready in {took['start']:.1f} s, {took['mib']:.0f} MiB"
    )


def kill_in_the_middle(after: int = 1_200) -> None:
    """Prints how many of 3,000 calls were asked twice when the worker is killed (-9) once ``after`` answers are stored."""
    with provider() as stub, house(stub.port, suite_bytes(500), 3) as one:
        worker = one.start()
        while one.answers()[0] < after:
            time.sleep(0.01)
        worker.kill()
        worker.communicate()
        one.let_the_lease_run_out()
        one.work()
        totals, run, (stored, good_ones, cost) = stub.totals(), one.run(), one.answers()
    assert (run.done_calls, run.cost_microusd) == (stored, cost), "the totals of the run are not those of its rows"
    print(f"killed after {after} calls: {good_ones} of {stored} present, {totals['answers'] - stored:.0f} asked twice")


def measure_memory(cases: int = 10_000) -> None:
    """Prints the most memory that a worker takes with a test set of ``cases`` cases in both arms."""
    with provider() as stub, house(stub.port, suite_bytes(cases), 1) as one:
        took, run = one.work(), one.run()
    print(
        f"run of {cases} cases, {run.done_calls} calls: {took['mib']:.0f} MiB at most (bound 600); {run.state}; {took['wall']:.0f} s"
    )


def main() -> None:
    """All of them, one after the other."""
    compare_run_with_ideal()
    compare_run_with_ideal(fault_share=0.05)
    kill_in_the_middle()
    measure_memory()


if __name__ == "__main__":
    main()
