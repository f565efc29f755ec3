"""What was live at any moment: the page, the table of periods and a replay of the entries agree."""

from __future__ import annotations

import json
import random
from datetime import datetime, timedelta

from sqlalchemy import select

from tests import rollouts as r
from tests.conftest import Clock, Staff
from tests.stages import change_in
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Leaf, LivePeriod
from webapp.services import catalogue, live_at


def at(outside: Outside, staff: Staff, moment: datetime | None = None) -> live_at.PromptThen:
    (prompt,) = live_at.show_live_at(outside, staff.act_as("quinn"), moment).prompts
    return prompt


def replay(outside: Outside) -> list[tuple[datetime, str | None]]:
    """(moment, manifest) of every change of what is live, from the bytes of the entries alone."""
    with outside.database.reading() as session:
        contents = [json.loads(content) for content in session.scalars(select(Leaf.content).order_by(Leaf.seq))]
    return [
        (datetime.fromisoformat(one["ts"]), one["after"]["sha256"]) for one in contents if one["type"] == "release.live"
    ]


def a_long_life(outside: Outside, staff: Staff, clock: Clock) -> None:
    """Version 1.0, then 1.1, rolled back to 1.0, then that rolled back too: nothing; then 1.2."""
    clock.forward(days=2)
    first = r.live_first(outside, staff)
    clock.forward(days=1)
    second = r.started(outside, staff, r.DIRECT, **r.version("1.1"))
    clock.forward(hours=5)
    r.roll_back(outside, staff, second)
    clock.forward(days=3)
    r.roll_back(outside, staff, first)
    clock.forward(days=1)
    r.started(outside, staff, r.DIRECT, **r.version("1.2"))
    clock.forward(days=1)


def test_random_moments_agree_with_a_replay_of_the_log_and_with_the_periods(
    outside: Outside, staff: Staff, clock: Clock
) -> None:
    began = clock()
    a_long_life(outside, staff, clock)
    turns = replay(outside)
    assert [manifest is None for _, manifest in turns] == [False, False, False, True, False]
    chance = random.Random(7)
    span = int((clock() - began).total_seconds())
    moments = [began + timedelta(seconds=chance.randrange(span)) for _ in range(40)]
    for moment in [*moments, *(turn for turn, _ in turns), *(turn - timedelta(seconds=1) for turn, _ in turns)]:
        told = [manifest for turn, manifest in turns if turn <= moment]
        served = at(outside, staff, moment).served
        assert (served is not None) == bool(told)
        known = catalogue.show_live(outside, staff.act_as("quinn"), r.NAME, moment)["release"]
        assert (served.release_id if served else None) == (known["id"] if known else None)
        if served is not None:
            assert (served.manifest or None) == told[-1]
            assert served.agrees
            assert served.since <= moment
            assert served.until is None or moment < served.until


def test_before_anything_was_live_nothing_was_served(outside: Outside, staff: Staff, clock: Clock) -> None:
    before = clock()
    clock.forward(days=1)
    change_in(outside, staff, "review")
    assert not at(outside, staff, before).is_registered
    now = at(outside, staff)
    assert (now.is_registered, now.served) == (True, None)


def test_what_was_served_names_version_digests_and_who_signed(outside: Outside, staff: Staff, clock: Clock) -> None:
    change_id = r.live_first(outside, staff)
    served = at(outside, staff).served
    release = r.release_of(outside, change_id)
    assert served is not None
    assert (served.number, served.label, served.manifest) == (1, "1.0", release.manifest_sha256)
    assert [(one.name, one.meaning, one.valid) for one in served.signatures] == [
        ("Kim", "review", True),
        ("Osei", "approval", True),
    ]
    assert served.until is None


def test_a_limited_release_is_told_beside_what_everyone_is_served(outside: Outside, staff: Staff, clock: Clock) -> None:
    r.live_first(outside, staff)
    before = clock()
    clock.forward(hours=1)
    change_id = r.started(outside, staff, **r.version("1.1"))
    (partly,) = at(outside, staff).partly
    assert partly.words == "version 2 (1.1) for 30 % of encounters, step 1 of 2"
    clock.forward(hours=1)
    r.hold(outside, staff, change_id, "freeze")
    assert at(outside, staff).partly[0].words.endswith(", held")
    assert at(outside, staff, before).partly == ()
    clock.forward(hours=1)
    r.roll_back(outside, staff, change_id)
    assert at(outside, staff).partly == ()


def test_the_history_is_without_gaps_and_newest_first(outside: Outside, staff: Staff, clock: Clock) -> None:
    a_long_life(outside, staff, clock)
    periods = live_at.show_live_history(outside, staff.act_as("quinn"), r.NAME).periods
    assert [one.label for one in periods] == ["1.2", "", "1.0", "1.1", "1.0"]
    assert [one.until for one in periods[1:]] == [one.since for one in periods[:-1]]
    assert periods[0].until is None


def test_a_table_that_says_something_else_than_the_log_is_shown(outside: Outside, staff: Staff, clock: Clock) -> None:
    r.live_first(outside, staff)
    with outside.database.writing() as session:
        session.scalars(select(LivePeriod)).one().release_id = None
    served = at(outside, staff).served
    assert served is not None
    assert served.label == "1.0"
    assert not served.agrees
