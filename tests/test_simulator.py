"""The simulator: known harm goes through the real engine, and the story says what the engine did."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from webapp.adapters.chance import draw
from webapp.adapters.notary.book import Book
from webapp.adapters.notary.client import Notary
from webapp.adapters.notary.desk import answer
from webapp.adapters.store.database import Database
from webapp.cli import group
from webapp.cli.simulate import simulate
from webapp.demo.story import Story, StoryClock
from webapp.demo.story_notary import MAKING
from webapp.domain.guardrails import TABLE
from webapp.domain.plan import Plan, read_plan
from webapp.domain.verdict import Verdict
from webapp.errors import InvalidInput
from webapp.simulator import house as houses
from webapp.simulator.course import Course, course_of
from webapp.simulator.house import FIRST_DAY, House, throwaway_house
from webapp.simulator.many import COMPLETED, STOPPED, rates, run_quickly
from webapp.simulator.telling import Told, tell

PLAN: dict[str, Any] = {
    "steps": [
        {"kind": "shadow", "share_basis_points": 10_000, "bake_seconds": 0, "min_units": 80},
        {
            "kind": "canary",
            "share_basis_points": 5_000,
            "bake_seconds": 172_800,
            "min_units": 80,
            "silence_seconds": 43_200,
        },
        {"kind": "direct", "bake_seconds": 0, "min_units": 80},
    ]
}


def course(
    harm_live: float, harm_new: float, fault: str | None = None, sign: str = "failed-calls", **changed: Any
) -> Course:
    plan = read_plan({**PLAN, **changed})
    return course_of(harm_live, harm_new, 200, plan, 3, sign, fault, 12)


CANARY: dict[str, Any] = {"steps": PLAN["steps"][1:]}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], House]]:
    """Copies of one throwaway house, whose signed plan has a limited release and everyone."""
    with throwaway_house(0, read_plan(CANARY)) as house:
        yield lambda: copy_of(house, tmp_path_factory.mktemp("house"))


def copy_of(house: House, folder: Path) -> House:
    """The same house in another folder."""
    old = house.story.outside
    shutil.copytree(old.settings.var_dir, folder, dirs_exist_ok=True)
    settings = replace(old.settings, var_dir=folder, database_url=f"sqlite:///{folder / 'formulary.sqlite'}")
    book = Book(folder / MAKING, settings.log_origin, draw)
    outside = replace(
        old,
        settings=settings,
        database=Database(settings.database_url),
        notary=Notary(lambda question: answer(book, question)),
        now=StoryClock(FIRST_DAY),
    )
    assert isinstance(outside.now, StoryClock)
    return replace(house, story=Story(outside, outside.now, house.story.token_id))


def told(made: Callable[[], House], asked: Course) -> Told:
    house = made()
    try:
        return tell(house, asked, lambda _day: None)
    finally:
        house.story.outside.database.close()


def moves(found: Told) -> list[str]:
    return [f"{event.who} {event.move}" for day in found.days for event in day.events]


def test_harm_is_stopped_and_everyone_is_back_on_the_live_version(made: Callable[[], House]) -> None:
    found = told(made, course(0.04, 0.4, **CANARY))
    assert moves(found) == ["watch pause", "watch roll_back"]
    assert found.outcome == "rolled_back"
    assert found.rules == ["Safety limit failed: calls that failed", "The pause is over its longest time of 4 hours"]
    (pause,) = (event for day in found.days for event in day.events if event.move == "pause")
    assert pause.limits[0].verdict is Verdict.FAIL
    assert 0 < found.harmed < found.saw < 150
    assert found.back_to_live > 100


def test_a_harmless_version_gets_to_everyone(made: Callable[[], House]) -> None:
    found = told(made, course(0.01, 0.01, **CANARY))
    assert moves(found) == ["informaticist advance", "informaticist complete"]
    assert (found.outcome, found.back_to_live) == ("complete", 0)


def test_silent_applications_pause_and_roll_back(made: Callable[[], House]) -> None:
    found = told(made, course(0.04, 0.04, "missing_telemetry", **CANARY))
    assert found.outcome == "rolled_back"
    assert found.rules[0].startswith("No application has reported for")


def test_without_a_scheduler_everyone_gets_the_live_version(made: Callable[[], House]) -> None:
    found = told(made, course(0.04, 0.04, "dead_scheduler", **CANARY))
    assert found.outcome == "running"
    assert [day.saw > 0 for day in found.days] == [True, True, False, False, False]


def test_the_command_tells_wrong_shares_as_a_document(
    made: Callable[[], House], monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def ready(_seed: int, _plan: Plan) -> Iterator[House]:
        yield made()

    monkeypatch.setattr(houses, "throwaway_house", ready)
    done = CliRunner().invoke(simulate, ["--wrong-shares", "--harm-candidate", "4 %", "--days", "9", "--json"])
    assert done.exit_code == 0, done.output
    document = json.loads(done.stdout)
    assert document["outcome"]["rules"][0] == "Units do not reach the new version with the planned share"
    assert document["days"][0]["limits"][0]["limit"] == "errors"


# -- many at once


def test_many_rollouts_by_the_shipped_plan_stop_harm_and_let_the_harmless_through() -> None:
    done = CliRunner().invoke(simulate, ["--repeat", "10", "--json"])
    found = json.loads(done.stdout)["rates"]
    assert found["harmless"]["completed"] == found["harmful"]["stopped"] == 10
    assert found["harmful"]["median_saw_new_until_stop"] < 250


@pytest.mark.parametrize(
    ("sign", "rule"),
    [
        ("thrown-away", "rejections"),
        ("problem-reports", "harm_reports"),
        ("failed-checks", "checks"),
        ("unsafe-answers", "unsafe_flags"),
        ("low-ratings", "quality"),
    ],
)
def test_harm_is_seen_by_the_limit_that_watches_its_sign(sign: str, rule: str) -> None:
    end = run_quickly(course(0.0, 0.3, sign=sign))
    assert (end.outcome, end.rule) == (STOPPED, f"Safety limit failed: {TABLE[rule].subject}")


def test_a_silent_run_shows_the_new_version_to_nobody() -> None:
    assert run_quickly(course(0.0, 0.5)).saw == 0
    assert run_quickly(course(0.0, 0.0)).outcome == COMPLETED
    assert rates(course(0.1, 0.0), 2, lambda _done: None).keys() == {"harmless"}


def test_many_rollouts_know_no_silence() -> None:
    with pytest.raises(InvalidInput, match="--repeat"):
        run_quickly(course(0.0, 0.0, "missing_telemetry"))


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (["--harm-live", "140%"], "140% is no share of encounters"),
        (["--harm-candidate", "much"], "much is no share of encounters"),
        (["--encounters-per-day", "0"], "whole number from 1 to 5,000"),
        (["--days", "400"], "Days are a whole number from 1 to 366"),
        (["--seed", "-1"], "The seed is a whole number from 0"),
        (["--plan", "no-such-plan.yaml"], "There is no plan no-such-plan.yaml"),
        (["--plan", "pyproject.toml"], "is not YAML"),
        (["--wrong-shares", "--dead-scheduler"], "One fault at a time"),
        (["--repeat", "0"], "Repeat a whole number of times"),
        (["--repeat", "2", "--dead-scheduler"], "leave out --repeat"),
    ],
)
def test_what_cannot_be_simulated_is_said_in_a_sentence(given: list[str], sentence: str) -> None:
    done = CliRunner().invoke(group, ["simulate", *given])
    assert isinstance(done.exception, InvalidInput), done.output
    assert sentence in done.exception.sentence
