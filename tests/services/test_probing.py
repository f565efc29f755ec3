"""The daily probe of models, and roll backs that lead only to a version whose model still answers."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import pytest

from tests import rollouts as r
from tests.conftest import Clock, Staff
from webapp.acts import jobs
from webapp.adapters.llm.calls import CallFailed, Completion, FailureCode, ModelCall
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import ModelProbe
from webapp.services import rollout
from webapp.services.rollout import ask_for_probe, show_rollout
from webapp.worker import work_on_job


@dataclass
class Vendor:
    """Models that answer, or fail with ``code``; every question is kept."""

    real: Any
    code: FailureCode | None = None
    retired: bool = False
    asked: list[ModelCall] = field(default_factory=list)

    def fact(self, name: str) -> Any:
        return next(fact for fact in self.facts() if fact.name == name)

    def facts(self) -> Any:
        day = date(2026, 3, 1) if self.retired else None
        return tuple(replace(fact, retired=self.retired, retires_on=day) for fact in self.real.facts())

    async def complete(self, call: ModelCall) -> Completion:
        self.asked.append(call)
        if self.code is not None:
            raise CallFailed(self.code, "The model gave no answer.", attempts=1)
        return Completion("yes", call.model, "offline", "stop", 1, 1, 7, None, 1)


@pytest.fixture
def vendor(outside: Outside) -> Vendor:
    return Vendor(outside.models)


@pytest.fixture
def house(outside: Outside, vendor: Vendor) -> Outside:
    return replace(outside, models=vendor)  # type: ignore[arg-type]


def probe(house: Outside) -> bool:
    """Scheduler and worker have done what was due; was anything?"""
    is_due = ask_for_probe(house)
    for job_id in jobs.overdue(house):
        work_on_job(house, job_id)
    return is_due


def kept(house: Outside) -> ModelProbe:
    with house.database.reading() as session:
        return session.query(ModelProbe).one()


def test_each_model_is_asked_once_a_day_and_told_nothing(
    house: Outside, staff: Staff, vendor: Vendor, clock: Clock
) -> None:
    assert not probe(house), "nothing is live yet"
    r.live_first(house, staff)
    vendor.asked.clear()
    assert probe(house)
    assert [call.messages for call in vendor.asked] == [(("user", "Answer with the word yes."),)]
    clock.forward(hours=23)
    assert not probe(house)
    clock.forward(hours=2)
    assert probe(house)
    assert len(vendor.asked) == 2
    assert kept(house).is_answering


def test_a_model_counts_as_gone_after_two_failures_and_answers_again_after_one_answer(
    house: Outside, staff: Staff, vendor: Vendor, clock: Clock
) -> None:
    r.live_first(house, staff)
    vendor.code = "timeout"
    assert probe(house)
    assert kept(house).is_answering, "one failure may pass"
    assert not probe(house), "not before an hour is over"
    clock.forward(hours=1)
    assert probe(house)
    assert not kept(house).is_answering
    vendor.code = None
    clock.forward(hours=1)
    assert probe(house)
    assert (kept(house).is_answering, kept(house).failing_since) == (True, None)


@pytest.mark.parametrize("code", ["no_key", "auth", "rate_limited", "over_budget", "forbidden_region"])
def test_what_is_wrong_on_our_side_says_nothing_of_the_model(
    house: Outside, staff: Staff, vendor: Vendor, clock: Clock, code: FailureCode
) -> None:
    r.live_first(house, staff)
    vendor.code = code
    for _ in range(3):
        assert probe(house)
        clock.forward(hours=24)
    assert (kept(house).is_answering, kept(house).failure) == (True, code)


def test_a_roll_back_of_what_everyone_has_leads_to_no_version_whose_model_is_gone(
    house: Outside, staff: Staff, vendor: Vendor, clock: Clock
) -> None:
    change = r.second(house, staff, {"steps": [{"kind": "direct", "share_basis_points": 10_000}]})
    shown = show_rollout(house, staff.act_as("kim"), change)
    assert (shown.returns_to, shown.returns_fault) == ("1.0", None)
    vendor.retired = True
    shown = show_rollout(house, staff.act_as("kim"), change)
    assert shown.returns_to is None
    assert shown.returns_fault is not None
    assert "was retired by its vendor on 1 March 2026" in shown.returns_fault
    rollout.roll_back(house, staff.act_as("kim"), change, shown.change.digest, "Doses are doubled.", r.PASSWORD)
    shown = show_rollout(house, staff.act_as("kim"), change)
    assert (shown.live_label, shown.state) == (None, "rolled_back")


def test_the_page_says_since_when_the_model_of_the_live_version_does_not_answer(
    house: Outside, staff: Staff, vendor: Vendor, clock: Clock
) -> None:
    change = r.second(house, staff)
    vendor.code = "server_error"
    probe(house)
    since = clock.at
    clock.forward(hours=1)
    probe(house)
    shown = show_rollout(house, staff.act_as("kim"), change)
    assert shown.returns_to == "1.0"
    assert shown.returns_fault is not None
    assert f"has not answered since {since:%-d %B %Y %H:%M} UTC" in shown.returns_fault
