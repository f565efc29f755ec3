"""While the clock is moved, pages can be read and nothing is entered; set right again, work goes on by itself."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from tests.conftest import SilentQueue, Staff
from tests.stages import change_in
from tests.web.client import make_client, sign_in
from webapp.acts.jobs import ask_for
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Change, Job, Leaf, SessionRow
from webapp.errors import Unavailable
from webapp.scheduler import Sweeper, tick
from webapp.services.health import check_parts
from webapp.worker import work_on_job


@dataclass
class MovedClock:
    """How far somebody moved the clock."""

    step: timedelta = field(default_factory=timedelta)

    def __call__(self) -> timedelta:
        return self.step


@pytest.fixture
def moved() -> MovedClock:
    return MovedClock()


@pytest.fixture
def house(outside: Outside, staff: Staff, moved: MovedClock) -> Outside:
    assert staff.ids
    return replace(outside, clock_step=moved)


def entries(house: Outside) -> int:
    with house.database.reading() as session:
        return session.scalar(select(func.count()).select_from(Leaf)) or 0


@pytest.mark.parametrize("step", [timedelta(minutes=11), -timedelta(hours=3)])
def test_a_moved_clock_stops_entries_with_a_page_and_not_reading(
    house: Outside, staff: Staff, moved: MovedClock, step: timedelta
) -> None:
    client = make_client(house)
    sign_in(client, "quinn")
    before = entries(house)
    moved.step = step
    page = client.get("/ledger")
    assert page.status_code == 200
    assert "clock was moved" in page.get_data(as_text=True)
    stranger = make_client(house)
    answer = sign_in(stranger, "quinn")
    assert answer.status_code == 503
    for words in ("The clock was moved", "which time is right", "restart web, worker, scheduler"):
        assert words in answer.get_data(as_text=True)
    with pytest.raises(Unavailable):
        change_in(house, replace(staff, outside=house), "evaluation")
    assert entries(house) == before
    with house.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Change)) == 0, "nothing of the act was stored"
        assert session.scalar(select(func.count()).select_from(SessionRow)) == 1
    assert ("clock", "down") in [(part.name, part.state) for part in check_parts(house)]
    moved.step = timedelta(0)
    sign_in(stranger, "quinn")
    assert entries(house) == before + 1


def test_ten_minutes_stop_nobody(house: Outside, moved: MovedClock) -> None:
    moved.step = timedelta(minutes=10)
    client = make_client(house)
    sign_in(client, "quinn")
    assert "clock was moved" not in client.get("/ledger").get_data(as_text=True)


def test_an_application_that_calls_gets_the_code(house: Outside, moved: MovedClock) -> None:
    moved.step = timedelta(hours=1)
    assert "clock" in str(make_client(house).get("/readyz").get_json())


def test_worker_and_scheduler_wait_and_lose_no_try(house: Outside, moved: MovedClock) -> None:
    with house.database.writing() as session:
        job_id = ask_for(house, session, "export", "exp_none").id
    moved.step = timedelta(hours=1)
    work_on_job(house, job_id)
    tick(house, Sweeper(house))
    with house.database.reading() as session:
        job = session.get_one(Job, job_id)
        assert (job.state, job.attempts) == ("ready", 0)
    assert isinstance(house.queue, SilentQueue)
    assert house.queue.rung == []
