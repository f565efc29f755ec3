"""How far a run is, in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from webapp.services.evaluation.progress import seconds_left, words_left

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def test_time_left_follows_the_rate_so_far() -> None:
    assert seconds_left(100, 400, START, START + timedelta(seconds=50)) == 150


@pytest.mark.parametrize(("done", "start"), [(0, START), (5, None)])
def test_without_a_rate_no_time_is_promised(done: int, start: datetime | None) -> None:
    assert seconds_left(done, 400, start, START + timedelta(seconds=50)) is None


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(5, "less than a minute left"), (60, "about 1 minute left"), (130, "about 3 minutes left")],
)
def test_time_left_is_said_in_whole_minutes(seconds: int, words: str) -> None:
    assert words_left(seconds) == words
